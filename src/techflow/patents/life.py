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

SCHEMA_KINDS = {"invention": "invention", "utility": "utility_model"}
"""Kinds of the table `patent`, and what `LEGAL_LIFE_YEARS` calls them."""


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
    filed, kind = nw.col("filed_on"), nw.col("patent_kind")
    new = filed >= nw.lit(DESIGN_REFORM)
    long, short = _years_after(filed, DESIGN_YEARS), _years_after(filed, OLD_DESIGN_YEARS)
    ends: nw.Expr = nw.when(kind == "design").then(nw.when(new).then(long).otherwise(short))
    for name, law_name in SCHEMA_KINDS.items():
        term = _years_after(filed, LEGAL_LIFE_YEARS[law_name])
        ends = nw.when(kind == name).then(term).otherwise(ends)
    dated = frame.with_columns(term_ends_on=ends.cast(nw.Date))
    day = nw.lit(on)
    return dated.with_columns(in_term=(filed <= day) & (day < nw.col("term_ends_on")))


def _years_after(day: nw.Expr, years: float) -> nw.Expr:
    return day.dt.offset_by(f"{years:.0f}y")
