"""Patents of a valued file rolled up to firms: one row for each firm, in the order of its id."""

import math
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from techflow.basics import MissingColumn
from techflow.patents.value_joint import Marginals, joint_value, usable_marginals
from techflow.patents.value_portfolio import value_concentration
from techflow_service.models import read_model
from techflow_service.valuing.income import patent_keys
from techflow_service.valuing.wording import explain

ENDINGS = ("low", "median", "high")
FOUND = {
    "portfolio_low_cny": pl.Float64,
    "portfolio_median_cny": pl.Float64,
    "portfolio_high_cny": pl.Float64,
    "portfolio_mean_cny": pl.Float64,
    "diversification_share": pl.Float64,
    "portfolio_reason_code": pl.String,
}


def portfolio_rows(
    rows: pl.DataFrame, *, value: str, correlation: float | None, seed: int
) -> pl.DataFrame:
    """Value of each firm's patents together.

    Args:
        rows: Result of `patents value` with `firm_id`; `patent_id` where known.
        value: Which value: `value` (by income) or `reconciled`.
        correlation: Correlation of any two patents of a firm; None takes that of the folder.
        seed: Seed of the draws.

    Returns:
        One row for each firm. `diversification_share` is what the width of the interval loses
        against the sum of the widths: 0 if all patents move as one.

    Raises:
        InvalidInput: The correlation is not from 0 to 1.
        MissingColumn: A column is not there.
    """
    terms = read_model("patent_methods.toml")
    terms["portfolio"] |= {} if correlation is None else {"correlation": correlation}
    ready = _typed(rows, value)
    concentrated = value_concentration(
        nw.from_native(ready.lazy().select("firm_id", value_median_cny="median"))
    )
    firms: pl.DataFrame = concentrated.to_native().collect().sort("firm_id", nulls_last=True)
    parts = ready.partition_by("firm_id", as_dict=True)
    found = [_value(name, parts[(name,)], terms["portfolio"], seed) for name in firms["firm_id"]]
    joint = explain(
        pl.DataFrame(found, schema=FOUND, orient="row"), "portfolio", terms["portfolio_reason"]
    ).with_columns(
        portfolio_correlation=pl.lit(float(terms["portfolio"]["correlation"])),
        portfolio_mark=pl.lit(terms["mark"] if correlation is None else "given"),
    )
    return pl.concat([firms, joint], how="horizontal")


def _typed(rows: pl.DataFrame, value: str) -> pl.DataFrame:
    names = [f"{value}_{ending}_cny" for ending in ENDINGS]
    missing = [name for name in ("firm_id", *names) if name not in rows.columns]
    if missing:
        raise MissingColumn(
            f"patents portfolio: the file lacks {', '.join(missing)}; it has "
            f"{', '.join(rows.columns)}; give a result of `patents value` with firm_id"
        )
    numbers = rows.select(
        pl.col(name).cast(pl.Float64, strict=False).alias(ending)
        for name, ending in zip(names, ENDINGS, strict=True)
    )
    usable = usable_marginals(_marginals(numbers))
    kept = numbers.select(pl.when(pl.Series(usable)).then(pl.col(name)) for name in ENDINGS)
    firm = rows["firm_id"].cast(pl.String).str.strip_chars().replace("", None)
    repeated = _repeated(rows.with_columns(firm_id=firm))
    return kept.with_columns(firm, key=pl.Series(patent_keys(rows)), repeated=repeated)


def _repeated(rows: pl.DataFrame) -> pl.Series:
    if "patent_id" not in rows.columns:
        return pl.Series(np.zeros(rows.height, np.bool_))
    named = rows.select("firm_id", "patent_id")
    return named.is_duplicated() & named["patent_id"].is_not_null()


def _marginals(rows: pl.DataFrame) -> Marginals:
    return Marginals(*(rows[name].fill_null(math.nan).to_numpy() for name in ENDINGS))


def _value(
    firm: str | None, patents: pl.DataFrame, terms: dict[str, Any], seed: int
) -> tuple[float | str | None, ...]:
    known = patents.drop_nulls("median")
    checks = {
        "no_firm": firm is None,
        "repeated_patent": patents["repeated"].any(),
        "no_value": known.is_empty(),
    }
    reason = next((code for code, wrong in checks.items() if wrong), None)
    if reason:
        return (None,) * 5 + (reason,)
    joint = joint_value(_marginals(known), known["key"].to_numpy(), seed=seed, **terms)
    apart = float((known["high"] - known["low"]).sum())
    narrowed = 1 - (joint.high_cny - joint.low_cny) / apart if apart > 0 else None
    return (joint.low_cny, joint.median_cny, joint.high_cny, joint.mean_cny, narrowed, None)
