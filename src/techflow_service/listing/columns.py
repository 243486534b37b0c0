"""Cells of a file as numbers, days and words, with a reason for each row that cannot be used."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from techflow.basics import InvalidInput, MissingColumn
from techflow_service.scoring import read_rows

HEADER_ROWS_N = 2
Reasons = Sequence[tuple[pl.Expr, str, str]]
"""Where a row is wrong, and why, in Chinese and English; the first that holds is told."""


def read_table(path: Path, needed: Sequence[str], *, optional: Sequence[str] = ()) -> pl.DataFrame:
    """The columns wanted, as text, with the number of each row in the file.

    Args:
        path: CSV or Parquet.
        needed: Columns that must be there.
        optional: Columns that are null if they are not.

    Raises:
        InvalidInput: The file is missing, empty or of another kind.
        MissingColumn: A needed column is absent.
    """
    raw = read_rows(path)
    absent = [name for name in needed if name not in raw.columns]
    if absent:
        raise MissingColumn(
            f"{path.name} needs {', '.join(needed)}; {', '.join(absent)} not there, "
            f"got {', '.join(raw.columns)}"
        )
    if raw.is_empty():
        raise InvalidInput(f"{path.name} has no rows")
    names = [*needed, *optional]
    texts = [
        pl.col(name).cast(pl.String).str.strip_chars().replace("", None)
        if name in raw.columns
        else pl.lit(None, pl.String).alias(name)
        for name in names
    ]
    return raw.select(texts).with_row_index("source_row_n", offset=HEADER_ROWS_N)


def day(name: str) -> pl.Expr:
    """A column as days; null if it cannot be read."""
    return pl.col(name).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)


def number(name: str) -> pl.Expr:
    """A column as numbers; null if it cannot be read or is not finite."""
    value = pl.col(name).cast(pl.Float64, strict=False)
    return pl.when(value.is_finite()).then(value)


def unread(texts: pl.Expr, value: pl.Expr) -> pl.Expr:
    """True where something was written and could not be read."""
    return texts.is_not_null() & value.is_null()


def split_refused(
    rows: pl.DataFrame, reasons: Reasons, *, as_read: Mapping[str, pl.Expr]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows that can be used, read, and those that cannot, as given with the first reason.

    Args:
        rows: From `read_table`.
        reasons: What makes a row unusable; conditions may use the read columns by `as_read`.
        as_read: Column -> how it is read.
    """
    words = [
        pl.coalesce(
            *(pl.when(where).then(pl.lit(text[place])) for where, *text in reasons),
            pl.lit(None, pl.String),
        ).alias(name)
        for place, name in enumerate(("reason_zh", "reason_en"))
    ]
    judged = rows.with_columns(words)
    refused = judged.filter(pl.col("reason_en").is_not_null())
    kept = judged.filter(pl.col("reason_en").is_null()).drop("reason_zh", "reason_en")
    return kept.with_columns(**as_read), refused
