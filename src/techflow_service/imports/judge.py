"""Rows of text against the dictionary: each is kept, or refused with its reason."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from techflow.basics.problem import Problem
from techflow.schema import Column, Table
from techflow_service.imports import reasons
from techflow_service.imports.columns import (
    NO_PROBLEMS,
    POLARS_TYPES,
    check_days,
    check_range,
    list_problems,
    read_column,
)
from techflow_service.imports.known import is_known_too_early, natural_moment

EXTRA_CELLS = "(extra cells)"
"""Column of the text frame that holds cells beyond the last header."""
COMPUTED = frozenset({"line_n", "number_repeated", "source_id", "source_row_n", "loaded_at"})
"""Columns the import fills; a file that has them is read without them."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Every row once: kept with its values, or refused with its first reason.

    Attributes:
        kept: Columns of the table without `source_id` and `loaded_at`.
        refused: Columns `source_row_n table_name column_name value_text reason_code reason_zh
            reason_en row_json`, one row per refused row.
    """

    kept: pl.DataFrame
    refused: pl.DataFrame


def readable_columns(table: Table) -> tuple[Column, ...]:
    """The columns a file may have: all but those the import fills itself."""
    return tuple(column for column in table.columns if column.name not in COMPUTED)


def judge_rows(
    texts: pl.DataFrame,
    table: Table,
    *,
    moment: datetime,
    raw: pl.DataFrame | None = None,
    serials: bool = False,
) -> Judged:
    """Read, check and part the rows of one file.

    Args:
        texts: Text columns named as in the dictionary, plus `source_row_n`. Missing columns
            count as empty, except `known_at`, which then gets the table's natural date.
        table: The table they belong to.
        moment: When the import runs, UTC.
        raw: The rows as found, same order, for the quarantine; `texts` if not given.
        serials: True if bare numbers in date columns are serial numbers of a workbook.

    Returns:
        Rows kept and rows refused; together exactly the rows of `texts`.
    """
    values, problems = _read_rows(texts, table, moment=moment, serials=serials)
    dated = "known_at" in texts.columns
    known = natural_moment(table.name, moment=moment)
    if dated:  # a given moment may lie hours ahead, where it is tomorrow already
        known = pl.min_horizontal(pl.coalesce("known_at", known), moment)
    values = values.with_row_index("place")
    if dated:
        problems = problems.vstack(_known_too_early(values, table))
    values = values.with_columns(known_at=known)
    bad = problems["place"].unique()
    good = values.filter(~pl.col("place").is_in(bad.implode())) if len(bad) else values
    kept, repeats = _part_repeats(good, table, dated=dated)
    refused = _describe(pl.concat([problems, repeats]), table, texts if raw is None else raw)
    if kept.height + refused.height != texts.height:
        raise AssertionError("a row was lost or counted twice")
    return Judged(kept.drop("place"), refused)


def _read_rows(
    texts: pl.DataFrame, table: Table, *, moment: datetime, serials: bool
) -> tuple[pl.DataFrame, pl.DataFrame]:
    values, problems = [texts["source_row_n"].cast(pl.Int64)], [_extra_cells(texts)]
    for column in readable_columns(table):
        if column.name not in texts.columns:
            empty = pl.repeat(None, texts.height, dtype=POLARS_TYPES[column.kind])
            values.append(pl.select(empty).to_series().alias(column.name))
            absent = column.required and column.name != "known_at" and texts.height
            problems += [_missing(values[-1], column, NO_PROBLEMS)] if absent else []
            continue
        cells = texts[column.name]
        reading = read_column(cells, column, serials=serials)
        values.append(reading.values)
        problems.append(reading.problems)
        if column.required and column.name != "known_at":
            problems.append(_missing(reading.values, column, reading.problems))
        if column.low is not None or column.high is not None:
            problems.append(check_range(reading.values, cells, column))
        if column.kind in ("date", "timestamp"):
            problems.append(check_days(reading.values, cells, column, moment=moment))
    return pl.DataFrame(values), pl.concat(problems)


def _missing(values: pl.Series, column: Column, problems: pl.DataFrame) -> pl.DataFrame:
    """Empty required cells; a refused cell is empty for its own reason."""
    if not values.null_count():
        return NO_PROBLEMS
    cells = pl.DataFrame({"missing": values.is_null()}).with_row_index("place")
    cells = cells.filter("missing").select("place", value_text=pl.lit(None, pl.String))
    if not problems.is_empty():
        cells = cells.join(problems, on="place", how="anti")
    return list_problems(cells, column.name, reasons.MISSING)


def _known_too_early(values: pl.DataFrame, table: Table) -> pl.DataFrame:
    cells = values.filter(is_known_too_early(table.name))
    cells = cells.select("place", value_text=pl.col("known_at").cast(pl.String))
    return list_problems(cells, "known_at", reasons.KNOWN_TOO_EARLY)


def _extra_cells(texts: pl.DataFrame) -> pl.DataFrame:
    if EXTRA_CELLS not in texts.columns:
        return NO_PROBLEMS
    cells = texts.select(value_text=EXTRA_CELLS).with_row_index("place").drop_nulls()
    return list_problems(cells, EXTRA_CELLS, reasons.EXTRA_CELLS)


def _part_repeats(
    rows: pl.DataFrame, table: Table, *, dated: bool
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Exact repeats go; the same invoice number with other content stays, numbered."""
    keys = [name for name in table.key if name not in COMPUTED] + ["known_at"] * dated
    repeated = rows.select(_may_repeat(keys)).to_series()
    some, single = rows.filter(repeated), rows.filter(~repeated)
    content = [name for name in rows.columns if name not in ("place", "source_row_n")]
    first = some.select(pl.struct(content).is_first_distinct()).to_series()
    exact = _list_repeats(some.filter(~first), reasons.EXACT_DUPLICATE)
    some = some.filter(first)
    if "line_n" in table.names:
        some = _number_lines(some, keys=keys, content=content)
        single = single.with_columns(line_n=pl.lit(1, pl.Int64), number_repeated=pl.lit(False))
        return pl.concat([single, some]), exact
    first = some.select(pl.struct(keys).is_first_distinct()).to_series()
    later = _list_repeats(some.filter(~first), reasons.DUPLICATE_RECORD)
    return pl.concat([single, some.filter(first)]), pl.concat([exact, later])


def _may_repeat(keys: list[str]) -> pl.Expr:
    """Rows whose key may occur twice; equal hashes are looked at again, so chance does no harm."""
    mixed = pl.lit(0, pl.UInt64)
    for place, name in enumerate(keys):
        mixed = mixed ^ pl.col(name).hash(place)
    return mixed.is_duplicated()


def _number_lines(rows: pl.DataFrame, *, keys: list[str], content: list[str]) -> pl.DataFrame:
    """`line_n` 1, 2, ... by content, so that the order of the file does not matter."""
    return rows.sort(content, nulls_last=True).with_columns(
        line_n=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(keys),
        number_repeated=pl.len().over(keys) > 1,
    )


def _list_repeats(rows: pl.DataFrame, problem: Problem) -> pl.DataFrame:
    cells = rows.select("place", value_text=pl.lit(None, pl.String))
    return list_problems(cells, "", problem).with_columns(column_name=pl.lit(None, pl.String))


def _describe(problems: pl.DataFrame, table: Table, raw: pl.DataFrame) -> pl.DataFrame:
    """One record per refused row: the first problem leads, the others follow in its text."""
    first = pl.col("place").is_first_distinct()
    prefix = pl.when(~first).then(pl.col("column_name") + ": ").otherwise(pl.lit(""))
    single = (
        problems.sort("place", maintain_order=True)
        .with_columns(
            reason_zh=prefix + pl.col("reason_zh"), reason_en=prefix + pl.col("reason_en")
        )
        .group_by("place", maintain_order=True)
        .agg(
            pl.col("column_name", "value_text", "reason_code").first(),
            pl.col("reason_zh").str.join("；"),
            pl.col("reason_en").str.join("; "),
        )
    )
    found = raw.drop("source_row_n", strict=False)
    places = single["place"]
    row_json = found[places].select(row_json=pl.struct(pl.all()).struct.json_encode()).to_series()
    numbers = raw["source_row_n"].gather(places)
    return single.with_columns(row_json, source_row_n=numbers).select(
        pl.col("source_row_n").cast(pl.Int64),
        pl.lit(table.name).alias("table_name"),
        "column_name",
        "value_text",
        "reason_code",
        "reason_zh",
        "reason_en",
        "row_json",
    )
