"""Patents of a file: one row out per row in, in the same order."""

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from techflow.basics import Floats, MissingColumn
from techflow.patents.haircuts import pledge_values
from techflow.patents.value import IncomeCase
from techflow.patents.value_draws import draw_values
from techflow.patents.whitelist import whitelist_patents
from techflow_service.models import read_model
from techflow_service.valuing.income import income_inputs, read_assumptions
from techflow_service.valuing.methods import has_methods, reconcile_rows
from techflow_service.valuing.wording import beside, explain

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
Watch = Callable[[Iterable[int]], Iterable[int]]


def read_reasons() -> dict[str, Any]:
    """Words of each reason code in both languages, by command."""
    return read_model("patent_reasons.toml")


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
    kind, known = pl.col("kind").cast(pl.String), pl.all_horizontal(pl.exclude("pd").is_not_null())
    caps = kind.replace_strict(terms["cap_share"], default=None, return_dtype=pl.Float64)
    pd, low, median, high = (column.fill_null(math.nan).to_numpy() for column in numbers)
    cap = rows.select(caps).to_series().fill_null(math.nan).to_numpy()
    given = ("correlation", "confidence", "sale_cost_share", "rate_pa")
    pledged = pledge_values((low, median, high), pd, cap, **{name: terms[name] for name in given})
    valued = numbers.select(known).to_series().to_numpy()
    code = _pledge_codes((low, median, high), pd, cap, valued)
    made = zip(("haircut_share", "loan_to_value_share", "loan_max_cny"), pledged, strict=True)
    found = pl.DataFrame(
        [pl.Series(name, array).fill_nan(None) for name, array in made]
    ).with_columns(pl.when(code.is_null()).then(pl.all()), pledge_reason_code=code)
    return _worded(rows, found, "pledge")


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


def _pledge_codes(
    values: tuple[Floats, Floats, Floats], pd: Floats, cap: Floats, valued: Any
) -> pl.Series:
    """Why nothing is lent on each patent, null where something is."""
    low, median, high = values
    spread = (low > 0) & (low <= median) & (median <= high) & (high < math.inf)
    codes = np.select(
        [np.isnan(cap), ~((pd > 0) & (pd < 1)), ~valued, ~spread & (median > 0), ~spread],
        ["kind_not_taken", "no_default_probability", "no_value", "no_spread", "worth_nothing"],
        "",
    )
    return pl.Series(codes, dtype=pl.String).replace("", None)


def _check(rows: pl.DataFrame, command: str) -> None:
    missing = [name for name in NEEDS[command] if name not in rows.columns]
    if missing:
        raise MissingColumn(
            f"patents {command}: the file lacks {', '.join(missing)}; it has "
            f"{', '.join(rows.columns)}; add the columns (value and life come from `patents value`)"
        )


def _worded(rows: pl.DataFrame, found: pl.DataFrame, command: str) -> pl.DataFrame:
    return beside(rows, explain(found, command, read_reasons()[command]))
