"""Judged files into the store: new rows only, all files in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import polars as pl

from techflow.schema import TABLES, Table
from techflow_service.imports.batch import Batch, count_rows
from techflow_service.imports.columns import POLARS_TYPES
from techflow_service.store import Snapshot, Store, Transaction

WINNER = ("known_at", "loaded_at", "source_id", "stored_row_n")


@dataclass(frozen=True, slots=True)
class FileSummary:
    """What became of one file: rows = kept + quarantined.

    Attributes:
        source_name: File name.
        rows_n: Data rows.
        kept_n: Rows kept, whether written now or stored before.
        known_n: Of these, rows whose content the store had already.
        quarantined: Reason code -> rows refused for it.
        repeated: True if the very same file was imported before.
    """

    source_name: str
    rows_n: int
    kept_n: int
    known_n: int
    quarantined: Mapping[str, int] = field(default_factory=dict)
    repeated: bool = False

    @property
    def quarantined_n(self) -> int:
        """Rows refused."""
        return sum(self.quarantined.values())


def load_batches(store: Store, batches: Iterable[Batch], *, moment: datetime) -> list[FileSummary]:
    """Store what is new in the files; all of them, or none if something fails.

    Args:
        store: The store.
        batches: Judged files.
        moment: When the import runs, UTC.

    Returns:
        One summary per file, in order.
    """
    with store.transaction(moment) as transaction:
        seen: set[str] = set()
        return [_load_batch(transaction, batch, seen) for batch in batches]


def _load_batch(transaction: Transaction, batch: Batch, seen: set[str]) -> FileSummary:
    batch.check_balance()
    before = transaction.before
    quarantined = _count_reasons(batch.refused)
    counts = (batch.source_name, batch.rows_n, batch.kept_n)
    if batch.source_id in seen or before.has_file(batch.importer, batch.sha256):
        return FileSummary(*counts, batch.kept_n, quarantined, repeated=True)
    seen.add(batch.source_id)
    if not batch.rows_n:
        return FileSummary(*counts, 0)
    new = {name: find_new(rows, before, TABLES[name]) for name, rows in batch.kept.items()}
    for name, rows in new.items():
        if rows.height:
            transaction.add(name, complete(rows, TABLES[name], source_id=batch.source_id))
    _add_records(transaction, batch)
    return FileSummary(*counts, batch.kept_n - count_rows(new), quarantined)


def _add_records(transaction: Transaction, batch: Batch) -> None:
    if batch.refused.height:
        named = batch.refused.with_columns(source_name=pl.lit(batch.source_name))
        transaction.add(
            "quarantine", complete(named, TABLES["quarantine"], source_id=batch.source_id)
        )
    source = pl.DataFrame(
        {
            "source_name": [batch.source_name],
            "importer": [batch.importer],
            "sha256": [batch.sha256],
            "rows_n": [batch.rows_n],
            "kept_n": [batch.kept_n],
            "quarantined_n": [batch.refused.height],
        }
    )
    transaction.add("source", complete(source, TABLES["source"], source_id=batch.source_id))


def complete(rows: pl.DataFrame, table: Table, *, source_id: str) -> pl.DataFrame:
    """Rows with every column of the table but `loaded_at`; columns not given are null.

    Args:
        rows: Any subset of the table's columns.
        table: The table.
        source_id: Id of the source, the same for all rows.
    """
    rows = rows.with_columns(source_id=pl.lit(source_id))
    return rows.select(
        pl.col(column.name)
        if column.name in rows.columns
        else pl.lit(None, POLARS_TYPES[column.kind]).alias(column.name)
        for column in table.columns
        if column.name != "loaded_at"
    )


def find_new(rows: pl.DataFrame, before: Snapshot, table: Table) -> pl.DataFrame:
    """Rows that tell the store something.

    A row tells nothing if the version of its record that held when the row became known has the
    same content. Writing it again would not change any replay, so it is left out.

    Args:
        rows: Judged rows of one file.
        before: The store without them.
        table: Their table.
    """
    if table.name not in before.tables():
        return rows
    key = list(table.key)
    content = [name for name in table.names if name in rows.columns and name not in _TRACE]
    stored = before.scan(table.name).rename({"source_row_n": "stored_row_n"})
    candidates = rows.select(*key, "source_row_n", row_known_at="known_at")
    held = (
        stored.join(candidates.lazy(), on=key)
        .filter(pl.col("known_at") <= pl.col("row_known_at"))
        .select("source_row_n", *content, *WINNER)
        .collect()
    )
    if held["source_row_n"].is_duplicated().any():  # several versions: the latest one holds
        held = held.sort(WINNER).unique("source_row_n", keep="last", maintain_order=True)
    held = held.select("source_row_n", *content)
    return rows.join(held, on=["source_row_n", *content], how="anti", nulls_equal=True)


_TRACE = frozenset({"source_id", "source_row_n", "known_at", "loaded_at"})


def _count_reasons(refused: pl.DataFrame) -> dict[str, int]:
    counts = refused.group_by("reason_code").len().sort("len", "reason_code", descending=True)
    return dict(counts.iter_rows())


def open_store(path: Path) -> Store:
    """The store at a path, made if it is not there yet.

    Args:
        path: The folder.
    """
    return Store.open(path, create=True)


def totals(files: Sequence[FileSummary]) -> dict[str, int]:
    """Counts over all files.

    Args:
        files: Summaries of one import.
    """
    return {
        "rows_n": sum(item.rows_n for item in files),
        "kept_n": sum(item.kept_n for item in files),
        "known_n": sum(item.known_n for item in files),
        "quarantined_n": sum(item.quarantined_n for item in files),
    }
