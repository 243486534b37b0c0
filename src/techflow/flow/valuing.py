"""From rows of patents to what the income approach needs."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import narwhals.stable.v2 as nw

from techflow.patents.life import calendar_years, term_end

KINDS = ("invention", "utility_model", "design")


def value_inputs(
    frame: nw.LazyFrame[Any], scale_years: Mapping[str, float], at: date
) -> nw.LazyFrame[Any]:
    """Add legal life left, age, economic scale and the reason why a row cannot be valued.

    Args:
        frame: Columns `kind`, `filed_on` (date), `revenue_cny`, `royalty_rate`.
        scale_years: Weibull scale by kind, years.
        at: Day of the valuation.

    Returns:
        The rows with `age_years`, `term_ends_on` (first day without protection),
        `legal_life_left_years`, `scale_years`, `value_reason_code`; the code is null where the
        row can be valued. Years are whole from anniversary to anniversary.

    **Source** Patent Law Art. 42 for the legal life.

    >>> import polars as pl
    >>> rows = pl.LazyFrame({"kind": ["invention"], "filed_on": [date(2016, 1, 1)],
    ...                      "revenue_cny": [1.0], "royalty_rate": [0.05]})
    >>> found = value_inputs(nw.from_native(rows), {"invention": 11.0}, date(2026, 1, 1))
    >>> found.collect()["legal_life_left_years"][0]
    10.0
    """
    filed, day = nw.col("filed_on"), nw.lit(at)
    known = frame.with_columns(
        age_years=calendar_years(filed, day),
        term_ends_on=term_end(nw.col("kind"), filed),
        scale_years=_by_kind(scale_years),
    )
    left = calendar_years(day, nw.col("term_ends_on"))
    return known.with_columns(legal_life_left_years=left, value_reason_code=_reason(at))


def _by_kind(values: Mapping[str, float]) -> nw.Expr:
    found = nw.lit(None, nw.Float64)
    for kind, value in values.items():
        found = nw.when(nw.col("kind") == kind).then(nw.lit(value)).otherwise(found)
    return found


def _reason(at: date) -> nw.Expr:
    rate, revenue = nw.col("royalty_rate"), nw.col("revenue_cny")
    checks = {
        "unknown_kind": ~nw.col("kind").is_in(KINDS) | nw.col("kind").is_null(),
        "no_filing_date": nw.col("filed_on").is_null(),
        "filed_later": nw.col("filed_on") > at,
        "no_revenue": revenue.is_null() | (revenue < 0) | ~revenue.is_finite(),
        "no_royalty_rate": rate.is_null() | (rate < 0) | (rate > 1) | ~rate.is_finite(),
    }
    found = nw.lit(None, nw.String)
    for code, wrong in reversed(checks.items()):
        found = nw.when(wrong).then(nw.lit(code)).otherwise(found)
    return found
