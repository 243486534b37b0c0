"""Figures of the whole book, computed from every firm whatever the page has room for."""

from typing import Any

import polars as pl

from techflow_service.report.columns import to_columns

DIMENSIONS = ("country", "region_code", "city", "sector", "industry_code", "life_stage")
PART = "part_"
"""Before the name of a feature: its contribution to the score."""
COUNTED = (
    *("firm_id", "name", "verdict", "grade", "pd", "pd_basis", "card_id", "score", "currency"),
    *("limit_lcy", "debt_outstanding_lcy", "el_rate_pa", "rate_pa"),
    *("missing", "missing_zh", "missing_en", *DIMENSIONS),
)
"""Columns that the figures of the book are counted from."""
QUANTILES = 50
LARGEST_N = 10
GROUPS_N = 12
MISSING_SEPARATOR = r"[;；]\s*"
"""Between the documents of `missing` and of its two texts."""


def measure_book(firms: pl.DataFrame, parts: pl.LazyFrame) -> dict[str, Any]:
    """Every figure of the book that the page shows.

    A firm without a limit has no amount to add, so it counts under the commonest currency.

    Args:
        firms: The columns `COUNTED` of the assessment, one row per firm.
        parts: `firm_id` and the contributions `part_<feature>`.

    Returns:
        Name of the figure -> columns of its table.
    """
    commonest = firms["currency"].drop_nulls().mode().sort().first()
    lent = pl.when(pl.col("limit_lcy") > 0).then(pl.col("currency"))
    firms = firms.with_columns(currency=lent.fill_null(commonest))
    return {
        "verdicts": to_columns(firms.group_by("verdict").agg(firms_n=pl.len()).sort("verdict")),
        "currencies": to_columns(sum_currencies(firms)),
        "grades": to_columns(count_grades(firms)),
        "pd_quantiles": spread_pd(firms),
        "missing": to_columns(count_missing(firms)),
        "reasons": to_columns(weigh_reasons(firms, parts)),
        "concentration": {name: to_columns(split_book(firms, name)) for name in DIMENSIONS},
        "largest": to_columns(rank_limits(firms)),
    }


def sum_currencies(firms: pl.DataFrame) -> pl.DataFrame:
    """Limit, debt and loss of the book in each currency; amounts are never added across."""
    limit, rate = pl.col("limit_lcy"), pl.col("rate_pa")
    loss = (limit * pl.col("pd")).sum()
    priced = pl.when(rate.is_not_null()).then(limit)
    return (
        firms.group_by("currency")
        .agg(
            pl.len().alias("firms_n"),
            (limit > 0).sum().alias("with_limit_n"),
            rate.count().alias("priced_n"),
            limit.sum().alias("limit_lcy"),
            pl.col("debt_outstanding_lcy").sum().alias("debt_outstanding_lcy"),
            pl.when(limit.sum() > 0).then(loss / limit.sum()).alias("pd"),
            (limit * pl.col("el_rate_pa")).sum().alias("el_lcy"),
            pl.when(priced.sum() > 0).then((limit * rate).sum() / priced.sum()).alias("rate_pa"),
            rate.median().alias("rate_median_pa"),
            limit.sort(descending=True).head(LARGEST_N).sum().alias("largest_lcy"),
        )
        .sort("firms_n", "currency", descending=[True, False])
    )


def count_grades(firms: pl.DataFrame) -> pl.DataFrame:
    """Firms, PD range and limit of each grade and verdict, safest grade first."""
    pd, expert = pl.col("pd"), pl.col("verdict") == "expert"
    return (
        firms.filter(pl.col("grade").is_not_null())
        .group_by("grade", "verdict", "currency")
        .agg(
            pl.len().alias("firms_n"),
            pd.mean().alias("pd"),
            pd.min().alias("pd_min"),
            pd.max().alias("pd_max"),
            pl.col("limit_lcy").sum(),
            pl.col("rate_pa").median(),
        )
        .sort(expert, pl.when(~expert).then(pl.col("pd").mean().over("grade")), "grade", "verdict")
    )


def spread_pd(firms: pl.DataFrame) -> dict[str, Any]:
    """Quantiles of PD for each basis, at the midpoints of equal parts of the firms.

    Returns:
        Basis -> `firms_n`, `values` (ascending; one dot each) and the 10, 50 and 90 % points.
    """
    steps = [(step + 0.5) / QUANTILES for step in range(QUANTILES)]
    known = firms.filter(pl.col("pd").is_not_null(), pl.col("pd_basis").is_not_null())
    return {
        str(basis): {
            "firms_n": part.height,
            "values": [part["pd"].quantile(step, "nearest") for step in steps],
            "points": [part["pd"].quantile(step, "linear") for step in (0.1, 0.5, 0.9)],
        }
        for (basis,), part in known.group_by("pd_basis", maintain_order=True)
    }


def count_missing(firms: pl.DataFrame) -> pl.DataFrame:
    """How many firms lack each document, among those without enough evidence and among all."""
    names = ("missing", "missing_zh", "missing_en")
    lists = firms.filter(pl.col("missing").is_not_null()).group_by("verdict", *names).len()
    split = lists.with_columns(
        pl.col(name).str.replace_all(MISSING_SEPARATOR, ";").str.split(";") for name in names
    )
    same = pl.all_horizontal(
        pl.col(name).list.len() == pl.col("missing").list.len() for name in names[1:]
    )
    refused = pl.when(pl.col("verdict") == "insufficient").then(pl.col("len"))
    return (
        split.filter(same)
        .explode(*names)
        .group_by("missing")
        .agg(
            refused.sum().alias("insufficient_n"),
            pl.col("len").sum().alias("firms_n"),
            pl.col("missing_zh", "missing_en").min(),
        )
        .sort("insufficient_n", "firms_n", "missing", descending=[True, True, False])
    )


def weigh_reasons(firms: pl.DataFrame, parts: pl.LazyFrame) -> pl.DataFrame:
    """How strongly each feature moves the firms of each card, over all of its firms.

    Args:
        firms: The assessment.
        parts: `firm_id` and `part_<feature>`, signed; positive raises the risk.

    Returns:
        `card_id`, `feature`, `firms_n`, `part_mean` (mean size), `raises` and `lowers` (the
        mean over all firms of the positive and of the negative parts), strongest first.
    """
    names = [name for name in parts.collect_schema().names() if name.startswith(PART)]
    if not names:
        return pl.DataFrame(schema={"card_id": pl.String})
    cards = firms.lazy().filter(pl.col("score").is_not_null()).select("firm_id", "card_id")
    part = pl.col("part")
    return (
        parts.select("firm_id", *names)
        .join(cards, on="firm_id")
        .unpivot(names, index="card_id", variable_name="feature", value_name="part")
        .filter(part.is_finite())
        .group_by("card_id", "feature")
        .agg(
            pl.len().alias("firms_n"),
            part.abs().mean().alias("part_mean"),
            part.clip(lower_bound=0).mean().alias("raises"),
            part.clip(upper_bound=0).mean().alias("lowers"),
            (part > 0).sum().alias("raises_n"),
        )
        .filter(pl.col("part_mean") > 0)
        .with_columns(pl.col("feature").str.strip_prefix(PART))
        .sort("card_id", "part_mean", "feature", descending=[False, True, False], nulls_last=True)
        .collect()
    )


def split_book(firms: pl.DataFrame, name: str) -> pl.DataFrame:
    """Firms and limit by one property, the largest groups first, the rest in one row.

    Args:
        firms: The assessment.
        name: Property to split by.

    Returns:
        `value` (null: unknown; `*`: the rest), `currency`, `firms_n`, `limit_lcy`, `groups_n`.
    """
    groups = firms.group_by(pl.col(name).cast(pl.String).alias("value"), "currency").agg(
        pl.len().alias("firms_n"), pl.col("limit_lcy").sum()
    )
    if groups["value"].is_null().all():
        return pl.DataFrame(schema={"value": pl.String})
    sizes = (
        groups.group_by("value")
        .agg(pl.col("limit_lcy", "firms_n").sum())
        .sort("limit_lcy", "firms_n", "value", descending=[True, True, False], nulls_last=True)
        .with_row_index("place")
        .select("value", "place")
    )
    kept = pl.when(pl.col("place") < GROUPS_N).then(pl.col("value")).otherwise(pl.lit("*"))
    return (
        groups.join(sizes, on="value", nulls_equal=True)
        .group_by(kept.alias("value"), "currency")
        .agg(
            pl.col("place").min(),
            pl.col("firms_n", "limit_lcy").sum(),
            pl.col("value").n_unique().alias("groups_n"),
        )
        .sort("place", "currency")
        .drop("place")
    )


def rank_limits(firms: pl.DataFrame) -> pl.DataFrame:
    """The largest limits of each currency."""
    return (
        firms.filter(pl.col("limit_lcy") > 0)
        .sort("limit_lcy", "firm_id", descending=[True, False])
        .group_by("currency", maintain_order=True)
        .head(LARGEST_N)
        .select("firm_id", "name", "grade", "pd", "currency", "limit_lcy", "rate_pa")
    )
