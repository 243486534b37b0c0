import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.matching.markets import best_total_of_scipy, check_matching, random_market, small_markets

from techflow.basics import InvalidInput
from techflow.matching import build_market
from techflow.matching.best import add_firm, match_best
from techflow.matching.exchange import dual_bound, total_value


def with_places(market, places):
    gains = market.firm_gain_fen / 100, market.provider_gain_fen / 100
    firm, product = market.firm, market.product.astype(np.int64)
    return build_market(firm, product, gains, firms_n=market.firms_n, places_n=places)


@settings(deadline=None)  # the first call compiles
@given(small_markets())
def test_best_total_is_that_of_scipy(market):
    found = match_best(market)
    check_matching(market, found.choice)
    assert found.total_fen == best_total_of_scipy(market) == found.bound_fen
    assert found.total_fen == total_value(found.arcs, found.choice)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("tight", [0.3, 1.0, 2.0])
def test_best_total_of_a_larger_market_is_that_of_scipy(seed, tight):
    market = random_market(seed, firms_n=300, products_n=12, arcs_n=6, tight=tight)
    found = match_best(market)
    check_matching(market, found.choice)
    assert found.total_fen == best_total_of_scipy(market) == found.bound_fen


@settings(deadline=None)  # the first call compiles
@given(small_markets())
def test_a_price_is_what_one_more_place_adds(market):
    found = match_best(market)
    for j, price in enumerate(found.price_fen):
        more = market.places_n.copy()
        more[j] += 1
        assert best_total_of_scipy(with_places(market, more)) - found.total_fen == price


@settings(deadline=None)  # the first call compiles
@given(small_markets(), st.lists(st.integers(0, 2000), min_size=4, max_size=4))
def test_no_prices_bound_the_total_from_below(market, prices):
    found = match_best(market)
    price = np.array(prices[: len(market.places_n)])
    assert dual_bound(found.arcs, market.places_n, price) >= found.total_fen


@settings(deadline=None)  # the first call compiles
@given(small_markets(), st.integers(0, 900), st.integers(1, 2))
def test_one_more_product_never_lowers_the_total(market, value, places):
    firm = np.append(market.firm, np.arange(market.firms_n))
    new = np.full(market.firms_n, len(market.places_n))
    product = np.append(market.product.astype(np.int64), new)
    gains = tuple(
        np.append(gain / 100, np.full(market.firms_n, value / 100))
        for gain in (market.firm_gain_fen, market.provider_gain_fen)
    )
    wider = build_market(
        firm,
        product,
        gains,
        firms_n=market.firms_n,
        places_n=np.append(market.places_n, places),
    )
    assert match_best(wider).total_fen >= match_best(market).total_fen


def split_last(market):
    """The market without its last firm, and the arcs of that firm."""
    cut = market.start[-2]
    gains = market.firm_gain_fen[:cut] / 100, market.provider_gain_fen[:cut] / 100
    firm, product = market.firm[:cut], market.product[:cut].astype(np.int64)
    places = market.places_n
    smaller = build_market(firm, product, gains, firms_n=market.firms_n - 1, places_n=places)
    value = (market.firm_gain_fen + market.provider_gain_fen)[cut:]
    return smaller, market.product[cut:].astype(np.int64), value


@settings(deadline=None)  # the first call compiles
@given(small_markets())
def test_one_firm_more_gives_the_best_of_the_larger_market(market):
    smaller, product, value = split_last(market)
    before = match_best(smaller)
    kept = before.choice.copy(), before.price_fen.copy(), before.moves.gain.copy()
    found = add_firm(before, product, value)
    check_matching(market, found.choice)
    assert found.total_fen == best_total_of_scipy(market) == found.bound_fen
    assert (found.price_fen == match_best(market).price_fen).all()
    now = before.choice, before.price_fen, before.moves.gain
    assert all((a == b).all() for a, b in zip(kept, now, strict=True))


def test_firms_added_one_by_one_give_the_best_total():
    market = random_market(3, firms_n=120, products_n=8, arcs_n=4, tight=0.7)
    value = market.firm_gain_fen + market.provider_gain_fen
    none = np.zeros(0, dtype=np.int64)
    nothing = np.zeros(0), np.zeros(0)
    found = match_best(build_market(none, none, nothing, firms_n=0, places_n=market.places_n))
    for i in range(market.firms_n):
        own = slice(market.start[i], market.start[i + 1])
        found = add_firm(found, market.product[own].astype(np.int64), value[own])
    check_matching(market, found.choice)
    assert found.total_fen == best_total_of_scipy(market) == found.bound_fen


def test_order_of_firms_changes_nothing_but_ties():
    market = random_market(5, firms_n=200, products_n=9, arcs_n=5, tight=0.6)
    order = np.random.default_rng(1).permutation(200)
    place = np.argsort(order)
    gains = market.firm_gain_fen / 100, market.provider_gain_fen / 100
    product = market.product.astype(np.int64)
    other = build_market(place[market.firm], product, gains, firms_n=200, places_n=market.places_n)
    assert (match_best(other).choice == match_best(market).choice[order]).all()


ONE = np.array([0])


def test_wrong_markets_are_refused():
    def build(firm=ONE, product=ONE, gain=(1.0,), places=(1,)):
        gains = np.array(gain), np.array(gain)
        return build_market(firm, product, gains, firms_n=1, places_n=np.array(places))

    build()
    with pytest.raises(InvalidInput, match="at least 1; got 0 for product 1"):
        build(places=(1, 0))
    with pytest.raises(InvalidInput, match="at least one product"):
        build(places=())
    with pytest.raises(InvalidInput, match=r"product must lie in \[0, 1\); got min 4"):
        build(product=np.array([4]))
    with pytest.raises(InvalidInput, match="got nan"):
        build(gain=(np.nan,))
    with pytest.raises(InvalidInput, match="comes twice"):
        build(firm=np.array([0, 0]), product=np.array([0, 0]), gain=(1.0, 2.0))
    with pytest.raises(InvalidInput, match="got one twice"):
        add_firm(match_best(build()), np.array([0, 0]), np.array([1, 2]))
