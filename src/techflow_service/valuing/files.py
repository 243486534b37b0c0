"""Patents of a file: one row out per row in, in the same order."""

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from techflow.basics import MissingColumn
from techflow.patents.pledge import haircut_share, loan_to_value_share
from techflow.patents.value import IncomeCase
from techflow.patents.value_draws import draw_values
from techflow.patents.whitelist import whitelist_patents
from techflow_service.valuing.income import income_inputs, read_assumptions
from techflow_service.valuing.methods import has_methods, reconcile_rows
from techflow_service.valuing.wording import beside, explain, read_content

CHUNK_N = 20_000
NEEDS = {
    "value": ("kind", "filed_on", "revenue_cny", "royalty_rate"),
    "pledge": ("kind", "pd", "value_low_cny", "value_median_cny", "value_high_cny"),
    "whitelist": (
        "kind",
        "in_force",
        "legal_life_left_years",
        "value_low_cny",
        "value_median_cny",
    ),
}
Z_90 = 1.6448536269514722
Watch = Callable[[Iterable[int]], Iterable[int]]


def read_reasons() -> dict[str, Any]:
    """Words of each reason code in both languages, by command."""
    return read_content("patent_reasons.toml")


def value_rows(
    rows: pl.DataFrame,
    *,
    at: date,
    seed: int,
    price_index: Mapping[int, float] | None = None,
    watch: Watch = iter,
) -> pl.DataFrame:
    """Value each patent of a table.

    Args:
        rows: Columns of `NEEDS["value"]`; `patent_id`, `growth_rate_pa`, `discount_rate_pa` and
            `quality` where known. With a column of cost or market, revenue and royalty rate may
            be absent, and the columns of `reconcile_rows` are added.
        at: Day of the valuation.
        seed: Seed of the draws.
        price_index: Price index by year, for R&D spending of past years.
        watch: Wraps the chunks, for a progress bar.

    Raises:
        InvalidInput: The price index is not above 0 or lacks the year of the valuation.
        MissingColumn: A column is not there.
    """
    more = has_methods(rows.columns)
    income = [name for name in NEEDS["value"][2:] if more and name not in rows.columns]
    ready = rows.with_columns(pl.lit(None, pl.Float64).alias(name) for name in income)
    _check(ready, "value")
    assumed = read_assumptions(at)
    known, case, keys = income_inputs(ready, at, assumed)
    parts = [
        draw_values(
            IncomeCase(*(field[i : i + CHUNK_N] for field in case)),
            keys[i : i + CHUNK_N],
            draws_n=assumed["draws_n"],
            seed=seed,
        )
        for i in watch(range(0, len(keys), CHUNK_N))
    ]
    values = _settle(known, np.vstack([np.empty((0, 4)), *parts]))
    valued = _worded(rows, values, "value")
    if not more:
        return valued
    return reconcile_rows(valued, known, at=at, shape=assumed["shape"], price_index=price_index)


def _settle(known: pl.DataFrame, drawn: np.ndarray[Any, Any]) -> pl.DataFrame:
    """Life, values and reason codes; nothing is left once the term has ended."""
    names = ("value_low_cny", "value_median_cny", "value_high_cny", "value_mean_cny")
    usable = pl.col("value_reason_code").is_null()
    values = known.select(
        "term_ends_on", "legal_life_left_years", "value_reason_code"
    ).with_columns(
        pl.when(usable).then(pl.Series(name, drawn[:, i], nan_to_null=True)).alias(name)
        for i, name in enumerate(names)
    )
    ended = usable & (pl.col("legal_life_left_years") <= 0)
    return values.with_columns(
        value_reason_code=pl.when(ended).then(pl.lit("legal_end")).otherwise("value_reason_code")
    )


def pledge_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Haircut, loan to value and the most that may be lent on each patent.

    Raises:
        MissingColumn: A column is not there; `patents value` makes those of value.
    """
    _check(rows, "pledge")
    terms = read_assumptions()["pledge"]
    names = NEEDS["pledge"][1:]
    numbers = rows.select(pl.col(name).cast(pl.Float64, strict=False) for name in names)
    kinds = rows["kind"].to_list()
    found = [_pledge(kind, *row, terms) for kind, row in zip(kinds, numbers.rows(), strict=True)]
    kept = dict.fromkeys(("haircut_share", "loan_to_value_share", "loan_max_cny"), pl.Float64)
    schema = {**kept, "pledge_reason_code": pl.String}
    return _worded(rows, pl.DataFrame(found, schema=schema, orient="row"), "pledge")


def whitelist_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Verdict and reason of the whitelist for each patent.

    Raises:
        MissingColumn: A column is not there.
    """
    name = "whitelist"
    _check(rows, name)
    terms = read_assumptions()[name]
    flag = pl.col("in_force").cast(pl.String).str.to_lowercase()
    typed = rows.select(
        pl.col("kind").cast(pl.String),
        flag.replace_strict({"true": True, "false": False}, default=None, return_dtype=pl.Boolean),
        *(pl.col(name).cast(pl.Float64, strict=False) for name in NEEDS["whitelist"][2:]),
    )
    judged = whitelist_patents(nw.from_native(typed.lazy()), **terms).to_native().collect()
    return _worded(rows, judged.select("whitelisted", f"{name}_reason_code"), name)


def _pledge(
    kind: str | None,
    pd: float | None,
    *values: Any,
) -> tuple[float | None, float | None, float | None, str | None]:
    low, median, high, terms = values
    nothing = (None, None, None)
    cap = terms["cap_share"].get(kind)
    if cap is None:
        return *nothing, "kind_not_taken"
    if pd is None or not 0 < pd < 1:
        return *nothing, "no_default_probability"
    if median is None or low is None or high is None:
        return *nothing, "no_value"
    if not 0 < low <= median <= high < math.inf:
        return *nothing, "no_spread" if median > 0 else "worth_nothing"
    sigma = math.log(high / low) / (2 * Z_90)
    haircut = haircut_share(
        sigma,
        pd,
        terms["correlation"],
        confidence=terms["confidence"],
        sale_cost_share=terms["sale_cost_share"],
    )
    share = loan_to_value_share(
        np.array([haircut]), product_cap_share=np.array([cap]), rate_pa=terms["rate_pa"]
    )
    return haircut, float(share[0]), float(share[0]) * median, None


def _check(rows: pl.DataFrame, command: str) -> None:
    missing = [name for name in NEEDS[command] if name not in rows.columns]
    if missing:
        raise MissingColumn(
            f"patents {command}: the file lacks {', '.join(missing)}; it has "
            f"{', '.join(rows.columns)}; add the columns (value and life come from `patents value`)"
        )


def _worded(rows: pl.DataFrame, found: pl.DataFrame, command: str) -> pl.DataFrame:
    return beside(rows, explain(found, command, read_reasons()[command]))
