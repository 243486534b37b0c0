"""Legal life of a Chinese patent: when its term ends, and whether it has on a day."""

from datetime import date

import narwhals.stable.v2 as nw

from techflow.basics import Frame, require_columns
from techflow.patents.survival import (
    DESIGN_REFORM,
    DESIGN_YEARS,
    LEGAL_LIFE_YEARS,
    OLD_DESIGN_YEARS,
)

UTILITY = "utility"
"""What the table `patent` calls a `utility_model`."""
DAYS_BEFORE_MONTH = (0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335)
LEAP_YEAR_DAYS = 366


def patent_life(frame: Frame, *, on: date) -> Frame:
    """The day a term ends at the latest, and whether it still runs on a day.

    Args:
        frame: Patents with `patent_kind` (`invention`, `utility`, `design`) and `filed_on` (date).
        on: The day asked about.

    Returns:
        The same rows with two more columns. `term_ends_on`: first day without protection, null
        for an unknown kind or day. `in_term`: filed by `on` and before the end, null where that
        is. It says nothing of grant, unpaid fees, extension or invalidation.

    Raises:
        MissingColumn: `patent_kind` or `filed_on` is absent.

    Source:
        Patent Law of China (2020), article 42; Implementing Rules, rule 5, on days that a month
        does not have.

    Examples:
        >>> import polars as pl
        >>> row = pl.LazyFrame({"patent_kind": ["utility"], "filed_on": [date(1999, 9, 6)]})
        >>> life = patent_life(nw.from_native(row), on=date(2009, 9, 5)).collect()
        >>> life["term_ends_on"][0], life["in_term"][0]
        (datetime.date(2009, 9, 6), True)
    """
    require_columns(frame, ("patent_kind", "filed_on"), needed_by="patent_life")
    filed = nw.col("filed_on")
    ends = term_end(nw.col("patent_kind"), filed)
    dated = frame.with_columns(term_ends_on=ends)
    day = nw.lit(on)
    return dated.with_columns(in_term=(filed <= day) & (day < nw.col("term_ends_on")))


def term_end(kind: nw.Expr, filed: nw.Expr) -> nw.Expr:
    """First day without protection.

    Args:
        kind: `invention`, `utility` or `utility_model`, `design`.
        filed: Filing day.

    Returns:
        Date; null for an unknown kind or day.

    Source:
        Patent Law of China (2020), article 42.

    Examples:
        >>> import polars as pl
        >>> row = pl.LazyFrame({"kind": ["design"], "filed_on": [date(2021, 6, 1)]})
        >>> end = term_end(nw.col("kind"), nw.col("filed_on"))
        >>> nw.from_native(row).select(end=end).collect()["end"][0]
        datetime.date(2036, 6, 1)
    """
    new = filed >= nw.lit(DESIGN_REFORM)
    long, short = _years_after(filed, DESIGN_YEARS), _years_after(filed, OLD_DESIGN_YEARS)
    ends: nw.Expr = nw.when(kind == "design").then(nw.when(new).then(long).otherwise(short))
    for name, years in LEGAL_LIFE_YEARS.items():
        names = (name, UTILITY) if name == "utility_model" else (name,)
        ends = nw.when(kind.is_in(names)).then(_years_after(filed, years)).otherwise(ends)
    return ends.cast(nw.Date)


def calendar_years(since: nw.Expr, until: nw.Expr) -> nw.Expr:
    """Years from one day to another, whole from anniversary to anniversary.

    Args:
        since: First day.
        until: Last day; before `since` gives a negative number.

    Returns:
        Years. Every day of the calendar has one place in all years, that of a leap year, so that
        an anniversary is exact; between two of them a day is 1/366.

    Source:
        Own convention: day counts of finance have no exact anniversary over leap years.

    Examples:
        >>> import polars as pl
        >>> row = pl.LazyFrame({"a": [date(2016, 3, 15)], "b": [date(2026, 3, 15)]})
        >>> years = calendar_years(nw.col("a"), nw.col("b"))
        >>> nw.from_native(row).select(years=years).collect()["years"][0]
        10.0
    """
    whole = until.dt.year() - since.dt.year()
    return whole + (_place_in_year(until) - _place_in_year(since)) / LEAP_YEAR_DAYS


def _place_in_year(day: nw.Expr) -> nw.Expr:
    before = nw.lit(DAYS_BEFORE_MONTH[0])
    for month, days in enumerate(DAYS_BEFORE_MONTH[1:], start=2):
        before = nw.when(day.dt.month() >= month).then(nw.lit(days)).otherwise(before)
    return before + day.dt.day().cast(nw.Int64)


def _years_after(day: nw.Expr, years: float) -> nw.Expr:
    return day.dt.offset_by(f"{years:.0f}y")
