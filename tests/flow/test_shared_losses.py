"""Losses by party inside the simulation, against each world split by plain Python."""

import numba
import numpy as np
import pytest
from bench.patents_value import MASK, mix, uniform
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.pool.books import rules_of, schemes
from tests.pool.demo import demo, number
from tests.portfolio.books import even_book, mixed_book

from techflow.basics import InvalidInput
from techflow.flow.shared_losses import DAYS_N, share_losses
from techflow.pool.book import NO_CAP, Events, Loans
from techflow.pool.numbers import PPM
from techflow.pool.stream import split_stream_plain
from techflow.portfolio.factors import draw_factors
from techflow.portfolio.loss import draw_defaults, simulate_losses
from techflow.portfolio.plan import plan_losses
from techflow.portfolio.recovery import LgdModel

GOLDEN, FIRMS_N, RUNS_N = 0x9E3779B97F4A7C15, 60, 6
LOADING = np.random.default_rng(1).uniform(0.1, 0.3, (6, 3))
BOOK = mixed_book(FIRMS_N)._replace(pd=np.random.default_rng(3).uniform(0.01, 0.4, FIRMS_N))
PLAN = plan_losses(BOOK, LOADING, lgd_model=LgdModel(0.8, 0.4))
WORLDS = draw_factors(RUNS_N, 3, seed=5)


def pool_loans(seed, limit=NO_CAP):
    rng = np.random.default_rng(seed)
    cuts = np.sort(rng.integers(0, PPM + 1, (FIRMS_N, 2)), axis=1)
    shares = np.diff(np.column_stack([np.zeros(FIRMS_N), cuts, np.full(FIRMS_N, PPM)]))
    limits = np.full((FIRMS_N, 3), NO_CAP)
    limits[:, 0] = rng.integers(0, 60, FIRMS_N) if limit != NO_CAP else NO_CAP
    key = np.column_stack([np.zeros(FIRMS_N), rng.integers(0, 3, (FIRMS_N, 3))])
    zero, scope = np.zeros(FIRMS_N, int), rng.integers(0, 2, FIRMS_N)
    return Loans(shares.astype(int), limits, key.astype(int), zero, scope)


def day(scenario, firm, seed):
    """Day of a claim by exact integers."""
    key = mix(mix((seed + GOLDEN) & MASK) ^ mix((scenario + GOLDEN) & MASK))
    return int(uniform(mix(key ^ ((8 * GOLDEN) & MASK)), firm) * DAYS_N)


def one_by_one(loans, rules, seed):
    """Each world from the list of its defaults, split by the twin in plain Python."""
    stream = draw_defaults(PLAN, WORLDS, seed=seed)
    for s in range(RUNS_N):
        own = slice(stream.since[s], stream.since[s + 1])
        firms, losses = stream.firm[own].tolist(), stream.loss_cny[own].tolist()
        rows = sorted(zip(firms, losses, strict=True), key=lambda row: day(s, row[0], seed))
        loan = np.array([firm for firm, _ in rows], int)
        amount = np.array([int(loss * 100 + 0.5) for _, loss in rows], int)
        zero = np.zeros(len(rows), int)
        yield split_stream_plain(loans, Events(loan, amount, zero, zero - 1), rules)


@settings(deadline=None, max_examples=12)
@given(schemes(), st.integers(0, 1000), st.sampled_from([0, NO_CAP]))
def test_each_world_is_split_as_plain_python_splits_it(scheme, seed, limit):
    loans = pool_loans(seed, limit)
    rules = rules_of(scheme, loans, np.full(FIRMS_N, 100))
    found = share_losses(PLAN, WORLDS, (loans, rules), seed=seed)
    for s, flows in enumerate(one_by_one(loans, rules, seed)):
        assert found.paid_fen[s].tolist() == flows.paid_fen.sum(axis=0).tolist()
        caps = {c - 2 for c in flows.cause.ravel().tolist() if 2 <= c < 1000}
        breakers = {c - 1000 for c in flows.cause.ravel().tolist() if c >= 1000}
        assert set(np.flatnonzero(found.cap_hit[s]).tolist()) == caps
        assert set(np.flatnonzero(found.breaker_hit[s]).tolist()) == breakers


def test_parties_add_to_the_loss_and_a_purse_pays_no_more_than_it_holds():
    scheme = demo(funding=[{"source": "city", "party": "pool", "amount": number(2, "cny")}])
    loans = pool_loans(1)
    rules = rules_of(scheme, loans, np.full(FIRMS_N, 100))
    worlds = draw_factors(500, 3, seed=2)
    found = share_losses(PLAN, worlds, (loans, rules), seed=2)
    losses = simulate_losses(PLAN, worlds, seed=2).sum(axis=1)
    assert np.abs(found.paid_fen.sum(axis=1) / 100 - losses).max() <= FIRMS_N * 0.005
    assert (found.paid_fen[:, 0] <= 200).all()
    emptied = found.cap_hit[:, 0]
    assert 0.1 < emptied.mean() < 0.9 and (found.paid_fen[emptied, 0] == 200).all()


def test_chunks_and_threads_change_no_fen():
    loans = pool_loans(3, 0)
    rules = rules_of(demo(), loans, np.full(FIRMS_N, 100))
    worlds = draw_factors(100, 3, seed=4)
    whole = share_losses(PLAN, worlds, (loans, rules), seed=4)
    before = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        part = share_losses(PLAN, worlds[37:], (loans, rules), seed=4, first=37)
    finally:
        numba.set_num_threads(before)
    assert all(np.array_equal(a[37:], b) for a, b in zip(whole, part, strict=True))


def test_books_that_do_not_fit_are_refused():
    loans = pool_loans(1)
    rules = rules_of(demo(), loans, np.full(FIRMS_N, 100))
    with pytest.raises(InvalidInput, match="a row for each of 5 firms"):
        plan = plan_losses(even_book(5, 0.1), np.array([[0.4]]))
        share_losses(plan, np.zeros((1, 1)), (loans, rules), seed=1)
    large = BOOK._replace(ead_cny=np.full(FIRMS_N, 1e12))
    with pytest.raises(InvalidInput, match="to share exactly"):
        share_losses(plan_losses(large, LOADING), WORLDS, (loans, rules), seed=1)
