"""Ways to have points: for every number of points the cheapest, combined by dynamic programming."""

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import product

from techflow.policy.gaps import Gap

Make = Callable[[], Gap]
Way = tuple[float, tuple[Make, ...]]
"""Effort and steps; a step is made a record only if it is taken."""
Ways = dict[int, Way]
"""Points in whole units -> the cheapest way to have them."""


def sum_ways(parts: Sequence[Ways], least: int | None) -> Ways:
    """Every sum of ways, without those that cannot come to `least` with all that follows.

    Args:
        parts: The ways of each part.
        least: Points in whole units below which a sum is of no use; None if any is.
    """
    if not all(parts):
        return {}
    ways, rest = parts[0], sum(max(part) for part in parts[1:])
    for part in parts[1:]:
        rest -= max(part)
        ways = thin_out(_cross(ways, part, -math.inf if least is None else least - rest))
    return ways


def _cross(left: Ways, right: Ways, least: float) -> Ways:
    """Every pair of ways, the cheapest for each number of points; the innermost loop."""
    found: Ways = {}
    for a, (effort_a, steps_a) in left.items():
        for b, (effort_b, steps_b) in right.items():
            points = a + b
            if points < least:
                continue
            effort = effort_a + effort_b
            known = found.get(points)
            if known is not None and effort >= known[0]:
                count = len(steps_a) + len(steps_b)
                if effort > known[0] or count >= len(known[1]):
                    continue
            found[points] = (effort, steps_a + steps_b)
    return found


def lowest_ways(parts: Sequence[Ways]) -> Ways:
    """The lowest of several parts counts.

    Args:
        parts: The ways of each part.
    """
    ways = parts[0]
    for part in parts[1:]:
        pairs = product(ways.items(), part.items())
        joined = ((min(a, b), (x[0] + y[0], x[1] + y[1])) for (a, x), (b, y) in pairs)
        ways = thin_out(cheapest_ways(joined))
    return ways


def best_ways(floor: int, parts: Sequence[Ways]) -> Ways:
    """One part climbs, the others stay.

    Args:
        floor: Points there are already, in whole units.
        parts: The ways of each part.
    """
    pairs = [(max(points, floor), way) for part in parts for points, way in part.items()]
    return cheapest_ways([(floor, (0.0, ())), *pairs])


def cheapest_ways(pairs: Iterable[tuple[int, Way]]) -> Ways:
    """The cheapest way for each number of points; of equal ones the first.

    Args:
        pairs: Points in whole units, and a way to have them.
    """
    ways: Ways = {}
    for points, way in pairs:
        known = ways.get(points)
        if known is None or (way[0], len(way[1])) < (known[0], len(known[1])):
            ways[points] = way
    return ways


def thin_out(ways: Ways) -> Ways:
    """Without ways that cost more and give less: marks are lower bounds, so more never hurts.

    Args:
        ways: Ways to have points.
    """
    thin: Ways = {}
    least: tuple[float, int] | None = None
    for points in sorted(ways, reverse=True):
        cost = (ways[points][0], len(ways[points][1]))
        if least is None or cost < least:
            thin[points], least = ways[points], cost
    return thin
