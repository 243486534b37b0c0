"""The plan of one firm: as cheap as HiGHS and as trying everything; more is never worse."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.matching.plans import brute_value, check_plan, random_plan, scipy_value

from techflow.basics import InvalidInput
from techflow.matching import build_plan, plan_cost, solve_plan
from techflow.matching.plan_reduced import can_add_up, undominated

SEEDS = st.integers(0, 2**31)
SIZES = [(6, 2, 0.7), (12, 3, 0.7), (12, 3, 2.0), (30, 3, 1.0), (15, 5, 1.0)]


def check_proof(problem, found):
    """The plan holds, costs what it says, and its bound is its value."""
    if found.amounts_cny is None:
        assert found.value_cny == found.bound_cny == np.inf
        return
    check_plan(problem, found.amounts_cny)
    assert found.value_cny == pytest.approx(plan_cost(problem, found.amounts_cny), rel=1e-9)
    assert found.bound_cny <= found.value_cny * (1 + 1e-12)
    assert found.gap_share <= 2e-9


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("seed", range(25))
def test_as_cheap_as_highs(seed, size):
    """HiGHS through scipy.optimize.milp, another solver, gives the same cost or no plan either."""
    products_n, most, tight = size
    problem = random_plan(seed, products_n=products_n, products_n_max=most, tight=tight)
    found = solve_plan(problem)
    check_proof(problem, found)
    assert found.value_cny == pytest.approx(scipy_value(problem), rel=1e-7)


@settings(deadline=None, max_examples=10)
@given(SEEDS, st.integers(1, 3), st.booleans())
def test_as_cheap_as_trying_everything(seed, most, whole):
    problem = random_plan(seed, products_n=6, rooms_n=2, products_n_max=most, whole=whole)
    found = solve_plan(problem)
    check_proof(problem, found)
    assert found.value_cny == pytest.approx(brute_value(problem), rel=1e-7)


@settings(deadline=None, max_examples=10)
@given(SEEDS, st.integers(1, 11))
def test_more_on_offer_is_never_worse(seed, kept):
    problem = random_plan(seed)
    fewer = problem.of(np.arange(12) < kept)
    more = solve_plan(problem).value_cny
    assert more <= solve_plan(fewer).value_cny * (1 + 1e-8)


@settings(deadline=None, max_examples=10)
@given(SEEDS, st.floats(1.0, 3.0))
def test_more_room_is_never_worse(seed, factor):
    wide, narrow = (random_plan(seed, tight=tight) for tight in (0.7 * factor, 0.7))
    assert solve_plan(wide).value_cny <= solve_plan(narrow).value_cny * (1 + 1e-8)


@settings(deadline=None, max_examples=15)
@given(SEEDS, st.integers(1, 5))
def test_few_nodes_leave_a_weaker_proof_never_a_wrong_one(seed, nodes_n_max):
    problem = random_plan(seed)
    best = solve_plan(problem).value_cny
    short = solve_plan(problem, nodes_n_max=nodes_n_max)
    assert short.bound_cny <= best * (1 + 1e-9)
    assert short.value_cny >= best * (1 - 1e-9)


def test_a_known_plan_to_begin_with_changes_nothing():
    problem = random_plan(3, tight=2.0)
    found = solve_plan(problem)
    again = solve_plan(problem, start=found.amounts_cny)
    assert again.value_cny == pytest.approx(found.value_cny, rel=1e-9)
    assert again.nodes_n <= found.nodes_n


def same_rooms(costs, bounds, *, products_n_max=3):
    none = np.zeros((0, costs[0].size))
    return build_plan(
        costs, bounds, (none, none, np.zeros(0)), amount_cny=1.0, products_n_max=products_n_max
    )


def test_two_hundred_alike():
    """0.4 each: three are needed, so 5 % and three times the fixed cost of 0.02."""
    one = np.ones(200)
    problem = same_rooms((0.05 * one, 0.02 * one), (0.0 * one, 0.4 * one))
    found = solve_plan(problem)
    check_proof(problem, found)
    assert found.value_cny == pytest.approx(0.05 + 0.06)
    assert found.nodes_n < 1000


@pytest.mark.parametrize("digits", [2, 9])
def test_two_hundred_that_come_whole_or_not_at_all(digits):
    """With two digits many triples add up; with nine none does, and that is proved."""
    rng = np.random.default_rng(0)
    sizes, cost = np.round(rng.uniform(0.1, 0.9, 200), digits), rng.uniform(0.04, 0.1, 200)
    problem = same_rooms((cost, np.zeros(200)), (sizes, sizes))
    found = solve_plan(problem)
    check_proof(problem, found)
    assert found.gap_share < 2e-9
    assert (found.amounts_cny is not None) == (digits == 2)
    assert found.value_cny == pytest.approx(scipy_value(problem), rel=1e-7)


def test_out_of_nodes_is_no_proof_that_there_is_none():
    sizes = np.round(np.random.default_rng(0).uniform(0.1, 0.9, 200), 9)
    problem = same_rooms((0.05 + 0 * sizes, 0 * sizes), (sizes, sizes))
    found = solve_plan(problem, nodes_n_max=5)
    assert found.amounts_cny is None and found.gap_share == np.inf


@settings(deadline=None, max_examples=10)
@given(SEEDS, st.integers(1, 3))
def test_what_is_left_out_is_not_missed(seed, most):
    rng = np.random.default_rng(seed)
    problem = random_plan(seed, rooms_n=1, products_n_max=most, whole=True)
    twice = problem.of(np.sort(rng.integers(0, 12, 24)))
    kept = undominated(twice)
    assert kept.sum() < 24
    assert scipy_value(twice.of(kept)) == pytest.approx(scipy_value(twice), rel=1e-7)


@settings(deadline=None, max_examples=10)
@given(SEEDS, st.integers(1, 2), st.integers(0, 1))
def test_sums_that_cannot_be(seed, most, settled_n):
    problem = random_plan(seed, products_n=5, rooms_n=0, products_n_max=most)
    problem = replace(problem, high_cny=np.minimum(problem.high_cny, problem.amount_cny_max))
    settled, allowed = np.arange(5) < settled_n, np.arange(5) < 4
    sets = [
        [*range(settled_n), *more]
        for count in range(most - settled_n + 1)
        for more in combinations(range(settled_n, 4), count)
    ]
    asked = problem.amount_cny_max
    wanted = any(
        problem.low_cny[one].sum() <= asked * (1 + 1e-9)
        and problem.high_cny[one].sum() >= asked * (1 - 1e-9)
        for one in sets
    )
    assert can_add_up(problem, settled, allowed) == wanted


def test_two_hundred_products():
    for seed in range(5):
        problem = random_plan(seed, products_n=200, rooms_n=8, tight=1.0)
        found = solve_plan(problem)
        check_proof(problem, found)
        assert found.value_cny == pytest.approx(scipy_value(problem), rel=1e-7)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"amount_cny": -1.0}, "amount_cny must be above 0; got -1.00"),
        ({"amount_cny": float("nan")}, "amount_cny must be above 0"),
        ({"products_n_max": 0}, "products_n_max must be at least 1; got 0"),
        ({"cost": -0.01}, "cost must be 0 or more and finite; got -0.01"),
        ({"cost": float("nan")}, "cost must be 0 or more and finite; got nan"),
    ],
)
def test_wrong_input(change, said):
    one, none = np.ones(1), np.zeros((0, 1))
    asked = {"amount_cny": 1.0, "products_n_max": 1, "cost": 0.05} | change
    with pytest.raises(InvalidInput, match=said):
        build_plan(
            (asked["cost"] * one, 0 * one),
            (0 * one, one),
            (none, none, np.zeros(0)),
            amount_cny=asked["amount_cny"],
            products_n_max=asked["products_n_max"],
        )
