"""The rows that the firm sections of the page draw: months, statements, patents."""

from collections.abc import Mapping
from datetime import date

import polars as pl

from techflow.basics import Frame
from techflow.flow import month_rows
from techflow.schema import EVIDENCE, TABLES

SERIES_FIRMS_MAX = 20_000
"""Larger books get no series: no page could hold them."""
MONTHS_N, STATEMENTS_N, PATENTS_N = 36, 5, 12


def draw_firms(seen: Mapping[str, Frame], *, as_of: date) -> dict[str, pl.DataFrame]:
    """Latest months, statements and patents of some firms, as known on a day.

    Args:
        seen: Visible records by table name.
        as_of: The last day that is seen.

    Returns:
        `series`, `statements`, `patents`, each ordered by firm and day.
    """
    months = month_rows(seen)
    assert months is not None, "both invoice tables were given"  # noqa: S101
    series = months.to_native().filter(pl.col("month_on") <= as_of)
    series = series.select("firm_id", "month_on", "currency", "sales_lcy", "purchases_lcy")
    return {
        "series": _latest(series, "month_on", MONTHS_N),
        "statements": _latest(_plain(seen, "statement"), "period_end_on", STATEMENTS_N),
        "patents": _latest(_plain(seen, "patent"), "filed_on", PATENTS_N),
    }


def _plain(seen: Mapping[str, Frame], table: str) -> pl.LazyFrame:
    evidence = [column.name for column in EVIDENCE]
    rows: pl.LazyFrame = seen[table].to_native()
    return rows.select(name for name in TABLES[table].names if name not in evidence)


def _latest(rows: pl.LazyFrame, order: str, n: int) -> pl.DataFrame:
    """The last rows of each firm."""
    keys = [
        name for name in ("firm_id", order, "basis", "patent_id") if name in rows.collect_schema()
    ]
    ordered = rows.sort(keys, nulls_last=False)
    return ordered.group_by("firm_id", maintain_order=True).tail(n).collect()
