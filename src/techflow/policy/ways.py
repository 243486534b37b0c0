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
        ways = _cross(ways, part, -math.inf if least is None else least - rest)
    return ways


def _cross(left: Ways, right: Ways, least: float) -> Ways:
    """Every pair of ways, the cheapest for each number of points, thinned out.

    The innermost loop: only what stays is put together.
    """
    found: dict[int, tuple[float, int, int, int]] = {}
    others = [(b, effort, len(steps)) for b, (effort, steps) in right.items()]
    for a, (effort_a, steps_a) in left.items():
        count_a = len(steps_a)
        for b, effort_b, count_b in others:
            points = a + b
            if points < least:
                continue
            effort = effort_a + effort_b
            if points in found:
                known = found[points]
                if effort > known[0] or (effort == known[0] and count_a + count_b >= known[1]):
                    continue
            found[points] = (effort, count_a + count_b, a, b)
    thin: Ways = {}
    cheapest = (math.inf, 0)
    for points in sorted(found, reverse=True):
        effort, count, a, b = found[points]
        if (effort, count) < cheapest:
            thin[points], cheapest = (effort, left[a][1] + right[b][1]), (effort, count)
    return thin


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
    if len(ways) == 1:
        return ways
    thin: Ways = {}
    least: tuple[float, int] | None = None
    for points in sorted(ways, reverse=True):
        cost = (ways[points][0], len(ways[points][1]))
        if least is None or cost < least:
            thin[points], least = ways[points], cost
    return thin
