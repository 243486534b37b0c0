"""Patents of a file: one row out per row in, in the same order."""

import hashlib
import math
import tomllib
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from importlib.resources import files
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from techflow.basics import MissingColumn
from techflow.flow.valuing import value_inputs
from techflow.patents.pledge import haircut_share, loan_to_value_share
from techflow.patents.survival import economic_scale_years
from techflow.patents.value import IncomeCase
from techflow.patents.value_draws import draw_values
from techflow.patents.whitelist import whitelist_patents

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


def read_assumptions() -> dict[str, Any]:
    """Every assumption of value and pledge, from its content file."""
    return _read("patent_value.toml")


def read_reasons() -> dict[str, Any]:
    """Words of each reason code in both languages, by command."""
    return _read("patent_reasons.toml")


def value_rows(rows: pl.DataFrame, *, at: date, seed: int, watch: Watch = iter) -> pl.DataFrame:
    """Value each patent of a table.

    Args:
        rows: Columns of `NEEDS["value"]`; `patent_id`, `growth_rate_pa`, `discount_rate_pa` and
            `quality` where known.
        at: Day of the valuation.
        seed: Seed of the draws.
        watch: Wraps the chunks, for a progress bar.

    Raises:
        MissingColumn: A column is not there.
    """
    _check(rows, "value")
    assumed = read_assumptions()
    ready = _typed(rows, assumed)
    native = value_inputs(nw.from_native(ready.lazy()), assumed["scale_years"], at).to_native()
    known = native.collect().with_columns(
        value_reason_code=pl.when(pl.col("discount_rate_pa") <= -1)
        .then(pl.lit("wrong_discount_rate"))
        .otherwise("value_reason_code")
    )
    case, keys = _case(known, assumed), _keys(rows)
    parts = [
        draw_values(
            IncomeCase(*(field[i : i + CHUNK_N] for field in case)),
            keys[i : i + CHUNK_N],
            draws_n=assumed["draws_n"],
            seed=seed,
        )
        for i in watch(range(0, len(keys), CHUNK_N))
    ]
    found = np.vstack([np.empty((0, 4)), *parts])
    names = ("value_low_cny", "value_median_cny", "value_high_cny", "value_mean_cny")
    usable = pl.col("value_reason_code").is_null()
    values = known.select(
        "term_ends_on", "legal_life_left_years", "value_reason_code"
    ).with_columns(
        pl.when(usable).then(pl.Series(name, found[:, i], nan_to_null=True)).alias(name)
        for i, name in enumerate(names)
    )
    ended = usable & (pl.col("legal_life_left_years") <= 0)
    values = values.with_columns(
        value_reason_code=pl.when(ended).then(pl.lit("legal_end")).otherwise("value_reason_code")
    )
    return _beside(rows, _explain(values, "value"))


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
    return _beside(rows, _explain(pl.DataFrame(found, schema=schema, orient="row"), "pledge"))


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
    return _beside(rows, _explain(judged.select("whitelisted", f"{name}_reason_code"), name))


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


def _keys(rows: pl.DataFrame) -> np.ndarray[Any, np.dtype[np.uint64]]:
    """A number for each patent: of its id, so that order does not matter; else of its row."""
    if "patent_id" not in rows.columns:
        return np.arange(rows.height, dtype=np.uint64)
    texts = rows["patent_id"].cast(pl.String).fill_null("").to_list()
    digests = b"".join(hashlib.blake2b(text.encode(), digest_size=8).digest() for text in texts)
    return np.frombuffer(digests, np.uint64)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files("techflow_content.models") / name).read_text("utf8"))


def _explain(found: pl.DataFrame, command: str) -> pl.DataFrame:
    """Add the words of each reason code: `<command>_reason` and `<command>_reason_zh`."""
    reasons, code = read_reasons()[command], pl.col(f"{command}_reason_code")
    return found.with_columns(
        code.replace_strict(
            {name: words[language] for name, words in reasons.items()}, return_dtype=pl.String
        ).alias(f"{command}_reason{ending}")
        for language, ending in (("en", ""), ("zh", "_zh"))
    )


def _beside(rows: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    kept = rows.drop(name for name in found.columns if name in rows.columns)
    return pl.concat([kept, found], how="horizontal")
