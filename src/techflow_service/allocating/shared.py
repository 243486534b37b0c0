"""Counterparties that several firms of a decided book sell to."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from techflow_service.allocating.shocking import customer_sales

SHOWN_N = 10


def shared_customers(table: pl.DataFrame, store: Path, as_of: date) -> list[dict[str, Any]]:
    """The customers on whom most of what is expected to be lent hangs.

    Args:
        table: One row per firm, as decided.
        store: Folder of the store.
        as_of: Day of the assessment.

    Returns:
        `partner_id`, `firms_n` that sell to it, `dependent_cny`: sum of the firms' expected loans,
        each times the share of its sales that goes there; customers of two firms or more, the
        greatest first.
    """
    return rank_shared(table, customer_sales(store, as_of))


def rank_shared(table: pl.DataFrame, sold: pl.DataFrame) -> list[dict[str, Any]]:
    """The same from sales already read.

    Args:
        table: One row per firm, as decided.
        sold: Result of `customer_sales`.
    """
    lent = table.filter(pl.col("amount_cny") > 0.0).select("firm_id", "expected_lent_cny")
    theirs = sold.join(lent, on="firm_id")
    grouped = theirs.group_by("partner_id").agg(
        firms_n=pl.col("firm_id").n_unique(),
        dependent_cny=(pl.col("expected_lent_cny") * pl.col("sales_share")).sum(),
    )
    shared = grouped.filter(pl.col("firms_n") > 1)
    return (
        shared.sort("dependent_cny", "partner_id", descending=[True, False])
        .head(SHOWN_N)
        .to_dicts()
    )
