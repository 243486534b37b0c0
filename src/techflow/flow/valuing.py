"""From rows of patents to what the income approach needs, and from value to pledge."""

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from techflow.basics import Floats
from techflow.patents.haircuts import Z_90
from techflow.patents.life import calendar_years, term_end
from techflow.patents.value import IncomeCase

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


def portfolio_case(patents: Mapping[str, Floats], assumed: Mapping[str, Any]) -> IncomeCase:
    """What the draws need of patents that are valued together with others of their firm.

    Args:
        patents: Arrays of shape (n,): `revenue_cny`, `royalty_low`, `royalty_high` (5 % and 95 %
            quantile of a lognormal rate; equal if the rate is known), `legal_life_left_years`,
            `age_years`, `scale_years`.
        assumed: Assumptions of the income approach.

    Returns:
        The case.
    """
    low, high = patents["royalty_low"], patents["royalty_high"]
    sigma = np.log(high / low) / (2 * Z_90)
    royalty = np.sqrt(low * high) * np.exp(sigma * sigma / 2)
    one = np.ones(len(low))
    return IncomeCase(
        income_cny=patents["revenue_cny"] * royalty * (1 - assumed["tax_rate"]),
        income_sigma=np.hypot(assumed["revenue_sigma"], sigma),
        growth_log=one * math.log1p(assumed["growth_rate_pa"]),
        growth_sigma=one * assumed["growth_sigma"],
        discount_rate_pa=one * assumed["discount_rate_pa"],
        legal_life_years=patents["legal_life_left_years"],
        age_years=np.maximum(patents["age_years"], 0.0),
        scale_years=patents["scale_years"],
        shape=one * assumed["shape"],
    )


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
