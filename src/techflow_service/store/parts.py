"""Writing one immutable part: checked against the dictionary, streamed, on the disk."""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from techflow.basics import InvalidInput, MissingColumn
from techflow.schema import Table
from techflow_service.store.manifest import Part, sync_to_disk
from techflow_service.store.snapshot import polars_schema

ROW_GROUP_ROWS = 100_000
"""Small enough that a filter on a firm reads little, large enough to compress well."""


def write_part(
    root: Path, file: str, table: Table, rows: pl.LazyFrame, *, version: int, loaded_at: datetime
) -> Part:
    """Write rows to a new part, streaming, and wait until it is on the disk.

    Args:
        root: The store.
        file: Path of the part inside the store.
        table: The table the rows belong to.
        rows: Rows as returned by `conform`.
        version: Store version the part will belong to.
        loaded_at: When the rows were loaded.

    Raises:
        InvalidInput: A required column has nulls.
    """
    target = root / file
    rows.sink_parquet(
        target, compression="zstd", row_group_size=ROW_GROUP_ROWS, statistics=True, mkdir=True
    )
    sync_to_disk(target)
    found = _describe(target, table)
    _refuse_nulls(table, found)
    return Part(
        table=table.name,
        file=file,
        rows_n=found["(rows)"],
        bytes_n=target.stat().st_size,
        sha256=hash_file(target),
        version=version,
        loaded_at=loaded_at.isoformat(),
        firm_id_min=found.get("firm_id_min"),
        firm_id_max=found.get("firm_id_max"),
    )


def conform(rows: pl.DataFrame | pl.LazyFrame, table: Table, loaded_at: datetime) -> pl.LazyFrame:
    """Rows with exactly the table's columns and types, `loaded_at` added.

    Integers of any width and columns of nothing but null fit; other types must be the
    dictionary's. A frame in memory is sorted by firm, so that row groups can be skipped;
    a lazy frame keeps its order, since sorting it would need memory for all of it.

    Args:
        rows: The table's columns except `loaded_at`, in any order.
        table: The table the rows belong to.
        loaded_at: When the rows were loaded, UTC.

    Raises:
        MissingColumn: A column of the table is absent.
        InvalidInput: A column too many, or of another type.
    """
    schema = polars_schema(table)
    schema.pop("loaded_at")
    _compare(rows.collect_schema(), schema, table)
    lazy = rows.lazy().select(pl.col(name).cast(kind) for name, kind in schema.items())
    if isinstance(rows, pl.DataFrame) and "firm_id" in schema:
        lazy = lazy.sort("firm_id", maintain_order=True)
    stamp = pl.lit(loaded_at).cast(pl.Datetime("us", "UTC")).alias("loaded_at")
    return lazy.with_columns(stamp).select(table.names)


def hash_file(file: Path) -> str:
    """SHA-256 of a file, in hexadecimal.

    Args:
        file: Any file.
    """
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _compare(got: pl.Schema, wanted: pl.Schema, table: Table) -> None:
    if absent := [name for name in wanted if name not in got]:
        raise MissingColumn(
            f"table {table.name} needs the column {', '.join(absent)}; got {', '.join(got)}; "
            "add it, with null where the value is not known"
        )
    if extra := [name for name in got if name not in wanted]:
        raise InvalidInput(
            f"table {table.name} has no column {', '.join(extra)} to fill; "
            f"it takes {', '.join(wanted)} (the store itself adds loaded_at)"
        )
    wrong = [name for name in wanted if not _fits(got[name], wanted[name])]
    if wrong:
        pairs = ", ".join(f"{name} must be {wanted[name]}, got {got[name]}" for name in wrong)
        raise InvalidInput(f"table {table.name}: {pairs}; cast before adding")


def _fits(got: pl.DataType, wanted: pl.DataType) -> bool:
    return got in (wanted, pl.Null) or (wanted == pl.Int64 and got.is_integer())


def _describe(file: Path, table: Table) -> dict[str, Any]:
    measures = [pl.len().alias("(rows)")]
    measures += [pl.col(c.name).null_count() for c in table.columns if c.required]
    if "firm_id" in table.names:
        firm_id = pl.col("firm_id")
        measures += [firm_id.min().alias("firm_id_min"), firm_id.max().alias("firm_id_max")]
    return pl.scan_parquet(file, glob=False).select(measures).collect().row(0, named=True)


def _refuse_nulls(table: Table, found: dict[str, Any]) -> None:
    gaps = {c.name: found[c.name] for c in table.columns if c.required and found[c.name]}
    if gaps:
        counts = ", ".join(f"{name} ({n} rows)" for name, n in gaps.items())
        raise InvalidInput(
            f"table {table.name} requires a value in {counts}; move such rows to the quarantine"
        )
