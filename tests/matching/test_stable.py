import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.matching.markets import check_matching, random_market, small_markets

from techflow.basics import InvalidInput
from techflow.matching.best import match_best
from techflow.matching.exchange import total_value
from techflow.matching.stable import keep_places, match_fair, match_stable


def order(market):
    """Wishes of firms and standing with products, as dictionaries: ties go to the earlier."""
    arcs = list(zip(market.firm.tolist(), market.product.tolist(), strict=True))
    wish = dict(zip(arcs, market.firm_gain_fen.tolist(), strict=True))
    rank = dict(zip(arcs, market.provider_gain_fen.tolist(), strict=True))
    return (
        {(i, j): (gain, -j) for (i, j), gain in wish.items()},
        {(i, j): (gain, -i) for (i, j), gain in rank.items()},
    )


def blocking_pairs(market, choice):
    """Firm and product that would both rather have each other, by definition."""
    wish, rank = order(market)
    found = []
    for i, j in wish:
        own = choice[i]
        if own == j or (own >= 0 and wish[i, own] > wish[i, j]):
            continue
        held = np.flatnonzero(choice == j).tolist()
        free = len(held) < market.places_n[j]
        if free or min(rank[k, j] for k in held) < rank[i, j]:
            found.append((i, j))
    return found


def all_choices(market):
    """Every matching within the quotas."""
    mine = [
        [-1, *market.product[market.start[i] : market.start[i + 1]].tolist()]
        for i in range(market.firms_n)
    ]
    for row in np.array(np.meshgrid(*mine)).reshape(market.firms_n, -1).T:
        taken = np.bincount(row[row >= 0], minlength=len(market.places_n))
        if (taken <= market.places_n).all():
            yield row


@settings(deadline=None)  # the first call compiles
@given(small_markets())
def test_no_pair_blocks(market):
    choice = match_stable(market)
    check_matching(market, choice)
    assert not blocking_pairs(market, choice)


@settings(deadline=None, max_examples=20)
@given(small_markets(firms_max=4, products_max=3))
def test_no_stable_matching_is_better_for_any_firm(market):
    choice = match_stable(market)
    wish, _ = order(market)
    nothing = (-(10**9), 0)
    for other in all_choices(market):
        if not blocking_pairs(market, other):
            for i in range(market.firms_n):
                theirs = wish.get((i, other[i]), nothing)
                assert wish.get((i, choice[i]), nothing) >= theirs


@settings(deadline=None)
@given(small_markets(low=0))
def test_stable_total_is_at_most_the_best(market):
    best = match_best(market)
    assert total_value(best.arcs, match_stable(market)) <= best.bound_fen


def wronged(market, choice, group, kept_n):
    """Firms with a claim that was not heard, by the definition of `match_fair`."""
    wish, rank = order(market)
    found = []
    for i, j in wish:
        own = choice[i]
        if own == j or (own >= 0 and wish[i, own] > wish[i, j]):
            continue
        held = np.flatnonzero(choice == j)
        by_group = np.bincount(group[held], minlength=kept_n.shape[1])
        below = by_group[group[i]] < kept_n[j, group[i]]
        beaten = [
            k
            for k in held.tolist()
            if rank[k, j] < rank[i, j]
            and (group[k] == group[i] or by_group[group[k]] > kept_n[j, group[k]])
        ]
        if len(held) < market.places_n[j] or below or beaten:
            found.append((i, j))
    return found


@settings(deadline=None)
@given(small_markets(), st.lists(st.integers(0, 2), min_size=7, max_size=7))
def test_no_claim_of_a_group_goes_unheard(market, groups):
    group = np.array(groups[: market.firms_n])
    kept = keep_places(market, group, 3)
    choice = match_fair(market, group, kept)
    check_matching(market, choice)
    assert not wronged(market, choice, group, kept)


@pytest.mark.parametrize("seed", range(3))
def test_larger_markets_are_stable_and_fair(seed):
    market = random_market(seed, firms_n=300, products_n=10, arcs_n=5, tight=0.7)
    assert not blocking_pairs(market, match_stable(market))
    group = np.random.default_rng(seed).integers(0, 4, 300)
    kept = keep_places(market, group, 4)
    choice = match_fair(market, group, kept)
    check_matching(market, choice)
    assert not wronged(market, choice, group, kept)


@settings(deadline=None)
@given(small_markets())
def test_nothing_kept_is_the_plain_stable_matching(market):
    none = np.zeros((len(market.places_n), 1), dtype=np.int64)
    group = np.zeros(market.firms_n, dtype=np.int64)
    assert (match_fair(market, group, none) == match_stable(market)).all()


@given(small_markets(), st.lists(st.integers(0, 2), min_size=7, max_size=7))
def test_kept_places_are_within_one_of_proportion(market, groups):
    group = np.array(groups[: market.firms_n])
    kept = keep_places(market, group, 3)
    for j, places in enumerate(market.places_n):
        asking = np.bincount(group[market.firm[market.product == j]], minlength=3)
        assert kept[j].sum() == (places if asking.sum() else 0)
        if asking.sum():
            assert (np.abs(kept[j] - places * asking / asking.sum()) < 1).all()


def test_wrong_groups_are_refused():
    market = random_market(1, firms_n=5, products_n=2, arcs_n=1, tight=1.0)
    with pytest.raises(InvalidInput, match="group must lie"):
        match_fair(market, np.full(5, 2), np.zeros((2, 2), dtype=np.int64))
    with pytest.raises(InvalidInput, match="at most places_n"):
        match_fair(market, np.zeros(5, dtype=np.int64), np.full((2, 1), 99))
    with pytest.raises(InvalidInput, match="at most 1,000 groups"):
        keep_places(market, np.zeros(5, dtype=np.int64), 1001)
