"""What all roll-ups share: windows before a day, guarded quotients, the final shape."""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date

import narwhals.stable.v2 as nw

from techflow.basics import Frame, day_number, ratio
from techflow.schema import Column
from techflow.schema.firms import FIRM_ID


def month_number(on: date) -> int:
    """Calendar months since year 0, so that months can be subtracted.

    Examples:
        >>> month_number(date(2020, 3, 1)) - month_number(date(2019, 12, 31))
        3
    """
    return on.year * 12 + on.month


def month_of(day: nw.Expr) -> nw.Expr:
    """`month_number` of a date column, int64."""
    return day.dt.year().cast(nw.Int64) * 12 + day.dt.month().cast(nw.Int64)


def months_before(on: date, months: int) -> date:
    """The same day some months earlier, or the last day of that month if it has no such day.

    Args:
        on: The day to count back from.
        months: How many months, 0 or more.

    Examples:
        >>> months_before(date(2020, 2, 29), 12), months_before(date(2020, 3, 31), 1)
        (datetime.date(2019, 2, 28), datetime.date(2020, 2, 29))
    """
    year, month = divmod(on.year * 12 + on.month - 1 - months, 12)
    return date(year, month + 1, min(on.day, monthrange(year, month + 1)[1]))


def days_since(day: nw.Expr, on: date) -> nw.Expr:
    """Whole days from a date column to `on`, int64; negative if the date is later.

    Args:
        day: The date column.
        on: The day to count to.
    """
    return on.toordinal() - day_number(day)


def sum_where(condition: nw.Expr, values: nw.Expr) -> nw.Expr:
    """Sum of the values of the rows that meet the condition; 0 if none does."""
    return nw.when(condition).then(values).sum()


def count_where(condition: nw.Expr) -> nw.Expr:
    """How many rows meet the condition, int64."""
    return condition.cast(nw.Int64).sum().cast(nw.Int64)


def distinct_n(values: nw.Expr) -> nw.Expr:
    """How many different values there are, null not among them, int64."""
    # n_unique counts null as one more value.
    return values.n_unique().cast(nw.Int64) - (values.null_count() > 0).cast(nw.Int64)


def known(condition: nw.Expr, values: nw.Expr) -> nw.Expr:
    """The values where the condition holds, null elsewhere."""
    return nw.when(condition).then(values)


def part_of(part: nw.Expr, whole: nw.Expr) -> nw.Expr:
    """Part / whole where the whole is above zero, null elsewhere.

    A quotient over a negative whole turns its sign: a loss over a negative revenue would
    read as a margin.
    """
    return nw.when(whole > 0).then(ratio(part, whole))


def growth(later: nw.Expr, earlier: nw.Expr) -> nw.Expr:
    """Later / earlier - 1 where the earlier is above zero, null elsewhere."""
    return part_of(later, earlier) - 1.0


def sole(column: str) -> nw.Expr:
    """In a roll-up: the one value of a column, or null if the rows differ or one is missing.

    Amounts in different currencies have no sum; the currency of a roll-up is null then, and
    so are its amounts.
    """
    values = nw.col(column)
    same = (values.min() == values.max()) & (values.null_count() == 0)
    return nw.when(same).then(values.min())


def shape(rolled: Frame, columns: Iterable[Column]) -> Frame:
    """The columns given, in their order and with the types of the dictionary."""
    return rolled.select(*(nw.col(item.name).cast(item.dtype) for item in columns))


def by_firm(rolled: Frame, columns: Iterable[Column]) -> Frame:
    """`firm_id` and the columns given, as `shape` gives them."""
    return shape(rolled, (FIRM_ID, *columns))
