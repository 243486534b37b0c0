"""The cheapest steps that bring a score over its mark: an exact search over its levels.

Each item can stay or climb to a higher bracket at the effort of the change it needs. Levels are
combined bottom up, keeping for every number of points only the cheapest way (dynamic programming
on exact points, held as whole numbers of the score's unit), so the result is the optimum over all
combinations, not a greedy one.
"""

import math
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Any

from techflow.policy.changes import Held, find_change
from techflow.policy.decision import Decision, Scored, Tested
from techflow.policy.gaps import Gap, gaps_for, number_gap, total_effort
from techflow.policy.lower_points import units_of
from techflow.policy.model import BestOf, Condition, Judged, LeastOf, Points, Steps, Sum
from techflow.policy.params import Number, Table
from techflow.policy.rule import walk
from techflow.policy.twin import COMPARE
from techflow.policy.ways import Ways, best_ways, cheapest_ways, lowest_ways, sum_ways, thin_out

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
    inner = {name for test in tests for name in _names_below(_points(test), held)}
    roots = [test for test in tests if _points(test).name not in inner]
    return tuple(_plan(test, floors, held) for test in roots)


def _names_below(node: Points, held: Held) -> frozenset[str]:
    def names() -> frozenset[str]:
        return frozenset(below.name for below in walk(node) if below is not node)

    return held.memo.of("below", node, names)


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
    node = _points(test)
    units = held.memo.of("units", node, lambda: units_of(node))
    ways = _ways(scored, Search(floors, held, units)) if scored else {}
    base = scored.low if scored else Fraction(0)
    short = max(bound.value - base, Fraction(0))
    clause = (bound.source.reference, bound.source.mark)
    above = _condition(test).op == ">"
    if not ways:
        return Gap("supply", test.name, (), base, bound.value, short, *clause, above=above)
    reached = min(ways, key=lambda points: (ways[points][0], len(ways[points][1]), points))
    effort, makes = ways[reached]
    steps = tuple(make() for make in makes)
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
    known = test.scored is not None and test.scored.reading is not None
    wanted = _cuts(node, test.name, held)
    return [
        number_gap(asked, held, find_change(asked, held) if known else None)
        for asked, cut in zip(reversed(wanted), reversed(node.table.cuts), strict=True)
        if enough(cut.points, least)
    ]


def _cuts(node: Steps, name: str, held: Held) -> tuple[Condition, ...]:
    """Each bracket of a table as a test of its measure."""

    def cuts() -> tuple[Condition, ...]:
        table: Any = node.table
        return tuple(
            Condition(name, node.measure, cut.op, Number(cut.at, table.source))
            for cut in table.cuts
        )

    return held.memo.of(("cuts", name), node, cuts)


def _ways(scored: Scored, search: Search) -> Ways:
    if scored.node.name not in search.floors:
        return thin_out(_levels(scored, search, None))
    op, bound = search.floors[scored.node.name]
    goal, enough = bound * search.units, COMPARE[op]
    least = math.ceil(goal) if op in (">=", ">") else None
    ways = thin_out(_levels(scored, search, least))
    return {points: way for points, way in ways.items() if enough(points, goal)}


def _levels(scored: Scored, search: Search, least: int | None) -> Ways:
    parts = [_ways(part, search) for part in scored.parts]
    match scored.node:
        case Sum(_, _, cap):
            ways = sum_ways(parts, least)
            most = search.whole(cap.value) if isinstance(cap, Number) else None
            capped = ((p if most is None else min(p, most), way) for p, way in ways.items())
            return cheapest_ways(capped)
        case LeastOf():
            return lowest_ways(parts)
        case BestOf():
            return best_ways(search.whole(scored.low), parts)
        case Steps(_, _, Table()):
            return _steps_levels(scored, search)
        case Judged():
            return _judged_levels(scored, search)
    here: Ways = {search.whole(scored.low): (0.0, ())}
    if parts:
        return cheapest_ways(pair for part in parts for pair in part.items())
    if scored.tested is not None and scored.tested.ok is not True:
        gaps = gaps_for(scored.tested, search.held, plan_scores)
        most_points = scored.high if scored.tested.ok is None else _most(scored)
        makes = tuple(partial(replace, gap) for gap in gaps)
        if len(gaps) == 1:
            makes = (partial(replace, gaps[0], points=(scored.low, most_points)),)
        here[search.whole(most_points)] = (total_effort(gaps), makes)
    return here


def _most(scored: Scored) -> Fraction:
    points = getattr(scored.node, "points", None)
    return points.value if isinstance(points, Number) else scored.high


def _steps_levels(scored: Scored, search: Search) -> Ways:
    """Stay, or meet a cut that gives more."""
    node, low, held = scored.node, scored.low, search.held
    ways: Ways = {search.whole(low): (0.0, ())}
    if not isinstance(node, Steps) or not isinstance(node.table, Table):
        return ways
    for wanted, cut in zip(_cuts(node, node.name, held), node.table.cuts, strict=True):
        if cut.points > low:
            change = find_change(wanted, held) if scored.reading else None
            points = search.whole(cut.points)
            effort = change.effort if change else 0.0
            if points not in ways or effort < ways[points][0]:
                make = partial(number_gap, wanted, held, change, (low, cut.points))
                ways[points] = (effort, (make,))
    return ways


def _judged_levels(scored: Scored, search: Search) -> Ways:
    """Stay, or be given whole points more, up to the most allowed."""
    node, low = scored.node, scored.low
    ways: Ways = {search.whole(low): (0.0, ())}
    if not isinstance(node, Judged) or not isinstance(node.most, Number):
        return ways
    value, base, most = search.held.values[node.fact], search.whole(low), node.most.value
    for points in range(int(low) + 1, int(most) + 1):
        whole = points * search.units
        effort = (whole - base) / search.whole(most)
        make = partial(_judged_step, node, value, low, points, effort=effort)
        ways[whole] = (effort, (make,))
    return ways


def _judged_step(
    node: Judged, value: Fraction | None, base: Fraction, points: int, *, effort: float
) -> Gap:
    source: Any = node.most.source  # type: ignore[union-attr]
    target = Fraction(points)
    amounts = (value, target, target - base, source.reference, source.mark, effort)
    kind = "supply" if value is None else "raise"
    return Gap(kind, node.name, (node.fact,), *amounts, points=(base, target))  # type: ignore[arg-type]
