"""A column of text becomes values and a list of problems, fast where cells are plain."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

import polars as pl

from techflow.basics.problem import Problem
from techflow.schema import Column
from techflow.schema.model import BEGINNING
from techflow_service.imports import reasons
from techflow_service.imports.cells import Reader, reader_of
from techflow_service.imports.known import WEST_MOST_ZONE_HOURS

POLARS_TYPES: Mapping[str, pl.DataType] = {
    "text": pl.String(),
    "int": pl.Int64(),
    "float": pl.Float64(),
    "bool": pl.Boolean(),
    "date": pl.Date(),
    "timestamp": pl.Datetime("us", "UTC"),
}
PROBLEMS = {
    "place": pl.UInt32,
    "column_name": pl.String,
    "value_text": pl.String,
    "reason_code": pl.String,
    "reason_zh": pl.String,
    "reason_en": pl.String,
}
NO_PROBLEMS = pl.DataFrame(schema=PROBLEMS)
MAY_LIE_AHEAD = frozenset({"due_on", "until"})


class Reading(NamedTuple):
    """Values in row order (null where empty or refused), and what was refused at which place."""

    values: pl.Series
    problems: pl.DataFrame


def list_problems(cells: pl.DataFrame, column: str, problem: Problem) -> pl.DataFrame:
    """One problem for each of the cells.

    Args:
        cells: Columns `place` (row position from 0) and `value_text`.
        column: Name of the column they stand in.
        problem: What is wrong with them.
    """
    return cells.select(
        pl.col("place").cast(pl.UInt32),
        pl.lit(column).alias("column_name"),
        pl.col("value_text").cast(pl.String),
        pl.lit(problem.code).alias("reason_code"),
        pl.lit(problem.zh).alias("reason_zh"),
        pl.lit(problem.en).alias("reason_en"),
    )


def _read_distinct(cells: pl.DataFrame, column: Column, reader: Reader) -> Reading:
    """Reads each distinct text once, in Python, and spreads the results over the rows."""
    distinct = cells["value_text"].unique().to_list()
    found = {text: reader(text) for text in distinct}
    good = [None if isinstance(value, Problem) else value for value in found.values()]
    values = pl.Series("value", good, dtype=POLARS_TYPES[column.kind])
    mapping = pl.DataFrame({"value_text": pl.Series(distinct, dtype=pl.String), "value": values})
    spread = (
        mapping["value"].new_from_index(0, cells.height)
        if len(distinct) == 1
        else cells.select("value_text").join(
            mapping, on="value_text", how="left", maintain_order="left"
        )["value"]
    )
    bad = [(text, *value) for text, value in found.items() if isinstance(value, Problem)]
    return Reading(spread, _spread_problems(cells, column.name, bad))


def _spread_problems(
    cells: pl.DataFrame, column: str, bad: list[tuple[str, str, str, str]]
) -> pl.DataFrame:
    if not bad:
        return NO_PROBLEMS
    names = ["value_text", "reason_code", "reason_zh", "reason_en"]
    reasons_of = pl.DataFrame(bad, schema=dict.fromkeys(names, pl.String), orient="row")
    joined = cells.join(reasons_of, on="value_text", maintain_order="left")
    return joined.with_columns(column_name=pl.lit(column)).select(list(PROBLEMS))


def _read_plain(texts: pl.Series, column: Column) -> pl.Series:
    """Bare finite numbers, which need no care; null where a reader must look."""
    if column.kind not in ("float", "int"):
        return pl.select(pl.repeat(None, len(texts), dtype=POLARS_TYPES[column.kind])).to_series()
    values = texts.cast(POLARS_TYPES[column.kind], strict=False)
    return values.set(~values.is_finite(), None) if column.kind == "float" else values


def read_column(texts: pl.Series, column: Column, *, serials: bool = False) -> Reading:
    """Read one column of text as the dictionary says.

    Args:
        texts: The cells as found, any length.
        column: The column they belong to.
        serials: True if bare numbers in date columns are serial numbers of a workbook.

    Returns:
        Values of the column's type, one per cell, and the problems (columns `PROBLEMS`).
    """
    if column.kind == "text" and not (column.codes or column.check):
        stripped = texts.str.strip_chars().alias(column.name)
        return Reading(stripped.set(stripped == "", None), NO_PROBLEMS)
    values = _read_plain(texts, column).alias(column.name)
    rest = _cells(texts, texts.is_not_null() & values.is_null())
    if rest.is_empty():
        return Reading(values, NO_PROBLEMS)
    reading = _read_distinct(rest, column, reader_of(column, serials=serials))
    if rest.height == len(texts):
        return Reading(reading.values.alias(column.name), reading.problems)
    read = pl.DataFrame({"place": rest["place"], "value": reading.values})
    places = pl.select(place=pl.int_range(len(texts), dtype=pl.UInt32))
    spread = places.join(read, on="place", how="left", maintain_order="left")["value"]
    return Reading(values.zip_with(values.is_not_null(), spread), reading.problems)


def check_range(values: pl.Series, texts: pl.Series, column: Column) -> pl.DataFrame:
    """Problems of numbers outside the range of the dictionary.

    Args:
        values: Values read.
        texts: The cells as found.
        column: Its `low` and `high` are inclusive.
    """
    outside = pl.Series([False]).new_from_index(0, len(values))
    if column.low is not None:
        outside = outside | (values < column.low).fill_null(value=False)
    if column.high is not None:
        outside = outside | (values > column.high).fill_null(value=False)
    return list_problems(_cells(texts, outside), column.name, reasons.out_of_range(column))


def check_days(
    values: pl.Series, texts: pl.Series, column: Column, *, moment: datetime
) -> pl.DataFrame:
    """Problems of days before 1900 or after the import.

    Args:
        values: Days read.
        texts: The cells as found.
        column: Due dates and ends of validity may lie ahead.
        moment: When the import runs, UTC. Today anywhere on Earth still counts as today.
    """
    early = (values < _day_or_moment(BEGINNING, column)).fill_null(value=False)
    problems = list_problems(_cells(texts, early), column.name, reasons.TOO_EARLY)
    if column.name in MAY_LIE_AHEAD:
        return problems
    latest = _day_or_moment(moment + timedelta(hours=WEST_MOST_ZONE_HOURS), column)
    late = (values > latest).fill_null(value=False)
    return problems.vstack(list_problems(_cells(texts, late), column.name, reasons.FUTURE_DATE))


def _day_or_moment(moment: datetime, column: Column) -> date:
    return moment.date() if column.kind == "date" else moment


def _cells(texts: pl.Series, mask: pl.Series) -> pl.DataFrame:
    return pl.DataFrame({"value_text": texts}).with_row_index("place").filter(mask)
