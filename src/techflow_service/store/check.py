"""Proving a store whole: every part as it was written, every source row accounted for."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from techflow.basics import InvalidInput, TechflowError
from techflow_service.store.manifest import Part
from techflow_service.store.parts import hash_file
from techflow_service.store.snapshot import Snapshot, find_table, polars_schema
from techflow_service.store.store import Store

Watch = Callable[[Iterable[Part]], Iterable[Part]]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing found by `check_store`.

    Attributes:
        kind: `manifest missing_part fingerprint rows columns unreadable totals` or a note:
            `unreferenced unknown_source new_columns`.
        where: File or source.
        text: What is wrong, what was expected, what to do.
        note: True if the store is whole all the same.
    """

    kind: str
    where: str
    text: str
    note: bool = False


def check_store(path: Path | str, watch: Watch = iter) -> list[Problem]:
    """Everything wrong with a store; a whole store gives an empty list or only notes.

    Each part is read again and compared with the manifest and the dictionary; the rows of each
    source must be kept or quarantined, and the quarantine must hold as many as it says.

    Args:
        path: The store.
        watch: Wraps the parts as they are read, for a progress bar.

    Raises:
        InvalidInput: The folder is missing, is not a store, or was written by a newer techflow.
    """
    store = Store(Path(path))
    try:
        snapshot = store.snapshot()
    except InvalidInput:
        raise
    except TechflowError as error:
        return [Problem("manifest", str(store.path), str(error))]
    problems = [found for part in watch(snapshot.parts) for found in _check_part(snapshot, part)]
    if all(problem.note for problem in problems):
        problems += [*_check_totals(snapshot), *_check_sources(snapshot)]
    strays = (str(file.relative_to(store.path)) for file in store.unreferenced())
    advice = "left by a writer that was stopped, or being written now; the next writer clears it"
    return problems + [Problem("unreferenced", file, advice, note=True) for file in strays]


def _check_part(snapshot: Snapshot, part: Part) -> Iterator[Problem]:
    file = snapshot.path / part.file
    restore = "bring it back from a backup, or import its sources into a new store"
    try:
        if (got := hash_file(file)) != part.sha256:
            text = f"sha256 is {got}, was {part.sha256} when written; {restore}"
            yield Problem("fingerprint", part.file, text)
        yield from _check_shape(file, part)
    except FileNotFoundError:
        yield Problem("missing_part", part.file, f"the file is gone; {restore}")
    except (OSError, PolarsError) as error:
        yield Problem("unreadable", part.file, f"cannot be read ({error}); {restore}")


def _check_shape(file: Path, part: Part) -> Iterator[Problem]:
    frame = pl.scan_parquet(file, glob=False)
    rows_n = frame.select(pl.len()).collect().item()
    if rows_n != part.rows_n:
        yield Problem("rows", part.file, f"holds {rows_n} rows; the manifest says {part.rows_n}")
    table, got = find_table(part.table), frame.collect_schema()
    for name, kind in polars_schema(table).items():
        if name in got and got[name] != kind:
            yield Problem("columns", part.file, f"{name} is {got[name]}; must be {kind}")
        elif name not in got and table.column(name).required:
            yield Problem("columns", part.file, f"lacks the required column {name}")
        elif name not in got:
            text = f"was written before the column {name} existed; it reads as null"
            yield Problem("new_columns", part.file, text, note=True)


def _check_totals(snapshot: Snapshot) -> Iterator[Problem]:
    # A source is loaded within one transaction, so its rows share the stamp.
    load = ["source_id", "loaded_at"]
    counts = ["rows_n", "kept_n", "quarantined_n"]
    declared = snapshot.scan("source").group_by(load).agg(pl.col(counts).sum())
    refused = pl.col("source_row_n").n_unique().alias("found_n")
    found = snapshot.scan("quarantine").group_by(load).agg(refused)
    both = declared.join(found, on=load, how="full", coalesce=True).with_columns(
        pl.col("found_n").fill_null(0)
    )
    for row in both.sort(load).collect().iter_rows(named=True):
        if text := _explain_totals(**{name: row[name] for name in (*counts, "found_n")}):
            yield Problem("totals", row["source_id"], text)


def _explain_totals(
    *, rows_n: int | None, kept_n: int, quarantined_n: int, found_n: int
) -> str | None:
    if rows_n is None:
        return f"{found_n} rows are in the quarantine, but table source does not know the source"
    if rows_n != kept_n + quarantined_n:
        return f"{rows_n} rows came in, but {kept_n} kept + {quarantined_n} quarantined"
    if quarantined_n != found_n:
        return f"{quarantined_n} rows were quarantined, but the quarantine holds {found_n}"
    return None


def _check_sources(snapshot: Snapshot) -> Iterator[Problem]:
    known = snapshot.scan("source").select("source_id")
    for table in snapshot.tables():
        if "source_id" in find_table(table).names:
            ids = snapshot.scan(table).select("source_id").unique()
            strange = ids.join(known, on="source_id", how="anti").collect()["source_id"].sort()
            text = f"table {table} has rows of a source that table source does not know"
            for source_id in strange:
                yield Problem("unknown_source", source_id, text, note=True)
