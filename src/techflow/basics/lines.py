"""Effects as lines through points: data that becomes an expression on any engine."""

from collections.abc import Iterable
from itertools import pairwise

import narwhals.stable.v2 as nw

from techflow.basics.errors import InvalidInput

Points = tuple[tuple[float, float], ...]
"""(number, effect), rising in the number."""


def read_points(name: str, data: Iterable[tuple[float, float]]) -> Points:
    """Points from parsed data.

    Raises:
        InvalidInput: There is none, or the numbers do not rise.
    """
    points = tuple((float(x), float(y)) for x, y in data)
    if not points or any(left[0] >= right[0] for left, right in pairwise(points)):
        raise InvalidInput(f"points of {name} must rise in the number; got {points}")
    return points


def known(name: str) -> nw.Expr:
    """A column as float64; null if unknown or not finite."""
    number = nw.col(name).cast(nw.Float64)
    return nw.when(number.is_finite()).then(number)


def line(value: nw.Expr, points: Points) -> nw.Expr:
    """The line through the points, flat beyond the first and the last; null stays null.

    Args:
        value: Result of `known`.
        points: Result of `read_points`.
    """
    total = nw.lit(points[0][1])
    for (x0, y0), (x1, y1) in pairwise(points):
        total = total + (value - x0).clip(0.0, x1 - x0) * ((y1 - y0) / (x1 - x0))
    return nw.when(~value.is_null()).then(total)
