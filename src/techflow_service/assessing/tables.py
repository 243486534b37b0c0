"""Writing the result as tables: Parquet, CSV and a spreadsheet."""

from pathlib import Path

import polars as pl

from techflow.schema import DERIVED
from techflow_service.assessing.spreadsheet import write_spreadsheet

XLSX_FIRMS_MAX = 100_000
ROW_GROUP_ROWS = 50_000
RISKY_START = r"^[=+\-@\t\r]"
"""Text that begins so is run as a formula by spreadsheet programs."""


def sink_table(rows: pl.LazyFrame, target: Path) -> None:
    """Write rows to one Parquet file, streaming, in their order.

    Args:
        rows: The rows.
        target: The file to write.
    """
    rows.sink_parquet(
        target, compression="zstd", row_group_size=ROW_GROUP_ROWS, maintain_order=True
    )


def guarded(frame: pl.LazyFrame) -> pl.LazyFrame:
    """The frame with a `'` before text that a spreadsheet would run as a formula."""
    text = pl.col(pl.String)
    quoted = pl.lit("'") + text
    risky = text.str.contains(RISKY_START)
    return frame.with_columns(pl.when(risky).then(quoted).otherwise(text).name.keep())


def write_csv(source: Path, target: Path) -> None:
    """Write a Parquet file as CSV that spreadsheets open safely and in the right encoding.

    Args:
        source: The Parquet file.
        target: The CSV file; UTF-8 with a byte-order mark, which spreadsheets look for.
    """
    guarded(pl.scan_parquet(source)).sink_csv(target, include_bom=True, maintain_order=True)


def write_xlsx(source: Path, target: Path) -> bool:
    """Write the assessment as a spreadsheet.

    Args:
        source: `assessment.parquet`.
        target: The spreadsheet.

    Returns:
        False, and nothing written, if the book has more than `XLSX_FIRMS_MAX` firms.
    """
    rows = pl.scan_parquet(source)
    if rows.select(pl.len()).collect().item() > XLSX_FIRMS_MAX:
        return False
    write_spreadsheet(rows.collect(), DERIVED["assessment"].columns, target, sheet="assessment")
    return True
