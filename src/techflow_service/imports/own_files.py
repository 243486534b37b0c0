"""A user's own files, named after the tables of the dictionary."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import polars as pl

from techflow.basics import InvalidInput
from techflow.schema import Table
from techflow_service.imports.batch import Batch, Watch
from techflow_service.imports.files import ENDINGS, read_file
from techflow_service.imports.headers import (
    importable_tables,
    match_columns,
    match_table,
    nearest_table,
)
from techflow_service.imports.judge import EXTRA_CELLS, judge_rows
from techflow_service.imports.template import GUIDES

IMPORTER = "csv"
FIRST_SEEN = pl.DataFrame(schema={"firm_id": pl.String(), "first_at": pl.Datetime("us", "UTC")})


def find_tables(folder: Path) -> tuple[dict[Path, Table], list[str]]:
    """The files of a folder that are named after a table, firms last; and remarks on others.

    Args:
        folder: The user's folder; subfolders and hidden files are not looked at.

    Raises:
        InvalidInput: The folder is missing, no file has a known name, or two have the same.
    """
    if not folder.is_dir():
        raise InvalidInput(f"the folder {folder} does not exist; check the path")
    files = sorted(file for file in folder.iterdir() if file.is_file() and file.name[0] != ".")
    tables: dict[Path, Table] = {}
    notes: list[str] = []
    for file in files:
        table = match_table(file.stem)
        if table and file.suffix.lower() in ENDINGS:
            _refuse_second(file, table, tables)
            tables[file] = table
        elif file.name not in GUIDES:
            notes.append(_describe_stranger(file))
    if not tables:
        strangers = f" ({'; '.join(notes)})" if notes else ""
        raise InvalidInput(
            f"{folder} holds no file named after a table{strangers}; expected one or more of "
            f"{', '.join(importable_tables())}, each ending in {', '.join(ENDINGS)}; "
            "`techflow template DIR` writes empty ones"
        )
    return dict(sorted(tables.items(), key=lambda item: item[1].name == "firm")), notes


def _refuse_second(file: Path, table: Table, tables: Mapping[Path, Table]) -> None:
    """Which of two files wins where they differ would be a guess."""
    first = next((name for name, known in tables.items() if known is table), None)
    if first:
        raise InvalidInput(
            f"{first.name} and {file.name} are both table {table.name}; join them into one file, "
            "or import one after the other"
        )


def _describe_stranger(file: Path) -> str:
    like = match_table(file.stem)
    if like:
        return f"{file.name} was not read: save it as {like.name}.csv or {like.name}.xlsx"
    near = nearest_table(file.stem) if file.suffix.lower() in ENDINGS else ""
    hint = f"; did you mean {near}{file.suffix}?" if near else ""
    return f"{file.name} was not read: no table has this name{hint}"


def read_own_files(folder: Path, *, moment: datetime, watch: Watch = iter) -> Iterator[Batch]:
    """Judge the files of a folder, firms last.

    A firm without `known_at` and founding date is known from the first date among its other
    records in the folder.

    Args:
        folder: The user's folder.
        moment: When the import runs, UTC.
        watch: Passes the names of the files on while they are read, to show progress.

    Raises:
        InvalidInput: No known file, or a file that cannot be read or has a wrong header.
    """
    tables = {file.name: (file, table) for file, table in find_tables(folder)[0].items()}
    first_seen, rows_n = FIRST_SEEN, 0
    for name in watch(list(tables)):
        batch = judge_own_file(*tables[name], moment=moment)
        rows_n += batch.rows_n
        if "firm" in batch.kept:
            firms = _date_firms(batch.kept["firm"], first_seen, moment)
            batch = replace(batch, kept={"firm": _fill_credit_code(firms)})
        else:
            first_seen = _note_first_seen(first_seen, *batch.kept.values())
        yield batch
    if not rows_n:
        raise InvalidInput(f"the files in {folder} have headers but no rows; fill them below")


def judge_own_file(path: Path, table: Table, *, moment: datetime) -> Batch:
    """Judge one file against its table.

    Args:
        path: CSV, XLSX or Parquet.
        table: The table it is named after.
        moment: When the import runs, UTC.

    Raises:
        InvalidInput: The file cannot be read, or its header does not fit.
    """
    file = read_file(path)
    names = match_columns(file.rows.columns[1:], table, file.name)
    extra = [EXTRA_CELLS] if EXTRA_CELLS in file.rows.columns else []
    texts = file.rows.select("source_row_n", *names, *extra).rename(names)
    judged = judge_rows(texts, table, moment=moment, raw=file.rows, serials=file.serials)
    return Batch(
        file.name,
        f"{IMPORTER}:{table.name}",
        file.sha256,
        file.rows.height,
        {table.name: judged.kept},
        judged.refused,
    )


def _note_first_seen(seen: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    if "firm_id" not in rows.columns:
        return seen
    both = pl.concat([seen, rows.select("firm_id", first_at="known_at")])
    return both.group_by("firm_id").agg(pl.col("first_at").min())


def _fill_credit_code(firms: pl.DataFrame) -> pl.DataFrame:
    in_id = pl.col("firm_id").str.strip_prefix("cn.uscc:")
    given = pl.when(in_id != pl.col("firm_id")).then(in_id)
    return firms.with_columns(uscc=pl.coalesce("uscc", given))


def _date_firms(firms: pl.DataFrame, seen: pl.DataFrame, moment: datetime) -> pl.DataFrame:
    undated = pl.col("founded_on").is_null() & (pl.col("known_at") == moment)
    joined = firms.join(seen, on="firm_id", how="left", maintain_order="left")
    known = pl.when(undated).then(pl.coalesce("first_at", "known_at")).otherwise("known_at")
    return joined.with_columns(known_at=known).drop("first_at")
