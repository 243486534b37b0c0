"""Cost, market and income of the patents of a file, brought to one value with reasons."""

import math
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from techflow.basics import InvalidInput
from techflow.flow.valuing_cost import cost_inputs
from techflow.patents.cost import CostCase, cost_quantiles, indexed_spending
from techflow.patents.reconcile import (
    METHODS,
    Z_90,
    Opinions,
    Reconciled,
    reconcile_values,
)
from techflow.patents.survival import economic_scale_years
from techflow_service.models import read_model
from techflow_service.valuing.income import read_assumptions
from techflow_service.valuing.wording import beside, explain

CHUNK_N = 2_000
YEAR = re.compile(r"rnd_(\d{4})_cny")
EXTRA = ("rnd_cost_cny", "market_value_cny")
NAMES = ("low", "median", "high")
Array = np.ndarray[Any, np.dtype[np.float64]]


def has_methods(columns: Iterable[str]) -> bool:
    """Whether a file says something of cost or market."""
    return any(name in EXTRA or YEAR.fullmatch(name) for name in columns)


def read_price_index(rows: pl.DataFrame) -> dict[int, float]:
    """Price index by year, of a table with the columns `year` and `price_index`.

    Raises:
        InvalidInput: A column is missing, a cell is not a number, or a year occurs twice.
    """
    columns = ("year", "price_index")
    if not set(columns) <= set(rows.columns):
        raise InvalidInput(
            f"price index: expected the columns {', '.join(columns)}; got {', '.join(rows.columns)}"
        )
    table = rows.select(
        pl.col("year").cast(pl.Int64, strict=False),
        pl.col("price_index").cast(pl.Float64, strict=False),
    )
    if table.null_count().sum_horizontal().item() or table["year"].is_duplicated().any():
        raise InvalidInput("price index: expected one number for each year; correct the file")
    return dict(table.iter_rows())


def reconcile_rows(
    valued: pl.DataFrame,
    known: pl.DataFrame,
    *,
    at: date,
    shape: float,
    price_index: Mapping[int, float] | None,
) -> pl.DataFrame:
    """Add cost, and the value that income, market and cost give together.

    Args:
        valued: Rows with the value by income, and those known of `rnd_cost_cny` (R&D spending in
            prices of the day), `rnd_<year>_cny` (of that year), `filing_cost_cny`,
            `attribution_share`, `market_value_cny`, `market_sigma`, `market_comparables_n`.
        known: The same rows, typed, with life.
        at: Day of the valuation.
        shape: Weibull shape of economic life.
        price_index: Price index by year.

    Returns:
        The rows with `cost_*`, `reconciled_*`, the weight of each method and why.

    Raises:
        InvalidInput: The price index is not above 0 or lacks the year of the valuation.
    """
    terms = read_model("patent_methods.toml")
    cost = _cost(valued, known, terms, at, (shape, price_index))
    ended = (known["legal_life_left_years"] <= 0).fill_null(value=False)
    few, found = _opinions(beside(valued, cost), ended, terms)
    told = _tell(few, ended, found, terms).with_columns(
        pl.when(ended).then(0.0).otherwise(f"reconciled_{name}_cny").alias(f"reconciled_{name}_cny")
        for name in NAMES
    )
    unknown = pl.col("reconciled_median_cny").is_null()
    code = pl.when(ended).then(pl.lit("legal_end")).when(unknown).then(pl.lit("no_method"))
    told = told.with_columns(reconciled_reason_code=code, reconciled_mark=pl.lit(terms["mark"]))
    return beside(
        beside(valued, explain(cost, "cost", terms["cost_reason"])),
        explain(told, "reconciled", terms["reconciled_reason"]),
    )


def _number(rows: pl.DataFrame, name: str, default: float | None = None) -> pl.Series:
    if name not in rows.columns:
        return pl.Series(name, [default], pl.Float64).new_from_index(0, rows.height)
    found = rows[name].cast(pl.Float64, strict=False)
    return found if default is None else found.fill_null(default)


def _array(series: pl.Series) -> Array:
    return series.fill_null(math.nan).to_numpy()


def _cost(
    rows: pl.DataFrame,
    known: pl.DataFrame,
    terms: Mapping[str, Any],
    at: date,
    more: tuple[float, Mapping[int, float] | None],
) -> pl.DataFrame:
    shape, index = more
    assumed = terms["cost"]
    rnd, unindexed = _spending(rows, at, index)
    ready = known.with_columns(
        pl.Series("rnd_cny", rnd, nan_to_null=True),
        pl.Series("rnd_unindexed", unindexed),
        _number(rows, "filing_cost_cny"),
        _number(rows, "attribution_share", assumed["attribution_share"]),
    )
    judged: pl.DataFrame = cost_inputs(nw.from_native(ready.lazy()), at).to_native().collect()
    usable, ended = pl.col("cost_reason_code").is_null(), pl.col("legal_life_left_years") <= 0
    drawn = _quantiles(_case(judged, assumed, shape))
    return judged.select(
        *(
            pl.when(usable).then(pl.Series(values, nan_to_null=True)).alias(f"cost_{name}_cny")
            for name, values in zip(NAMES, drawn.T[:3], strict=True)
        ),
        "cost_basis",
        cost_reason_code=pl.when(usable & ended)
        .then(pl.lit("legal_end"))
        .otherwise("cost_reason_code"),
    )


def _spending(
    rows: pl.DataFrame, at: date, index: Mapping[int, float] | None
) -> tuple[Array, np.ndarray[Any, np.dtype[np.bool_]]]:
    """R&D spending in prices of the day; and whether a year with spending has no index."""
    years = [int(found[1]) for name in rows.columns if (found := YEAR.fullmatch(name))]
    years = [year for year in years if year <= at.year]
    now = _array(_number(rows, "rnd_cost_cny"))
    if not years:
        return now, np.zeros(rows.height, np.bool_)
    index = index or {}
    if index and at.year not in index:
        raise InvalidInput(f"price index: it lacks {at.year}, the year of --as-of; add that year")
    spent = np.column_stack([_array(_number(rows, f"rnd_{year}_cny")) for year in years])
    factors = np.array([index.get(year, math.nan) for year in years])
    past = indexed_spending(spent, factors, index_now=index.get(at.year, 1.0))
    both = np.where(np.isnan(now), past, np.where(np.isnan(past), now, now + past))
    return both, (~np.isnan(spent) & np.isnan(factors)).any(axis=1)


def _case(judged: pl.DataFrame, assumed: Mapping[str, Any], shape: float) -> CostCase:
    one = np.ones(judged.height)
    age = np.maximum(_array(judged["age_years"]), 0.0)
    effect = read_assumptions()["quality_effect"]
    return CostCase(
        _array(judged["rnd_cny"]) * _array(judged["attribution_share"]),
        _array(judged["filing_cost_cny"].fill_null(0.0)),
        one * assumed["profit_share"],
        one * assumed["attribution_sigma"],
        age,
        _array(judged["legal_life_left_years"]),
        economic_scale_years(_array(judged["scale_years"]), _array(judged["quality"]), effect),
        one * shape,
    )


def _quantiles(case: CostCase) -> Array:
    """`cost_quantiles`, a few thousand patents at a time."""
    parts = [
        cost_quantiles(CostCase(*(field[i : i + CHUNK_N] for field in case)))
        for i in range(0, len(case.age_years), CHUNK_N)
    ]
    return np.vstack([np.empty((0, 4)), *parts])


def _opinions(
    rows: pl.DataFrame, ended: pl.Series, terms: Mapping[str, Any]
) -> tuple[Array, Reconciled]:
    """Which rows have few comparable sales, and the opinion of all methods."""
    market, factor = terms["market"], terms["reconcile"]["factor"]
    median = _array(_number(rows, "market_value_cny"))
    sigma = _array(_number(rows, "market_sigma", market["sigma"]))
    few = _array(_number(rows, "market_comparables_n")) < market["comparables_n_min"]
    with np.errstate(over="ignore"):
        wide = np.exp(Z_90 * np.where(sigma > 0, sigma, math.nan))
    sides = {"low": median / wide, "median": median, "high": median * wide}
    low, middle, high = (
        np.column_stack(
            [
                _array(_number(rows, f"value_{name}_cny")),
                sides[name],
                _array(_number(rows, f"cost_{name}_cny")),
            ]
        )
        for name in NAMES
    )
    alive = 1.0 - ended.to_numpy()
    weighed = np.where(few, factor["few_comparables"], factor["market"])
    factors = np.column_stack([alive * factor["income"], alive * weighed, alive * factor["cost"]])
    return few, reconcile_values(
        Opinions(low, middle, high, factors),
        sigma_min=terms["reconcile"]["sigma_min"],
        cost_weight_max_share=terms["reconcile"]["cost_weight_max_share"],
    )


def _tell(
    few: Array, ended: pl.Series, found: Reconciled, terms: Mapping[str, Any]
) -> pl.DataFrame:
    """Quantiles, weights and dispersion, and in words why each method weighs what it does."""
    quantiles = zip(NAMES, found.quantiles_cny.T, strict=True)
    none = found.weights.sum(axis=1) == 0
    frame = pl.DataFrame(
        {
            **{f"reconciled_{name}_cny": values for name, values in quantiles},
            **{f"{name}_weight_share": found.weights[:, i] for i, name in enumerate(METHODS)},
            "methods_n": (found.weights > 0).sum(axis=1),
            "within_methods_log": np.where(none, math.nan, found.within_log),
            "between_methods_log": np.where(none, math.nan, found.between_log),
            "few": few,
            "capped": found.capped,
            "ended": ended,
        },
        nan_to_null=True,
    )
    coded = frame.with_columns(
        _weight_code("income", pl.lit(value=False), "by_precision", "by_precision"),
        _weight_code("market", pl.col("few"), "few_comparables", "by_precision"),
        _weight_code("cost", pl.col("capped"), "capped_beside_income", "cost_only_spent"),
    )
    return coded.drop("few", "capped", "ended").with_columns(
        weights_reason=_sentence(terms, "en", " ", "; "),
        weights_reason_zh=_sentence(terms, "zh", "", "；"),
    )


def _weight_code(method: str, when: pl.Expr, then: str, otherwise: str) -> pl.Expr:
    code = (
        pl.when("ended")
        .then(pl.lit("legal_end"))
        .when(pl.col(f"{method}_weight_share") <= 0)
        .then(pl.lit(f"no_{method}"))
        .when(when)
        .then(pl.lit(then))
    )
    return code.otherwise(pl.lit(otherwise)).alias(f"{method}_weight_code")


def _sentence(terms: Mapping[str, Any], language: str, gap: str, joint: str) -> pl.Expr:
    """`income 70 %: by the precision of its interval; ...`."""
    words = {code: word[language] for code, word in terms["weight"].items()}
    colon = "：" if language == "zh" else ": "
    return pl.concat_str(
        (
            pl.format(
                f"{terms['method'][name][language]} {{}}{gap}%{colon}{{}}",
                (pl.col(f"{name}_weight_share") * 100).round(0).cast(pl.Int64),
                pl.col(f"{name}_weight_code").replace_strict(words, return_dtype=pl.String),
            )
            for name in METHODS
        ),
        separator=joint,
    )
