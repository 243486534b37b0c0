"""Rows behind the signs of the cases: which invoices, which shared parties."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

YEAR_DAYS, ROWS_MAX = 365, 40
SHOWN = ("invoice_number", "issued_on", "net_lcy", "partner_id")


def circle_rows(
    firms: pl.DataFrame, edges: pl.DataFrame, circles: np.ndarray[Any, Any]
) -> pl.DataFrame:
    """Invoices on circles, once for each case that sells in the circle.

    Args:
        firms: Ranked firms.
        edges: The invoices searched.
        circles: Result of `find_cycles` on them.
    """
    circle_n, step = np.nonzero(circles >= 0)
    rows = edges[circles[circle_n, step]].select(
        pl.Series("circle_n", circle_n + 1),
        "seller_id",
        "buyer_id",
        "invoice_number",
        "issued_on",
        "net_lcy",
    )
    mine = rows.select("circle_n", firm_id="seller_id").unique().join(_cases(firms), on="firm_id")
    return mine.join(rows, on="circle_n").with_columns(kind=pl.lit("cycle"))


def invoice_rows(
    firms: pl.DataFrame, invoices: pl.LazyFrame, as_of: date, asked: dict[str, Any]
) -> pl.DataFrame:
    """Invoices behind the signs of a firm's own sales.

    Args:
        firms: Ranked firms.
        invoices: Rows of the table `invoice` up to the day.
        as_of: The last day that is seen.
        asked: Limits of the content.
    """
    age = (pl.lit(as_of) - pl.col("issued_on")).dt.total_days()
    gross = pl.coalesce("gross_lcy", "net_lcy")
    off = ((gross / asked["step_lcy"]).round() * asked["step_lcy"] - gross).abs()
    valid = pl.col("status") == "valid"
    first = pl.col("issued_on").filter(valid).min().over("firm_id", "partner_id")
    recent = as_of - timedelta(days=asked["recent_days"])
    kinds = {
        "void_burst": ~valid & (age < YEAR_DAYS),
        "round_amount": valid & (gross >= asked["step_lcy"]) & (off < 0.005) & (age < YEAR_DAYS),
        "sudden_partner": valid & (first > recent),
        "late_sales": valid & (age < asked["late_days"]),
    }
    sales = (
        invoices.filter(pl.col("direction") == "sale")
        .join(_cases(firms).lazy(), on="firm_id")
        .with_columns(**{f"is_{kind}": test for kind, test in kinds.items()})
        .collect()
    )
    return pl.concat(
        sales.filter(pl.col(f"is_{kind}"))
        .join(firms.filter(pl.col(f"sign_{kind}")), on="firm_id", how="semi")
        .select("firm_id", "case_n", *SHOWN, kind=pl.lit(kind))
        for kind in kinds
    )


def link_rows(firms: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """Persons and addresses that cases share.

    Args:
        firms: Ranked firms.
        links: Relations seen.
    """
    return links.join(_cases(firms), on="firm_id").select(
        "firm_id", "case_n", "other_id", kind="relation", issued_on="since"
    )


def put_together(*parts: pl.DataFrame) -> pl.DataFrame:
    """All rows in order, the first of each case and kind.

    Args:
        parts: Results of the other functions.
    """
    both = pl.concat(parts, how="diagonal_relaxed").sort(
        "case_n", "kind", "circle_n", "issued_on", "invoice_number", nulls_last=True
    )
    first = ("case_n", "firm_id", "kind")
    kept = both.filter(pl.int_range(pl.len()).over("case_n", "kind") < ROWS_MAX)
    return kept.select(*first, pl.exclude(first))


def _cases(firms: pl.DataFrame) -> pl.DataFrame:
    return firms.filter(pl.col("case_n").is_not_null()).select("firm_id", "case_n")
