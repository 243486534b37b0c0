"""The cheapest products for one firm: branch and bound, with the bound that proves it."""

import heapq
from dataclasses import dataclass, field, replace

import numpy as np

from techflow.basics import Floats
from techflow.matching.plan_problem import Flags, PlanProblem
from techflow.matching.plan_reduced import can_add_up, undominated
from techflow.matching.plan_relaxed import EPS, Integers, Relaxed, relax

NODES_N_MAX = 20_000
EASY_N_MAX = 60
"""Nodes after which it is worth looking for what can be left out, and starting again."""
GAP_MAX = 1e-9
"""Share of the value below which a node cannot hold anything better worth a look."""


@dataclass(frozen=True, slots=True)
class PlanSolution:
    """The cheapest plan and its proof.

    Attributes:
        amounts_cny: Amount of each product; None if no plan meets every bound.
        value_cny: Cost a year; infinite without a plan.
        bound_cny: No plan costs less; equal to the value unless nodes ran out.
        nodes_n: Nodes looked at.
    """

    amounts_cny: Floats | None
    value_cny: float
    bound_cny: float
    nodes_n: int

    @property
    def gap_share(self) -> float:
        """How much cheaper the best plan could at most be, as a share of the value.

        Infinite where none was found and none was ruled out.
        """
        if not np.isfinite(self.value_cny):
            return 0.0 if self.value_cny == self.bound_cny else np.inf
        return max(0.0, self.value_cny - self.bound_cny) / max(abs(self.value_cny), 1.0)


@dataclass(order=True, slots=True)
class _Node:
    bound: float
    place: int
    settled: Flags = field(compare=False)
    allowed: Flags = field(compare=False)
    basis: Integers | None = field(compare=False)


@dataclass(slots=True)
class _Search:
    problem: PlanProblem
    best: Floats | None
    value: float
    bound: float
    nodes_n: int = 0

    def beaten(self, bound: float) -> bool:
        """Whether nothing below a bound is worth a look; remembers the bound."""
        slack = GAP_MAX * max(1e-3, abs(self.value)) if np.isfinite(self.value) else 0.0
        if bound < self.value - slack:
            return False
        self.bound = min(self.bound, bound)
        return True


def solve_plan(
    problem: PlanProblem, *, start: Floats | None = None, nodes_n_max: int = NODES_N_MAX
) -> PlanSolution:
    """The cheapest amounts that add up to what is asked for.

    A product is used with at least its least amount or not at all, so the choice is not a linear
    problem. Each node settles some products as used and some as not; the rest is divisible, and
    the prices of the divisible plan prove how little any plan of the node may cost. Nodes are
    taken by that proof, least first.

    Args:
        problem: What is asked for and on offer.
        start: A plan known to be allowed, to begin with.
        nodes_n_max: Nodes to look at; the proof is then weaker, never wrong.

    Returns:
        The plan; with `bound_cny` as its proof.

    Examples:
        >>> from techflow.matching.plan_problem import build_plan
        >>> none = np.zeros((0, 2))
        >>> problem = build_plan(  # the cheaper one takes at most 60 and not below 50
        ...     (np.array([0.04, 0.06]), np.zeros(2)),
        ...     (np.array([50.0, 45.0]), np.array([60.0, 99.0])), (none, none, np.zeros(0)),
        ...     amount_cny=100.0, products_n_max=2,
        ... )
        >>> found = solve_plan(problem)
        >>> found.amounts_cny.round(6), round(found.value_cny, 6), found.gap_share < 1e-9
        (array([55., 45.]), 4.9, True)
    """
    unit = problem.amount_cny_max if problem.amount_cny_max > 0 else 1.0
    small = _scaled(problem, unit)
    search = _Search(small, None, np.inf, np.inf)
    if start is not None:
        search.best = start / unit
        search.value = plan_cost(small, search.best)
    if not _branch(search, min(EASY_N_MAX, nodes_n_max)) and nodes_n_max > EASY_N_MAX:
        before, kept = search, undominated(small)
        search = _restart(search, kept)
        _branch(search, nodes_n_max, hard=True)
        search.best = _spread(search.best, kept)
        if before.value < search.value:  # nodes ran out
            search.best, search.value = before.best, before.value
    best = None if search.best is None else search.best * unit
    bound = min(search.bound, search.value)
    return PlanSolution(best, search.value * unit, bound * unit, search.nodes_n)


def _restart(search: _Search, kept: Flags) -> _Search:
    """A search of fewer products that knows the plan found, if that does without the others."""
    part = search.problem.of(kept)
    known = search.best is not None and not search.best[~kept].any()
    best = search.best[kept] if search.best is not None and known else None
    value = search.value if known else np.inf
    return _Search(part, best, value, np.inf, search.nodes_n)


def _spread(amounts: Floats | None, kept: Flags) -> Floats | None:
    if amounts is None:
        return None
    every = np.zeros(kept.size)
    every[kept] = amounts
    return every


def plan_cost(problem: PlanProblem, amounts: Floats) -> float:
    """Cost a year of given amounts.

    Args:
        problem: What is on offer.
        amounts: Amount of each product; 0 is not used.
    """
    return float(problem.cost @ amounts + problem.fixed_cost_cny[amounts > 0].sum())


def _scaled(problem: PlanProblem, unit: float) -> PlanProblem:
    """Amounts as parts of what is asked for, rooms as parts of the greatest use."""
    most = np.maximum(problem.use * unit, problem.fixed_use).max(axis=1, initial=0.0)
    most[most <= 0] = 1.0
    return replace(
        problem,
        fixed_cost_cny=problem.fixed_cost_cny / unit,
        low_cny=problem.low_cny / unit,
        high_cny=np.minimum(problem.high_cny, problem.amount_cny_max) / unit,
        use=problem.use * unit / most[:, None],
        fixed_use=problem.fixed_use / most[:, None],
        room=problem.room / most,
        amount_cny_min=problem.amount_cny_min / unit,
        amount_cny_max=problem.amount_cny_max / unit,
    )


def _branch(search: _Search, nodes_n_max: int, *, hard: bool = False) -> bool:
    """Look at nodes; True if none is left."""
    problem = search.problem
    usable = (problem.high_cny > 0) & (problem.low_cny <= problem.high_cny * (1 + EPS))
    none = np.zeros(problem.products_n, dtype=np.bool_)
    heap = [_Node(-np.inf, 0, none, usable, None)]
    made = 0
    while heap and search.nodes_n < nodes_n_max:
        node = heapq.heappop(heap)
        if search.beaten(node.bound):
            continue
        search.nodes_n += 1
        found = relax(problem, node.settled, node.allowed, node.basis)
        if found.impossible or search.beaten(max(found.bound, node.bound)):
            continue
        chosen = _choose(search, node, found)
        if chosen is None:
            continue
        for settled, allowed in _below(problem, node, chosen):
            if hard and not can_add_up(problem, settled, allowed):
                continue
            made += 1
            bound = max(found.bound, node.bound)
            heapq.heappush(heap, _Node(bound, made, settled, allowed, found.basis))
    for node in heap:
        search.bound = min(search.bound, node.bound)
    return not heap


def _choose(search: _Search, node: _Node, found: Relaxed) -> int | None:
    """The product to settle next; None if the node's own plan is its answer."""
    problem, amounts = search.problem, found.amounts
    used = node.settled | (amounts > EPS)
    rest = used & ~node.settled
    if not rest.any():
        _take(search, amounts)
        search.bound = min(search.bound, max(found.bound, node.bound))
        return None
    if int(used.sum()) <= problem.products_n_max:
        _try(search, used, found.basis)
    return int(np.argmax(np.where(rest, amounts, -1.0)))


def _try(search: _Search, used: Flags, basis: Integers) -> None:
    """What the products of a divisible plan can do for real."""
    found = relax(search.problem, used, used, basis)
    if not found.impossible:
        _take(search, found.amounts)


def _take(search: _Search, amounts: Floats) -> None:
    amounts = np.where(amounts > EPS, amounts, 0.0)
    value = plan_cost(search.problem, amounts)
    if value < search.value:
        search.best, search.value = amounts, value


def _below(problem: PlanProblem, node: _Node, chosen: int) -> list[tuple[Flags, Flags]]:
    settled, without = node.settled.copy(), node.allowed.copy()
    settled[chosen], without[chosen] = True, False
    full = int(settled.sum()) == problem.products_n_max
    return [(settled, settled if full else node.allowed), (node.settled, without)]
