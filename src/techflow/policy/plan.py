"""The cheapest steps that bring a score over its mark: an exact search over its levels.

Each item can stay or climb to a higher bracket at the effort of the change it needs. Levels are
combined bottom up, keeping for every number of points only the cheapest way (dynamic programming
on exact points, held as whole numbers of the score's unit), so the result is the optimum over all
combinations, not a greedy one.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from techflow.policy.decision import Decision, Scored, Tested
from techflow.policy.gaps import Gap, Held, gaps_for, number_gap, total_effort
from techflow.policy.lower_points import units_of
from techflow.policy.model import (
    BestOf,
    Condition,
    Judged,
    LeastOf,
    Points,
    Steps,
    Sum,
)
from techflow.policy.params import Number, Table
from techflow.policy.rule import walk
from techflow.policy.twin import COMPARE

Ways = dict[int, tuple[float, tuple[Gap, ...]]]
"""Points in whole units -> effort and steps of the cheapest way to have them."""
Floors = Mapping[str, tuple[str, Fraction]]
"""Name of a points node -> operator and bound it must meet; in a rule a name is one node."""


@dataclass(frozen=True, slots=True)
class Search:
    """What one search over levels needs: marks to meet, the firm, whole units per point."""

    floors: Floors
    held: Held
    units: int

    def whole(self, points: Fraction) -> int:
        """Points in whole units; `units` is a multiple of every denominator below the score.

        Args:
            points: Exact points.
        """
        return points.numerator * (self.units // points.denominator)


def gaps_of(decision: Decision) -> tuple[Gap, ...]:
    """What must change for a policy to say yes, least effort first; empty if it does.

    Args:
        decision: From `decide`.

    Returns:
        Gaps that must all be closed. Shortfalls are exact: one unit less does not do.
    """
    if decision.answer or decision.tested is None:
        return ()
    gaps = gaps_for(decision.tested, Held.of(decision), plan_scores)
    return tuple(sorted(gaps, key=lambda gap: gap.effort))


def plan_scores(tests: Sequence[Tested], held: Held) -> tuple[Gap, ...]:
    """One plan per score for the points tests of a conjunction.

    Args:
        tests: Points tests that do not hold; a test on a part of another's score is met by the
            same plan.
        held: The firm's facts.
    """
    floors = {_points(test).name: (_condition(test).op, _bound(test).value) for test in tests}
    nodes = [_points(test) for test in tests]
    inner = {below.name for node in nodes for below in walk(node) if below is not node}
    roots = [test for test in tests if _points(test).name not in inner]
    return tuple(_plan(test, floors, held) for test in roots)


def _condition(test: Tested) -> Condition:
    if not isinstance(test.node, Condition):
        raise TypeError("only a condition has points")
    return test.node


def _points(test: Tested) -> Points:
    node: Any = _condition(test).measure
    return node  # type: ignore[no-any-return]


def _bound(test: Tested) -> Number:
    if test.bound is None:
        raise TypeError("a points test has a bound")
    return test.bound


def _plan(test: Tested, floors: Floors, held: Held) -> Gap:
    bound, scored = _bound(test), test.scored
    if isinstance(_points(test), Steps) and (brackets := _brackets_enough(test, held)):
        return min(brackets, key=operator.attrgetter("effort"))
    units = units_of(scored.node) if scored else 1
    ways = _ways(scored, Search(floors, held, units)) if scored else {}
    base = scored.low if scored else Fraction(0)
    short = max(bound.value - base, Fraction(0))
    clause = (bound.source.reference, bound.source.mark)
    above = _condition(test).op == ">"
    if not ways:
        return Gap("supply", test.name, (), base, bound.value, short, *clause, above=above)
    reached = min(ways, key=lambda points: (ways[points][0], len(ways[points][1]), points))
    effort, steps = ways[reached]
    ends = (base, Fraction(reached, units))
    amounts = (base, bound.value, short)
    return Gap(
        "score", test.name, (), *amounts, *clause, effort, steps=steps, points=ends, above=above
    )


def _brackets_enough(test: Tested, held: Held) -> list[Gap]:
    """What a mark on a single item asks of its measure, by each bracket that is enough.

    An owner can have a number, not points; the least demanding bracket comes first.
    """
    node, least = _points(test), _bound(test).value
    if not isinstance(node, Steps) or not isinstance(node.table, Table):
        return []
    enough = COMPARE[_condition(test).op]
    source = node.table.source
    return [
        number_gap(held, test.name, node.measure, cut.op, Number(cut.at, source))
        for cut in reversed(node.table.cuts)
        if enough(cut.points, least)
    ]


def _ways(scored: Scored, search: Search) -> Ways:
    ways = _thin(_levels(scored, search))
    if scored.node.name not in search.floors:
        return ways
    op, bound = search.floors[scored.node.name]
    goal = bound * search.units
    return {points: way for points, way in ways.items() if COMPARE[op](points, goal)}


def _levels(scored: Scored, search: Search) -> Ways:
    parts = [_ways(part, search) for part in scored.parts]
    match scored.node:
        case Sum(_, _, cap):
            ways = _combine(parts, operator.add)
            most = search.whole(cap.value) if isinstance(cap, Number) else None
            return ways if most is None else _keep((min(p, most), way) for p, way in ways.items())
        case LeastOf():
            return _combine(parts, min)
        case BestOf():
            return _best(search.whole(scored.low), parts)
        case Steps(_, _, Table()):
            return _steps_levels(scored, search)
        case Judged():
            return _judged_levels(scored, search)
    here: Ways = {search.whole(scored.low): (0.0, ())}
    if parts:
        return _keep(pair for part in parts for pair in part.items())
    if scored.tested is not None and scored.tested.ok is not True:
        gaps = gaps_for(scored.tested, search.held, plan_scores)
        most_points = scored.high if scored.tested.ok is None else _most(scored)
        if len(gaps) == 1:
            gaps = (replace(gaps[0], points=(scored.low, most_points)),)
        here[search.whole(most_points)] = (total_effort(gaps), gaps)
    return here


def _most(scored: Scored) -> Fraction:
    points = getattr(scored.node, "points", None)
    return points.value if isinstance(points, Number) else scored.high


def _combine(parts: Sequence[Ways], join: Callable[[int, int], int]) -> Ways:
    ways = parts[0]
    for part in parts[1:]:
        ways = _thin(_cross(ways, part, join))
    return ways


def _cross(left: Ways, right: Ways, join: Callable[[int, int], int]) -> Ways:
    """Every pair of ways, the cheapest for each number of points; the innermost loop."""
    found: Ways = {}
    for a, (effort_a, steps_a) in left.items():
        for b, (effort_b, steps_b) in right.items():
            points, effort = join(a, b), effort_a + effort_b
            known = found.get(points)
            if known is not None and effort >= known[0]:
                count = len(steps_a) + len(steps_b)
                if effort > known[0] or count >= len(known[1]):
                    continue
            found[points] = (effort, steps_a + steps_b)
    return found


def _best(floor: int, parts: Sequence[Ways]) -> Ways:
    """One part climbs, the others stay."""
    pairs = [(max(points, floor), way) for part in parts for points, way in part.items()]
    return _keep([(floor, (0.0, ())), *pairs])


def _keep(pairs: Any) -> Ways:
    """The cheapest way for each number of points."""
    ways: Ways = {}
    for points, way in pairs:
        if points not in ways or (way[0], len(way[1])) < (ways[points][0], len(ways[points][1])):
            ways[points] = way
    return ways


def _thin(ways: Ways) -> Ways:
    """Without ways that cost more and give less: marks are lower bounds, so more never hurts."""
    thin: Ways = {}
    least: tuple[float, int] | None = None
    for points in sorted(ways, reverse=True):
        cost = (ways[points][0], len(ways[points][1]))
        if least is None or cost < least:
            thin[points], least = ways[points], cost
    return thin


def _steps_levels(scored: Scored, search: Search) -> Ways:
    """Stay, or meet a cut that gives more."""
    node = scored.node
    ways: Ways = {search.whole(scored.low): (0.0, ())}
    if not isinstance(node, Steps) or not isinstance(node.table, Table):
        return ways
    for cut in node.table.cuts:
        if cut.points > scored.low:
            bound = Number(cut.at, node.table.source)
            gap = number_gap(search.held, node.name, node.measure, cut.op, bound)
            step = replace(gap, points=(scored.low, cut.points))
            ways = _keep([*ways.items(), (search.whole(cut.points), (step.effort, (step,)))])
    return ways


def _judged_levels(scored: Scored, search: Search) -> Ways:
    """Stay, or be given whole points more, up to the most allowed."""
    node = scored.node
    ways: Ways = {search.whole(scored.low): (0.0, ())}
    if not isinstance(node, Judged) or not isinstance(node.most, Number):
        return ways
    value, most = search.held.values[node.fact], node.most
    source = most.source
    for points in range(int(scored.low) + 1, int(most.value) + 1):
        target, base = Fraction(points), scored.low
        effort = float((target - base) / most.value)
        kind = "supply" if value is None else "raise"
        amounts = (value, target, target - base, source.reference, source.mark, effort)
        step = Gap(kind, node.name, (node.fact,), *amounts, points=(base, target))  # type: ignore[arg-type]
        ways[points * search.units] = (effort, (step,))
    return ways
