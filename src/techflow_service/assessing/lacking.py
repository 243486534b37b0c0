"""What the firms at the top of the book lack for the policies they do not meet."""

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from techflow.flow import Qualifying, tell_firm_gaps
from techflow.schema import DERIVED
from techflow_service.assessing.content import Content
from techflow_service.policies import titles_of

FIRMS_N = 300
"""Firms that are told, largest limit first: each takes milliseconds and many words. A command
tells the others."""
FILE = "gaps.parquet"


def first_firms(staged: Path) -> pl.LazyFrame:
    """Firms of the country that are told more: one column `firm_id`, largest limit first.

    Args:
        staged: Folder with `assessment.parquet`.
    """
    listed = pl.scan_parquet(staged / "assessment.parquet").select(
        "firm_id", "country", "limit_lcy"
    )
    judged = listed.filter(pl.col("country") == "CN")
    order = judged.sort("limit_lcy", "firm_id", descending=[True, False], nulls_last=True)
    return order.head(FIRMS_N).select("firm_id")


def write_gaps(staged: Path, qualifying: Qualifying, content: Content) -> None:
    """Write the table `gaps` of the firms first in the list of the page.

    Args:
        staged: Folder with `facts.parquet` and `assessment.parquet`.
        qualifying: The policies of the day.
        content: Laws with their titles.
    """
    facts = staged / "facts.parquet"
    if not facts.is_file():
        return
    chosen = pl.scan_parquet(facts).join(first_firms(staged), on="firm_id", how="semi")
    firms = chosen.sort("firm_id").collect()  # a join keeps no order in a large book
    titles = titles_of(content.laws)
    rows: Iterable[dict[str, str]] = (
        row
        for firm in firms.iter_rows(named=True)
        for row in tell_firm_gaps(firm, qualifying, titles=titles)
    )
    schema = dict.fromkeys(DERIVED["gaps"].names, pl.String)
    pl.DataFrame(list(rows), schema=schema).write_parquet(staged / FILE, compression="zstd")
