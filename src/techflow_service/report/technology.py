"""Figures of technology flow, patent value and pledge for the book."""

from typing import Any

import polars as pl

from techflow_service.report.columns import to_columns

SHOWN_N = 12
"""Firms whose value is drawn: those whose patents secure most."""
VALUES = (
    *("patent_value_low_cny", "patent_value_median_cny", "patent_value_high_cny"),
    *("pledge_value_cny", "loan_to_value_share"),
)


def measure_technology(technology: pl.LazyFrame, firms: pl.LazyFrame) -> dict[str, Any]:
    """Levels of the book, what its patents secure, and the firms that secure most.

    Args:
        technology: Rows of the table `technology`, or none.
        firms: `firm_id` and `name`.

    Returns:
        `levels` (level and firms, no level as null), `sums` (one row: firms scored and valued,
        middle value, sum of what may be lent) and `largest`; empty if there is no such table.
    """
    if "flow_score" not in technology.collect_schema():
        return {}
    rows = technology.select("firm_id", "flow_score", "flow_level", *VALUES).collect()
    levels = rows.group_by("flow_level").agg(firms_n=pl.len())
    place = pl.col("flow_level").str.strip_prefix("T").cast(pl.Int64, strict=False)
    return {
        "levels": to_columns(levels.sort(place, nulls_last=True)),
        "sums": to_columns(_sums(rows)),
        "largest": to_columns(_largest(rows, firms)),
    }


def _sums(rows: pl.DataFrame) -> pl.DataFrame:
    median, pledge = pl.col("patent_value_median_cny"), pl.col("pledge_value_cny")
    return rows.select(
        firms_n=pl.len(),
        scored_n=pl.col("flow_score").count(),
        valued_n=median.count(),
        patent_value_median_cny=median.median(),
        pledged_n=(pledge > 0).sum(),
        pledge_value_cny=pledge.sum(),
        loan_to_value_share=pl.col("loan_to_value_share").median(),
    )


def _largest(rows: pl.DataFrame, firms: pl.LazyFrame) -> pl.DataFrame:
    ordered = rows.filter(pl.col("pledge_value_cny") > 0).sort(
        "pledge_value_cny", "firm_id", descending=[True, False]
    )
    names = firms.select("firm_id", "name").collect()
    shown = ordered.head(SHOWN_N).select("firm_id", "flow_level", *VALUES)
    return shown.join(names, on="firm_id", how="left", maintain_order="left")
