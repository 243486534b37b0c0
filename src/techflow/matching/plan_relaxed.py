"""A plan with some products settled and the rest divisible: its best, and a bound from its prices.

A dual simplex for few rows and bounded columns. The bound does not lean on it: whatever the prices,
no plan costs less than what they prove.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from techflow.basics import Floats, NotConverged
from techflow.matching.plan_problem import Flags, PlanProblem

Integers = NDArray[np.int64]

EPS = 1e-9
STEPS_N_MAX = 5000
BLAND_AFTER_N = 500
"""Steps after which ties are broken by place, so that no circle is run for ever."""


@dataclass(frozen=True, slots=True)
class Relaxed:
    """The best divisible plan of a node.

    Attributes:
        amounts: Amount of each product; 0 if there is no plan.
        value: Its cost.
        bound: No plan of this node costs less.
        basis: Columns in the basis, for the nodes below.
    """

    amounts: Floats
    value: float
    bound: float
    basis: Integers

    @property
    def impossible(self) -> bool:
        """Whether the node has no plan, not even a divisible one."""
        return self.bound == np.inf


@dataclass(slots=True)
class _Table:
    """Rows of the basis, with columns for products and for what is left of each row."""

    rows: Floats
    basis: Integers
    reduced: Floats
    low: Floats
    high: Floats
    at: Floats
    held: Floats


def relax(
    problem: PlanProblem, settled: Flags, allowed: Flags, basis: Integers | None = None
) -> Relaxed:
    """Solve a node.

    Args:
        problem: The whole problem, with amounts near 1.
        settled: Products that are used.
        allowed: Products that may be used, the settled ones among them.
        basis: Basis of the node above; None begins anew.

    Returns:
        Its best divisible plan and its bound; a bound of infinity says that there is no plan.
    """
    left = problem.products_n_max - int(settled.sum())
    high = np.where(allowed, problem.high_cny, 0.0)
    low = np.where(settled, problem.low_cny, 0.0)
    nothing = np.zeros(problem.products_n)
    nobody = np.arange(problem.products_n, problem.products_n + problem.room.size + 2)
    if left < 0 or (low > high * (1 + EPS)).any():
        return Relaxed(nothing, np.inf, np.inf, nobody)
    share = np.where(settled | (high <= 0), 0.0, 1.0 / np.where(high > 0, high, 1.0))
    rows = np.vstack([np.ones(problem.products_n), problem.use + problem.fixed_use * share, share])
    paid = problem.fixed_use[:, settled].sum(axis=1)
    room = np.concatenate([[problem.amount_cny_max], problem.room - paid, [left]])
    slack = room.copy()
    slack[0] = problem.amount_cny_max - problem.amount_cny_min
    if (slack < -EPS).any():
        return Relaxed(nothing, np.inf, np.inf, nobody)
    cost = problem.cost + problem.fixed_cost_cny * share
    table = _begin(rows, room, (low, np.maximum(high, low), np.maximum(slack, 0.0)), cost, basis)
    if not _run(table):
        return Relaxed(nothing, np.inf, np.inf, table.basis)
    every = table.at.copy()
    every[table.basis] = table.held
    amounts = np.clip(every[: problem.products_n], low, np.maximum(high, low))
    value = float(cost @ amounts + problem.fixed_cost_cny[settled].sum())
    prices = -table.reduced[problem.products_n : -1]
    bound = price_bound(problem, settled, allowed, prices)
    return Relaxed(amounts, value, bound, table.basis)


def price_bound(problem: PlanProblem, settled: Flags, allowed: Flags, prices: Floats) -> float:
    """What no plan of a node can undercut, by the prices of the rows alone.

    Args:
        problem: The whole problem.
        settled: Products that are used.
        allowed: Products that may be used.
        prices: One of the sum, of any sign, and one of each room, taken as at most 0.

    Returns:
        The sum over products of the least each can do alone at these prices: settled ones must
        choose, of the others at most as many as there is place for, and only those that gain.

    Source:
        Lagrangian relaxation, Geoffrion (1974), "Lagrangean relaxation for integer programming".

    Examples:
        >>> from techflow.matching.plan_problem import build_plan
        >>> none = np.zeros((0, 1))
        >>> problem = build_plan(
        ...     (np.array([0.05]), np.zeros(1)), (np.zeros(1), np.array([100.0])),
        ...     (none, none, np.zeros(0)), amount_cny=100.0, products_n_max=1,
        ... )
        >>> no, yes = np.array([False]), np.array([True])
        >>> price_bound(problem, no, yes, np.array([0.05]))
        5.0
    """
    each, rooms = prices[0], np.minimum(prices[1:], 0.0)
    cost = problem.cost - each - rooms @ problem.use
    fixed = problem.fixed_cost_cny - rooms @ problem.fixed_use
    alone = fixed + np.minimum(cost * problem.low_cny, cost * problem.high_cny)
    free = np.minimum(alone[allowed & ~settled], 0.0)
    left = problem.products_n_max - int(settled.sum())
    if 0 < left < free.size:
        free = np.partition(free, left - 1)[:left]
    gained = float(free.sum()) if left else 0.0
    asked = problem.amount_cny_min if each > 0 else problem.amount_cny_max
    return float(each * asked + rooms @ problem.room + alone[settled].sum()) + gained


def _begin(
    rows: Floats,
    room: Floats,
    bounds: tuple[Floats, Floats, Floats],
    cost: Floats,
    basis: Integers | None,
) -> _Table:
    """Rows in terms of a basis, every other column at the bound that its cost prefers."""
    count, products = rows.shape
    every = np.hstack([rows, np.eye(count)])
    costs = np.concatenate([cost, np.zeros(count)])
    low = np.concatenate([bounds[0], np.zeros(count)])
    high = np.concatenate([bounds[1], bounds[2]])
    slacks = np.arange(products, products + count)
    basis = slacks if basis is None else basis
    if (basis != slacks).any():
        try:
            inner = np.linalg.inv(every[:, basis])
        except np.linalg.LinAlgError:
            basis, inner = slacks, np.eye(count)
    else:
        inner = np.eye(count)
    told = inner @ every
    reduced = costs - costs[basis] @ told
    at = np.where(reduced < 0, high, low)
    at[basis] = 0.0
    return _Table(told, basis.copy(), reduced, low, high, at, inner @ (room - every @ at))


def _run(table: _Table) -> bool:
    """Bring every column of the basis within its bounds; False if that cannot be."""
    for step in range(STEPS_N_MAX):
        under = table.low[table.basis] - table.held
        over = table.held - table.high[table.basis]
        worst = np.maximum(under, over)
        row = int(np.argmax(worst))
        if worst[row] <= EPS:
            return True
        if not _pivot(table, row, bool(under[row] > over[row]), bland=step > BLAND_AFTER_N):
            return False
    raise NotConverged(f"a plan did not settle in {STEPS_N_MAX} steps; leave out some products")


def _pivot(table: _Table, row: int, rises: bool, *, bland: bool) -> bool:
    """Let one column out of the basis at its bound and the cheapest one in."""
    turn = table.rows[row]
    helps = np.where(table.at > table.low, turn, -turn) if rises else None
    if helps is None:
        helps = np.where(table.at > table.low, -turn, turn)
    helps[table.basis] = 0.0
    able = (helps > EPS) & (table.high > table.low)
    if not able.any():
        return False
    places = np.flatnonzero(able)
    ratio = np.abs(table.reduced[places]) / helps[places]
    tied = places[ratio <= ratio.min() + (0.0 if bland else EPS * 1e-3)]
    enters = int(tied[0] if bland else tied[np.argmax(helps[tied])])
    leaves = int(table.basis[row])
    target = table.low[leaves] if rises else table.high[leaves]
    move = (table.held[row] - target) / turn[enters]
    table.held -= table.rows[:, enters] * move
    table.held[row] = table.at[enters] + move
    table.at[enters], table.at[leaves] = 0.0, target
    _eliminate(table, row, enters)
    table.basis[row] = enters
    return True


def _eliminate(table: _Table, row: int, enters: int) -> None:
    pivot = table.rows[row] / table.rows[row, enters]
    column = table.rows[:, enters].copy()
    column[row] = 0.0
    table.rows -= np.outer(column, pivot)
    table.rows[row] = pivot
    table.reduced -= table.reduced[enters] * pivot
