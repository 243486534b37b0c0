"""Cells of a file read and typed; what is wrong is said with its row."""

from collections.abc import Mapping

import polars as pl

from techflow.basics import InvalidInput, MissingColumn

HEADER_ROWS_N = 2


def split_mandates(rows: pl.DataFrame, key: str, mandates: tuple[str, ...]) -> pl.DataFrame:
    """What each product or provider is limited to, one value a row."""
    parts = [
        rows.select(key, pl.lit(about).alias("about"), pl.col(f"{about}s").str.split(";"))
        .rename({f"{about}s": "value"})
        .explode("value", empty_as_null=True, keep_nulls=True)
        for about in mandates
    ]
    found = pl.concat(parts).with_columns(pl.col("value").str.strip_chars())
    return found.filter(pl.col("value").fill_null("") != "")


def read_typed(
    rows: pl.DataFrame,
    name: str,
    needed: tuple[str, ...],
    texts: tuple[str, ...],
    numbers: Mapping[str, float | None],
) -> pl.DataFrame:
    """Texts and numbers of a file; a column that is not there is null."""
    absent = [column for column in needed if column not in rows.columns]
    if absent:
        raise MissingColumn(
            f"{name} has no column {', '.join(absent)}; got {', '.join(rows.columns)}"
        )
    typed = {}
    for column in texts:
        cells = rows[column].cast(pl.String).str.strip_chars() if column in rows.columns else None
        blank = pl.Series([None] * rows.height, dtype=pl.String)
        typed[column] = blank if cells is None else cells.replace("", None)
    for column, least in numbers.items():
        typed[column] = _number(rows, column, least, name)
    return pl.DataFrame(typed)


def _number(rows: pl.DataFrame, column: str, least: float | None, name: str) -> pl.Series:
    if column not in rows.columns:
        return pl.Series(column, [None] * rows.height, dtype=pl.Float64)
    told = rows[column].cast(pl.String).str.strip_chars().replace("", None)
    found = rows[column].cast(pl.Float64, strict=False)
    wrong = ~found.is_finite().fill_null(value=False) & told.is_not_null()
    low = (found < least).fill_null(value=False) if least is not None else wrong
    allowed = "a number" if least is None else f"a number of at least {least:g}"
    refuse(wrong | low, told.rename(column), name, allowed)
    return found


def check_ids(rows: pl.DataFrame, column: str, name: str) -> None:
    """Refuse a file without rows, an id that is empty or there twice."""
    check_rows(rows, name)
    refuse_empty(rows, column, name, "")
    refuse(rows[column].is_duplicated(), rows[column], name, "there once")


def check_rows(rows: pl.DataFrame, name: str) -> None:
    """Refuse a file without rows."""
    if not rows.height:
        raise InvalidInput(f"{name} has a header and no row; a market needs at least one")


def refuse_empty(rows: pl.DataFrame, column: str, name: str, fix: str) -> None:
    """Refuse an empty cell, naming its row and the fix."""
    empty = rows[column].is_null()
    if empty.any():
        row = empty.arg_max() or 0
        raise InvalidInput(f"{name} row {row + HEADER_ROWS_N}: {column} is empty{fix}")


def refuse(bad: pl.Series, cells: pl.Series, name: str, allowed: str) -> None:
    """Refuse the first bad cell, naming its row, what is allowed and what it holds."""
    if bad.any():
        row = bad.arg_max() or 0
        raise InvalidInput(
            f"{name} row {row + HEADER_ROWS_N}: {cells.name} must be {allowed}; got {cells[row]!r}"
            + (f" ({int(bad.sum())} such rows)" if bad.sum() > 1 else "")
        )


def number_rows(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    """Rows with their number from 0."""
    return rows.with_row_index(name).with_columns(pl.col(name).cast(pl.Int64))
