"""From the rows of a file to what the income approach needs."""

import hashlib
import math
from collections.abc import Mapping
from datetime import date
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from techflow.flow.valuing import value_inputs
from techflow.patents.survival import economic_scale_years
from techflow.patents.value import IncomeCase
from techflow_service.assumptions import values_in_force
from techflow_service.models import read_model

Keys = np.ndarray[Any, np.dtype[np.uint64]]


def read_assumptions(at: date = date.max) -> dict[str, Any]:
    """Every assumption of value and pledge in force on a day; the latest if none is given."""
    return values_in_force(read_model("patent_value.toml"), at)


def income_inputs(
    rows: pl.DataFrame, at: date, assumed: Mapping[str, Any]
) -> tuple[pl.DataFrame, IncomeCase, Keys]:
    """Rows made ready for the draws.

    Args:
        rows: Columns `kind`, `filed_on`, `revenue_cny` and `royalty_rate`.
        at: Day of the valuation.
        assumed: Result of `read_assumptions`.

    Returns:
        Typed rows with life and `value_reason_code`; the case of the draws; the key of each row.
    """
    ready = _typed(rows, assumed)
    native = value_inputs(nw.from_native(ready.lazy()), assumed["scale_years"], at).to_native()
    known = native.collect().with_columns(
        value_reason_code=pl.when(pl.col("discount_rate_pa") <= -1)
        .then(pl.lit("wrong_discount_rate"))
        .otherwise("value_reason_code")
    )
    return known, _case(known, assumed), patent_keys(rows)


def _typed(rows: pl.DataFrame, assumed: Mapping[str, Any]) -> pl.DataFrame:
    defaults = {"quality": 0.0, **{k: assumed[k] for k in ("growth_rate_pa", "discount_rate_pa")}}
    day = pl.col("filed_on")
    if rows["filed_on"].dtype == pl.String:
        day = day.str.to_date("%Y-%m-%d", strict=False)
    numbers = [pl.col(n).cast(pl.Float64, strict=False) for n in ("revenue_cny", "royalty_rate")]
    optional = [
        pl.col(name).cast(pl.Float64, strict=False).fill_null(value)
        if name in rows.columns
        else pl.lit(value).alias(name)
        for name, value in defaults.items()
    ]
    return rows.select(pl.col("kind").cast(pl.String), day.cast(pl.Date), *numbers, *optional)


def _case(known: pl.DataFrame, assumed: Mapping[str, Any]) -> IncomeCase:
    column = {
        name: known[name].cast(pl.Float64).fill_null(math.nan).to_numpy()
        for name in known.columns
        if known[name].dtype.is_numeric()
    }
    one = np.ones(known.height)
    with np.errstate(invalid="ignore", divide="ignore"):
        growth = np.log1p(column["growth_rate_pa"])
    return IncomeCase(
        income_cny=column["revenue_cny"] * column["royalty_rate"] * (1 - assumed["tax_rate"]),
        income_sigma=one * math.hypot(assumed["revenue_sigma"], assumed["royalty_sigma"]),
        growth_log=growth,
        growth_sigma=one * assumed["growth_sigma"],
        discount_rate_pa=np.maximum(column["discount_rate_pa"], -0.99),
        legal_life_years=column["legal_life_left_years"],
        age_years=np.maximum(column["age_years"], 0.0),
        scale_years=economic_scale_years(
            column["scale_years"], column["quality"], assumed["quality_effect"]
        ),
        shape=one * assumed["shape"],
    )


def patent_keys(rows: pl.DataFrame) -> Keys:
    """A number for each patent: of its id, so that order does not matter; else of its row."""
    if "patent_id" not in rows.columns:
        return np.arange(rows.height, dtype=np.uint64)
    return id_keys(rows["patent_id"])


def id_keys(ids: pl.Series) -> Keys:
    """A number for each id, the same wherever it stands."""
    texts = ids.cast(pl.String).fill_null("").to_list()
    digests = b"".join(hashlib.blake2b(text.encode(), digest_size=8).digest() for text in texts)
    return np.frombuffer(digests, np.uint64)
