"""Where no plan is possible: what binds cannot lose a member, and what is said to free does."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from tests.matching.plans import random_plan, scipy_value

from techflow.matching.plan_conflict import (
    Bounds,
    find_conflict,
    hold_all,
    keep,
    nearest_amounts,
    openings,
    products_needed,
    room_needed,
)

SEEDS = st.integers(0, 2**31)


def possible(problem):
    """Whether HiGHS finds a plan."""
    return bool(np.isfinite(scipy_value(replace(problem, high_cny=finite(problem)))))


def finite(problem):
    return np.minimum(problem.high_cny, problem.amount_cny_max)


def closed_plan(seed):
    problem = random_plan(seed, products_n=8, rooms_n=2, tight=0.5)
    rng = np.random.default_rng(seed)
    return problem, rng.random((3, 8)) < 0.3


def smaller(bounds: Bounds):
    """The same bounds with one less, in every way."""
    for name in ("low", "high", "products_n"):
        if getattr(bounds, name):
            yield replace(bounds, **{name: False})
    for name in ("room", "closed"):
        for place in np.flatnonzero(getattr(bounds, name)):
            fewer = getattr(bounds, name).copy()
            fewer[place] = False
            yield replace(bounds, **{name: fewer})


@settings(deadline=None, max_examples=20)
@given(SEEDS)
def test_what_binds_is_irreducible(seed):
    problem, closed = closed_plan(seed)
    assume(not possible(keep(problem, closed, hold_all(problem, closed))))
    found = find_conflict(problem, closed)
    assert not possible(keep(problem, closed, found))
    for fewer in smaller(found):
        assert possible(keep(problem, closed, fewer))


@settings(deadline=None, max_examples=20)
@example(60165, 0)
@given(SEEDS, st.integers(0, 1))
def test_room_needed_is_enough_and_no_less(seed, room):
    problem = random_plan(seed, products_n=8, rooms_n=2, tight=0.3)
    needed = room_needed(problem, room)
    wide, narrow = problem.room.copy(), problem.room.copy()
    if not np.isfinite(needed):
        wide[room] = 1e6 * problem.amount_cny_max
        assert not possible(replace(problem, room=wide))
        return
    unit = problem.amount_cny_max
    # HiGHS misses plans that are possible by a millionth only (seed 60165: enumeration has one).
    wide[room], narrow[room] = needed + 1e-4 * unit, needed - 1e-3 * unit
    assert possible(replace(problem, room=wide))
    assert narrow[room] < 0 or not possible(replace(problem, room=narrow))


def asked(problem, amount):
    return replace(problem, amount_cny_min=amount, amount_cny_max=amount)


@settings(deadline=None, max_examples=20)
@given(SEEDS)
def test_nearest_amounts_are_possible_and_nothing_between(seed):
    problem = random_plan(seed, products_n=6, rooms_n=2, tight=0.4, products_n_max=2)
    unit = problem.amount_cny_max
    below, above = nearest_amounts(problem)
    assert below <= unit * (1 + 1e-9) and above >= unit * (1 - 1e-9)
    for amount in (below, above):
        if 0 < amount < np.inf:
            assert possible(asked(problem, amount))
    for share in (0.25, 0.5, 0.75):
        top = above if np.isfinite(above) else 3 * unit
        amount = below + share * (top - below)
        if below < unit < above and amount > below * 1.001 and amount < top * 0.999:
            assert not possible(asked(problem, amount))


def test_by_hand():
    """Two products of up to 40 and 50 for 100: the greatest amounts bind; 90 can be raised."""
    problem = random_plan(0, products_n=2, rooms_n=0, products_n_max=1)
    problem = replace(
        asked(problem, 100.0),
        low_cny=np.array([0.0, 0.0]),
        high_cny=np.array([40.0, 50.0]),
        cost=np.array([0.05, 0.06]),
        fixed_cost_cny=np.zeros(2),
    )
    closed = np.array([[False, True]])
    found = find_conflict(problem, closed)
    assert found.high and not (found.low or found.products_n or found.closed.any())
    assert nearest_amounts(problem) == (pytest.approx(50.0), np.inf)
    assert nearest_amounts(replace(problem, products_n_max=2))[0] == pytest.approx(90.0)
    assert products_needed(problem) is None
    assert products_needed(asked(problem, 90.0)) == 2
    assert openings(asked(problem, 50.0), closed).tolist() == [pytest.approx(3.0)]
