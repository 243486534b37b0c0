"""The one table type that crosses room borders."""

from collections.abc import Iterable
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from techflow.basics.errors import MissingColumn

Frame = nw.LazyFrame[Any]
"""A lazy table over any engine. Core functions take and return this; only edges collect."""

Floats = NDArray[np.float64]
"""A float64 array, the currency of kernels."""


def ratio(numerator: nw.Expr, denominator: nw.Expr) -> nw.Expr:
    """Numerator / denominator, or null where the denominator is zero.

    Plain division gives NaN for 0/0, and Polars and DuckDB rank NaN above every number,
    so `NaN >= threshold` is True: a firm with no revenue would pass an R&D-share test.

    Args:
        numerator: Any numeric expression.
        denominator: Any numeric expression; zero and null give null.

    Returns:
        A float64 expression.
    """
    divisor = denominator.cast(nw.Float64)
    return nw.when(divisor != 0).then(numerator.cast(nw.Float64) / divisor)


def require_columns(frame: Frame, names: Iterable[str], *, needed_by: str) -> None:
    """Check that a frame has the columns a function is about to use.

    Args:
        frame: The table to look at; only its schema is read.
        names: Column names that must be there.
        needed_by: Who needs them, for the message.

    Raises:
        MissingColumn: At least one is absent.
    """
    present = frame.columns
    absent = sorted(set(names) - set(present))
    if absent:
        raise MissingColumn(
            f"{needed_by} needs the column {', '.join(absent)}; got {', '.join(present)}"
        )


def day_number(day: nw.Expr) -> nw.Expr:
    """Number of a day, so that differences count days: that of Python's `date.toordinal`.

    Args:
        day: A date column.

    Returns:
        Whole number, int64; 1 January of year 1 is 1.
    """
    # Engines disagree on what a date minus a date is; on calendar parts they agree.
    past = day.dt.year().cast(nw.Int64) - 1
    leap_days = past // 4 - past // 100 + past // 400
    return past * 365 + leap_days + day.dt.ordinal_day().cast(nw.Int64)
