"""Size and share of a pool: choices by hand, the frontier by SciPy's hull, order of sizes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import ConvexHull
from tests.flow.test_solvency import ALONE, even_book, rules_of
from tests.pool.demo import demo

from techflow.basics import InvalidInput
from techflow.flow.solvency import simulate_pool, simulate_variants
from techflow.flow.solvency_book import Run, Variant, World, renew_book
from techflow.flow.solvency_search import (
    Point,
    Seats,
    best_point,
    frontier,
    make_choices,
    measure_choice,
    seats_of,
)
from techflow.portfolio.measures import Estimate

NONE = Estimate(0.0, 0.0)


def test_credit_created_by_hand():
    """pd 1, 2 and 4 %, lgd 1, pool + bank 50 %; the bank bears 0.6 % at most.

    Alone it would bear 0.5, 1 and 2 %: it lends to the first. With 40 % on the pool it bears 0.1,
    0.2 and 0.4 %: all; with 30 %, 0.2, 0.4 and 0.8 %: the second is created.
    """
    book = even_book(3, 0.01)._replace(pd=np.array([0.01, 0.02, 0.04]))
    grid = ([100.0], [0.3, 0.4])
    seats = seats_of(demo(), 0)
    assert seats == Seats(0, 2)
    found = make_choices(book, demo(), seats, grid, years_n=1, rate_pa_max=0.006)
    assert [c.created_cny for c in found] == [100.0, 200.0]
    assert [c.kept.tolist() for c in found] == [[True, True, False], [True] * 3]
    assert found[1].split.share_ppm[0].tolist() == [400_000, 500_000, 100_000]
    assert (found[0].rules.inflow_fen[0] == 10_000).all()


def test_public_cost_by_hand():
    """All default: the pool pays 30 each of three; 5 % a year for two years on 90 is 9."""
    book = even_book(3, 1.0)
    grid = ([90.0], [0.3])
    (choice,) = make_choices(book, demo(), Seats(0, 2), grid, years_n=2, rate_pa_max=1.0)
    way = Variant(choice.split, choice.rules, choice.kept)
    (out,) = simulate_variants(book, [way], ALONE, Run(2, 50, 1), watched=0)
    point = measure_choice(choice, out, demo(), purse_rate_pa=0.05)
    assert point.cost_cny == Estimate(99.0, 0.0)
    assert point.emptied.value == 0.0


def test_variants_are_the_runs_alone():
    book = renew_book(even_book(80, 0.1), 2)
    world, run, rules = World(np.array([[0.3]]), 0.2), Run(2, 200, 5), rules_of(demo(), book, 2)
    every, none = np.ones(160, bool), np.zeros(160, bool)
    ways = [Variant(book.split, rules, kept) for kept in (every, none)]
    whole, empty = simulate_variants(book, ways, world, run, watched=0)
    alone = simulate_pool(book, rules, world, run, watched=0)
    assert (whole.paid_fen == alone.paid_fen).all()
    assert not empty.paid_fen.any()


def test_bigger_pools_never_empty_more_often():
    """Common random numbers: exact order, not within an error."""
    book = renew_book(even_book(200, 0.05), 2)
    sizes, shares = [0.0, 50.0, 150.0, 400.0, 1_000.0], [0.1, 0.3, 0.5]
    choices = make_choices(book, demo(), Seats(0, 2), (sizes, shares), years_n=2, rate_pa_max=1.0)
    ways = [Variant(c.split, c.rules, c.kept) for c in choices]
    world = World(np.array([[0.4]]), 0.4)
    outs = simulate_variants(book, ways, world, Run(2, 600, 3), watched=0)
    chances = np.array(
        [measure_choice(c, o, demo(), purse_rate_pa=0.0).emptied.value
         for c, o in zip(choices, outs, strict=True)]
    ).reshape(len(shares), len(sizes))  # fmt: skip
    assert (np.diff(chances, axis=1) <= 0).all()
    assert (np.diff(chances, axis=0) >= 0).all()  # the same purse with a greater share
    assert chances[-1, 0] > chances[-1, -1]


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=3, max_size=30))
def test_frontier_is_the_hull_seen_from_the_upper_left(rows):
    """SciPy's hull of the points and of two far corners holds every point of the frontier."""
    points = [Point(0.0, 0.0, float(y), Estimate(float(x), 0.0), NONE) for x, y in rows]
    hull = frontier(points, emptied_max=0.0)
    corners = [(1000.0, max(y for _, y in rows)), (1000.0, -1.0), (min(x for x, _ in rows), -1.0)]
    table = np.array([*rows, *corners], float)
    wanted = {tuple(table[k]) for k in ConvexHull(table).vertices} - set(corners)
    assert {(points[k].cost_cny.value, points[k].created_cny) for k in hull} >= wanted
    costs = [points[k].cost_cny.value for k in hull]
    assert costs == sorted(costs)


def test_target_and_budget():
    unsafe = Point(1.0, 0.3, 99.0, Estimate(1.0, 0.0), Estimate(0.5, 0.1))
    safe = [Point(k, 0.3, 10.0 * k, Estimate(k**2, 0.0), NONE) for k in (1.0, 2.0, 3.0)]
    hull = frontier([unsafe, *safe], emptied_max=0.01)
    assert hull == [1, 2, 3]
    assert best_point([unsafe, *safe], hull, budget_cny=5.0) == 2
    assert best_point([unsafe, *safe], hull, budget_cny=0.5) is None


def test_wrong_grid_is_told():
    book = even_book(3, 0.1)
    with pytest.raises(InvalidInput, match="shares in"):
        make_choices(book, demo(), Seats(0, 2), ([1.0], [1.5]), years_n=1, rate_pa_max=1.0)
