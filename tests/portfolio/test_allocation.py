"""The best book. Oracle: a mixed-integer programme solved by HiGHS over a grid of rates."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.portfolio.allocation_books import random_book, solve_by_milp

from techflow.basics import InvalidInput
from techflow.portfolio import Bounds, allocate, equal_amounts, lowest_pd, single_rate

RATES = np.arange(400, 1501) / 10_000
SEEDS = st.integers(0, 10_000)
BUDGETS, TAILS = st.floats(1e5, 4e6), st.floats(1e3, 2e5)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("tail", [8e3, 3e4, 1e9])
def test_objective_and_bound_enclose_the_best_of_a_mixed_integer_programme(seed, tail):
    book, bounds = random_book(seed, 4), Bounds(1.3e6, tail, 1e5)
    best = solve_by_milp(book, bounds, rates_n=56)
    found = allocate(book, bounds)
    assert best <= found.bound_cny * (1.0 + 1e-9)
    # The grid is 20 hundredths of a percent apart: at most (k d)^2 / 8 of the profit is lost; our
    # own amounts are whole hundreds and may lose a hundred yuan at the value of the margin.
    assert best - 20.0 <= found.objective_cny * (1.0 + 1e-3)


@given(SEEDS, st.integers(1, 12), BUDGETS, TAILS)
@settings(max_examples=10, deadline=None)
def test_a_book_keeps_every_bound_and_never_beats_its_proof(seed, n, budget, tail):
    book, bounds = random_book(seed, n), Bounds(budget, tail, 1e5)
    found = allocate(book, bounds)
    lent = found.amount_cny > 0.0
    rate = np.where(lent, found.rate_pa, 0.04)
    assert found.objective_cny <= found.bound_cny
    assert found.amount_cny.sum() <= budget * (1.0 + 1e-12)
    assert book.tail_cny(found.amount_cny, rate) <= tail * (1.0 + 1e-12)
    assert np.all(found.amount_cny[lent] >= 1e5)
    assert np.all(found.amount_cny <= book.amount_cny_max)
    assert np.all((rate >= 0.04) & (rate <= 0.15))
    again = book.profits(found.amount_cny, rate).sum()
    assert found.objective_cny == pytest.approx(again, abs=1e-6)


@given(SEEDS, st.integers(1, 10), BUDGETS, BUDGETS, TAILS)
@settings(max_examples=10, deadline=None)
def test_a_bigger_budget_never_lowers_profit(seed, n, one, other, tail):
    book, (less, more) = random_book(seed, n), sorted((one, other))
    small, large = (allocate(book, Bounds(b, tail, 1e5)) for b in (less, more))
    # Amounts are whole hundreds and rates whole hundredths of a percent: up to a few yuan.
    assert large.objective_cny >= small.objective_cny - 20.0
    assert large.bound_cny >= small.bound_cny * (1.0 - 1e-6)


@given(SEEDS, st.integers(1, 10), BUDGETS, TAILS, TAILS)
@example(2811, 1, 249_999.99999999953, 1_000.0, 1_937.0)
@settings(max_examples=20, deadline=None)
def test_a_looser_tail_limit_never_lowers_profit(seed, n, budget, one, other):
    book, (less, more) = random_book(seed, n), sorted((one, other))
    tight, loose = (allocate(book, Bounds(budget, t, 1e5)) for t in (less, more))
    assert loose.objective_cny >= tight.objective_cny - 20.0


@pytest.mark.parametrize("seed", range(5))
def test_many_firms_come_within_one_in_ten_thousand_of_the_bound(seed):
    found = allocate(random_book(seed, 300), Bounds(6e7, 9e5, 1e5))
    assert 0.0 <= found.gap_ratio < 1e-4


@pytest.mark.parametrize("seed", range(5))
def test_no_plain_strategy_beats_the_bound_or_breaks_a_limit(seed):
    book, bounds = random_book(seed, 60), Bounds(1.2e7, 1.5e5, 1e5)
    found = allocate(book, bounds)
    grade = np.digitize(book.pd, [0.02, 0.05, 0.1])
    for amount, rate in (
        equal_amounts(book, bounds, grade, RATES),
        lowest_pd(book, bounds, RATES),
        single_rate(book, bounds, RATES),
    ):
        flat = np.full_like(book.pd, rate)
        assert 0.0 < amount.sum() <= bounds.budget_cny * (1.0 + 1e-12)
        assert book.tail_cny(amount, flat) <= bounds.tail_cny * (1.0 + 1e-12)
        assert 0.0 < book.profits(amount, flat).sum() <= found.objective_cny


def test_one_firm_gets_all_at_its_best_rate():
    book = random_book(3, 1)
    book = replace(book, amount_cny_max=np.array([5e5]))
    found = allocate(book, Bounds(1e6, 1e9, 1e5))
    best = book.cost / (1.0 - book.pd) + 1.0 / book.market.decay  # the closed form
    assert found.amount_cny[0] == 5e5
    assert found.rate_pa[0] == pytest.approx(min(best[0], 0.15), abs=1e-4)


def test_nothing_is_lent_where_nothing_can_be_earned():
    book = random_book(1, 5)
    found = allocate(replace(book, cost=np.full(5, 0.2)), Bounds(1e6, 1e5, 1e5))
    assert not found.amount_cny.any() and np.isnan(found.rate_pa).all()
    assert (found.objective_cny, found.bound_cny, found.gap_ratio) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("name", ["budget_cny", "tail_cny", "amount_cny_min"])
@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_a_bound_that_is_no_positive_number_is_refused(name, value):
    with pytest.raises(InvalidInput, match=name):
        allocate(random_book(1, 3), replace(Bounds(1e6, 1e5, 1e5), **{name: value}))


def test_arrays_of_other_lengths_and_missing_numbers_are_refused():
    book = random_book(1, 3)
    with pytest.raises(InvalidInput, match="one length"):
        allocate(replace(book, tail_loss=np.zeros(2)), Bounds(1e6, 1e5, 1e5))
    with pytest.raises(InvalidInput, match="amount_cny_max"):
        allocate(replace(book, amount_cny_max=np.full(3, np.nan)), Bounds(1e6, 1e5, 1e5))
