"""The sequential split: by hand, by properties, and kernel against plain Python."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.pool.books import YEARS_N, books, rules_of, schemes
from tests.pool.demo import demo, number

from techflow.basics import InvalidInput
from techflow.pool.apportion import apportion, recover
from techflow.pool.book import NO_CAP, Events, Loans, build_rules
from techflow.pool.kernel import make_scratch, reset, run_events, split_stream
from techflow.pool.numbers import FEN_MOST, PPM
from techflow.pool.recoveries import _divide
from techflow.pool.stream import split_stream_plain

SPLITS = [split_stream, split_stream_plain]
BOTH = pytest.mark.parametrize("split", SPLITS, ids=["kernel", "plain"])
amounts = st.integers(0, FEN_MOST)


def hamilton(amount, weights):
    """Largest remainder in fractions, from the definition."""
    exact = [Fraction(amount * weight, sum(weights)) for weight in weights]
    parts = [int(part) for part in exact]
    for _ in range(amount - sum(parts)):
        short = [part - given for part, given in zip(exact, parts, strict=True)]
        parts[short.index(max(short))] += 1
    return parts


@given(amounts, st.lists(st.integers(0, PPM), min_size=1, max_size=6).filter(any))
def test_apportion_is_hamiltons_method(amount, weights):
    parts = apportion(amount, weights)
    assert sum(parts) == amount
    assert parts == hamilton(amount, weights)


def test_apportion_refuses_what_cannot_be_shared():
    for amount, weights in ((-1, [1]), (1, [0, 0]), (1, [2, -1])):
        with pytest.raises(InvalidInput, match="must be 0 or more"):
            apportion(amount, weights)


@given(amounts, st.data())
def test_long_division_is_exact(a, data):
    c = data.draw(st.integers(1, FEN_MOST))
    b = data.draw(st.integers(0, c))
    assert _divide(a, b, c) == divmod(a * b, c)


@given(amounts, st.lists(amounts, min_size=3, max_size=3), st.permutations([0, 0, 1]))
def test_a_recovery_makes_earlier_ranks_whole_first(amount, still, ranks):
    got = recover(amount, still, ranks)
    assert sum(got) == min(amount, sum(still))
    assert all(0 <= back <= borne for back, borne in zip(got, still, strict=True))
    first = sum(back for back, rank in zip(got, ranks, strict=True) if rank == 0)
    assert first == min(amount, sum(b for b, r in zip(still, ranks, strict=True) if r == 0))


@settings(deadline=None, max_examples=66)  # the first call compiles
@given(schemes(), books())
def test_kernel_gives_the_answers_of_plain_python(scheme, book):
    loans, filed, events = book
    rules = rules_of(scheme, loans, filed)
    fast, plain = split_stream(loans, events, rules), split_stream_plain(loans, events, rules)
    for own, other in zip(fast, plain, strict=True):
        np.testing.assert_array_equal(own, other)


@settings(deadline=None)
@given(schemes(), books())
def test_what_holds_of_every_stream(scheme, book):
    loans, filed, events = book
    rules = rules_of(scheme, loans, filed)
    flows = split_stream(loans, events, rules)
    claims = events.claim < 0
    assert (flows.paid_fen >= 0).all()
    np.testing.assert_array_equal(
        flows.paid_fen.sum(axis=1) + flows.unplaced_fen, events.amount_fen
    )
    assert (flows.unplaced_fen[claims] == 0).all()
    back = np.zeros_like(flows.paid_fen)
    np.add.at(back, events.claim[~claims], flows.paid_fen[~claims])
    assert (back <= flows.paid_fen).all()
    for c in np.flatnonzero(rules.cap_refilled):
        party, paid = (
            rules.cap_party[c],
            np.where(claims, 1, -1) * flows.paid_fen[:, rules.cap_party[c]],
        )
        inflow = np.cumsum(rules.inflow_fen[c])[events.year]
        assert (np.cumsum(paid) <= inflow).all(), f"purse of {party} overdrawn"


@settings(deadline=None)
@given(schemes(), books())
def test_a_run_can_be_undone_and_run_again(scheme, book):
    loans, filed, events = book
    rules = rules_of(scheme, loans, filed)
    scratch = make_scratch(rules, events.loan.size)
    run_events(loans, events, rules, scratch)
    first = [column.copy() for column in scratch.flows]
    reset(loans, events, rules, scratch)
    np.testing.assert_array_equal(scratch.room_fen, rules.room_fen)
    assert not scratch.losses_fen.any()
    run_events(loans, events, rules, scratch)
    for own, other in zip(scratch.flows, first, strict=True):
        np.testing.assert_array_equal(own, other)


def test_of_a_million_random_splits_none_is_off_by_a_fen():
    rng, n = np.random.default_rng(20260630), 1_000_000
    parties = 6
    cuts = np.sort(rng.integers(0, PPM + 1, size=(n, parties - 1)), axis=1)
    shares = np.diff(cuts, axis=1, prepend=0, append=PPM)
    shares[: n // 2] = [200_000, 400_000, 200_000, 200_000, 0, 0]  # 79.96 % off when rounded
    amounts = rng.integers(0, 10 ** rng.integers(1, 13, size=n))
    each = np.arange(n)
    loans = Loans(
        shares, np.full((n, parties), NO_CAP), np.zeros((n, 4), np.int64), 0 * each, 0 * each
    )
    party = [{"id": f"p{j}", "zh": "方", "en": "p", "kind": "other"} for j in range(parties)]
    layer = [{"party": p["id"], "share": "rest"} for p in party]
    order = {"order": [[p["id"] for p in party]], "status": "text"}
    rules = build_rules(demo(party=party, layer=layer, recovery=order), loans, amounts, years_n=1)
    paid = split_stream(loans, Events(each, amounts, 0 * each, 0 * each - 1), rules).paid_fen
    assert int((paid.sum(axis=1) != amounts).sum()) == 0
    off = np.abs(paid * PPM - amounts[:, None] * shares)
    assert int((off >= PPM).sum()) == 0


def stream(losses, *, years=None, share=(300_000, 500_000, 200_000), keys=None, filed=0, **scheme):
    """Loans that claim one after the other, without caps per loan."""
    n = len(losses)
    key = np.zeros((n, 4), np.int64) if keys is None else np.array(keys)
    zero = np.zeros(n, np.int64)
    loans = Loans(np.tile(share, (n, 1)), np.full((n, 3), NO_CAP), key, zero, zero + 1)
    years_n = YEARS_N
    rules = build_rules(demo(**scheme), loans, zero + filed, years_n=years_n)
    year = zero if years is None else np.array(years)
    return loans, Events(np.arange(n), np.array(losses), year, zero - 1), rules


def cap(**more):
    return {"party": "pool", "scope": "scheme", "amount": number(1, "cny")} | more


@BOTH
def test_a_cap_runs_out_and_the_next_layer_takes_over(split):
    flows = split(*stream([200, 200, 200], cap=[cap()]))  # 1 yuan: 60 + 40 of 60 fen
    assert flows.paid_fen.tolist() == [[60, 100, 40], [40, 120, 40], [0, 160, 40]]
    assert flows.cause.tolist() == [[0, 0, 0], [2, 0, 0], [2, 0, 0]]


@BOTH
def test_a_yearly_cap_starts_again(split):
    years = [0, 0, 1]
    flows = split(*stream([200, 200, 200], years=years, cap=[cap(period="year")]))
    assert flows.paid_fen[:, 0].tolist() == [60, 40, 60]


@BOTH
def test_a_cap_per_firm_leaves_other_firms_alone(split):
    keys = [[0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]]
    flows = split(*stream([200, 200, 200], keys=keys, cap=[cap(scope="firm")]))
    assert flows.paid_fen[:, 0].tolist() == [60, 60, 40]


@BOTH
def test_a_purse_is_filled_again_each_year_and_by_recoveries(split):
    purse = {"source": "city", "party": "pool", "amount": number(1, "cny")}
    purse |= {"a_year": number("0.5", "cny")}
    loans, events, rules = stream([200, 200, 200, 200], years=[0, 0, 0, 1], funding=[purse])
    events.claim[2] = 0  # 200 fen come back on the first claim
    flows = split(loans, events, rules)
    assert flows.paid_fen[:, 0].tolist() == [60, 40, 60, 60]  # 0 + 60 back + 50 paid in
    assert flows.paid_fen[2].tolist() == [60, 100, 40]


@BOTH
@pytest.mark.parametrize(
    ("losses", "counts", "pool"),
    [
        ([2_000, 1_000, 1], "with_claim", [600, 300, 0]),  # 3,000 of 100,000 is exactly 3 %
        ([2_000, 1_001, 1], "with_claim", [600, 0, 0]),
        ([2_000, 1_000, 1], "before_claim", [600, 300, 0]),
        ([2_000, 1_001, 10], "before_claim", [600, 300, 0]),
        ([2_000, 999, 1], "with_claim", [600, 300, 0]),
    ],
)
def test_the_breaker_is_exact_at_its_line(split, losses, counts, pool):
    breaker = {"scope": "bank", "rate": number("3%"), "stops": ["pool"], "counts": counts}
    n = len(losses)
    book = stream(losses, filed=100_000 // n + 1, breaker=[breaker])
    loans, events, rules = book
    rules.line_fen[:] = 0
    rules.line_fen[0] = 3_000
    assert split(loans, events, rules).paid_fen[:, 0].tolist() == pool


def test_the_line_is_the_largest_loss_not_above_the_rate():
    breaker = {"scope": "bank", "rate": number("3%"), "stops": ["pool"]}
    for filed in (100_000, 99_999, 33, 34, 9_000_000_000_000):
        *_, rules = stream([1], filed=filed, breaker=[breaker])
        assert rules.line_fen[0] == filed * 3 // 100


def test_a_breaker_of_one_bank_does_not_stop_another_or_the_next_year():
    breaker = {"scope": "bank", "rate": number("3%"), "stops": ["pool"]}
    keys = [[0, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]]
    loans, events, rules = stream([200, 200, 200], keys=keys, years=[0, 0, 1], breaker=[breaker])
    rules.line_fen[:] = [199, 10**6, 0, 10**6, 0, 0]  # bank 0 by year, then bank 1
    flows = split_stream(loans, events, rules)
    assert flows.paid_fen[:, 0].tolist() == [0, 60, 60]
    assert flows.cause[:, 0].tolist() == [1000, 0, 0]


@BOTH
def test_losses_outside_the_scheme_do_not_count_towards_a_breaker(split):
    breaker = {"scope": "bank", "rate": number("3%"), "stops": ["pool"]}
    loans, events, rules = stream([5_000, 1_000], filed=50_000, breaker=[breaker])
    assert split(loans, events, rules).paid_fen[1, 0] == 0
    loans.in_scope[0] = 0
    assert split(loans, events, rules).paid_fen[1, 0] == 300


def test_rows_must_fit():
    loans, _, _ = stream([1, 2])
    with pytest.raises(InvalidInput, match="a row for each loan"):
        build_rules(demo(), loans, np.zeros(1, np.int64), years_n=1)
