"""Why no plan is possible: bounds that cannot all hold, and how far each alone must give way."""

from dataclasses import dataclass, replace

import numpy as np

from techflow.basics import Floats
from techflow.matching.plan import solve_plan
from techflow.matching.plan_problem import Flags, PlanProblem


@dataclass(frozen=True, slots=True)
class Bounds:
    """Which bounds of a problem hold.

    Attributes:
        closed: Reasons that close products, shape (reasons,).
        room: Shared rooms, shape (rooms,).
        low: Whether products have least amounts.
        high: Whether products have greatest amounts.
        products_n: Whether the number of products is bounded.
    """

    closed: Flags
    room: Flags
    low: bool = True
    high: bool = True
    products_n: bool = True


def hold_all(problem: PlanProblem, closed: Flags) -> Bounds:
    """Every bound holds.

    Args:
        problem: All products, also closed ones.
        closed: Which reason closes which product, shape (reasons, products).
    """
    return Bounds(np.ones(len(closed), dtype=np.bool_), np.ones(problem.room.size, dtype=np.bool_))


def keep(problem: PlanProblem, closed: Flags, bounds: Bounds) -> PlanProblem:
    """The problem under some of its bounds.

    Args:
        problem: All products, also closed ones.
        closed: Which reason closes which product.
        bounds: Those that hold.
    """
    open_too: Flags = np.asarray(closed[bounds.closed].sum(axis=0) == 0)
    part = problem.of(open_too)
    nothing = np.zeros(part.products_n)
    return replace(
        part,
        low_cny=part.low_cny if bounds.low else nothing,
        high_cny=part.high_cny if bounds.high else nothing + np.inf,
        use=part.use[bounds.room],
        fixed_use=part.fixed_use[bounds.room],
        room=part.room[bounds.room],
        products_n_max=part.products_n_max if bounds.products_n else max(part.products_n, 1),
    )


def can_plan(problem: PlanProblem) -> bool:
    """Whether any plan exists, whatever it costs."""
    free = np.zeros(problem.products_n)
    found = solve_plan(replace(problem, cost=free, fixed_cost_cny=free))
    return found.amounts_cny is not None


def find_conflict(problem: PlanProblem, closed: Flags) -> Bounds:
    """Bounds that cannot all hold, none of which can be left out.

    Bounds are dropped one after the other, and taken back where that makes a plan possible: first
    the number of products, amounts, rooms, then the reasons that close products, so that what the
    firm cannot change is named only if it must be.

    Args:
        problem: All products, also closed ones; with every bound it has no plan.
        closed: Which reason closes which product.

    Returns:
        The bounds that are left; all dropped if even without any there is no product.

    Source:
        Deletion filter, Chinneck and Dravnieks (1991), "Locating minimal infeasible constraint
        sets in linear programs".

    Examples:
        >>> from techflow.matching.plan_problem import build_plan
        >>> none = np.zeros((0, 1))
        >>> problem = build_plan(
        ...     (np.array([0.05]), np.zeros(1)), (np.zeros(1), np.array([60.0])),
        ...     (none, none, np.zeros(0)), amount_cny=100.0, products_n_max=1,
        ... )
        >>> found = find_conflict(problem, np.zeros((0, 1), dtype=bool))
        >>> found.high, found.low, found.products_n
        (True, False, False)
    """
    bounds = hold_all(problem, closed)
    bounds = _without(problem, closed, bounds, replace(bounds, products_n=False))
    bounds = _without(problem, closed, bounds, replace(bounds, low=False))
    bounds = _without(problem, closed, bounds, replace(bounds, high=False))
    for place in range(bounds.room.size):
        fewer = replace(bounds, room=_less(bounds.room, place))
        bounds = _without(problem, closed, bounds, fewer)
    for place in range(bounds.closed.size):
        fewer = replace(bounds, closed=_less(bounds.closed, place))
        bounds = _without(problem, closed, bounds, fewer)
    return bounds


def _less(flags: Flags, place: int) -> Flags:
    fewer = flags.copy()
    fewer[place] = False
    return fewer


def _without(problem: PlanProblem, closed: Flags, bounds: Bounds, fewer: Bounds) -> Bounds:
    return bounds if can_plan(keep(problem, closed, fewer)) else fewer


def room_needed(problem: PlanProblem, room: int) -> float:
    """The least room of one kind with which a plan is possible, all other bounds as they are.

    Args:
        problem: What is asked for and on offer.
        room: Which room.

    Returns:
        The room; infinite if no room is enough.
    """
    others = np.arange(problem.room.size) != room
    free = replace(
        problem,
        cost=problem.use[room],
        fixed_cost_cny=problem.fixed_use[room],
        use=problem.use[others],
        fixed_use=problem.fixed_use[others],
        room=problem.room[others],
    )
    return solve_plan(free).value_cny


def nearest_amounts(problem: PlanProblem) -> tuple[float, float]:
    """Amounts for which a plan is possible: the greatest below what is asked, the least above.

    Args:
        problem: What is asked for and on offer.

    Returns:
        Both; 0 and infinite where there is none.
    """
    one, free = np.ones(problem.products_n), np.zeros(problem.products_n)
    down = replace(problem, cost=-one, fixed_cost_cny=free, amount_cny_min=0.0)
    lows = np.sort(problem.low_cny)[-problem.products_n_max :]
    most = problem.amount_cny_max + float(lows.sum())
    up = replace(problem, cost=one, fixed_cost_cny=free, amount_cny_max=most)
    below = solve_plan(down)
    sums = -below.value_cny if below.amounts_cny is not None else 0.0
    return sums + 0.0, solve_plan(up).value_cny


def products_needed(problem: PlanProblem) -> int | None:
    """The least number of products with which a plan is possible; None if no number is enough."""
    for count in range(1, problem.products_n + 1):
        if can_plan(replace(problem, products_n_max=count)):
            return count
        if not can_plan(replace(problem, products_n_max=problem.products_n)):
            return None
    return None


def openings(problem: PlanProblem, closed: Flags) -> Floats:
    """Cost a year of the best plan if one reason no longer closes products.

    Args:
        problem: All products, also closed ones.
        closed: Which reason closes which product.

    Returns:
        Shape (reasons,); infinite where there is still no plan.
    """
    every = hold_all(problem, closed)
    values = []
    for place in range(len(closed)):
        fewer = replace(every, closed=_less(every.closed, place))
        values.append(solve_plan(keep(problem, closed, fewer)).value_cny)
    return np.array(values, dtype=np.float64)
