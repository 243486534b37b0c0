"""What a store holds, in numbers: tables, sources, freshness."""

from typing import Any

import polars as pl

from techflow.schema import TABLES
from techflow_service.store.snapshot import Snapshot


def describe_store(snapshot: Snapshot) -> dict[str, Any]:
    """Tables, sources and freshness of one version of a store, ready for JSON.

    Args:
        snapshot: The version to describe.

    Returns:
        `store`, `version`, `loaded_at`, `bytes_n`, `rows_n`; `tables` (name, rows_n, parts_n,
        version of the last change) and `sources` (newest load first; `known_at` is the newest
        thing the source tells about).
    """
    return {
        "store": str(snapshot.path),
        "version": snapshot.version,
        "loaded_at": snapshot.loaded_at and snapshot.loaded_at.isoformat(),
        "bytes_n": sum(part.bytes_n for part in snapshot.parts),
        "rows_n": sum(part.rows_n for part in snapshot.parts),
        "tables": [_describe_table(snapshot, name) for name in snapshot.tables()],
        "sources": _describe_sources(snapshot),
    }


def source_freshness(snapshot: Snapshot) -> pl.LazyFrame:
    """The newest `known_at` of each source, over all tables.

    Args:
        snapshot: The version to look at.

    Returns:
        Columns `source_id` and `known_at`, one row per source with rows in some table.
    """
    wanted = ["source_id", "known_at"]
    scans = [
        snapshot.scan(name).group_by("source_id").agg(pl.col("known_at").max())
        for name in snapshot.tables()
        if set(wanted) <= set(TABLES[name].names)
    ]
    empty = snapshot.scan("invoice").select(wanted).clear()
    return pl.concat([empty, *scans]).group_by("source_id").agg(pl.col("known_at").max())


def _describe_table(snapshot: Snapshot, name: str) -> dict[str, Any]:
    parts = [part for part in snapshot.parts if part.table == name]
    return {
        "table": name,
        "rows_n": sum(part.rows_n for part in parts),
        "parts_n": len(parts),
        "version": max(part.version for part in parts),
    }


def _describe_sources(snapshot: Snapshot) -> list[dict[str, Any]]:
    described = (
        snapshot.scan("source")
        .join(source_freshness(snapshot), on="source_id", how="left")
        .sort("loaded_at", "source_id", descending=[True, False])
        .with_columns(pl.col("loaded_at", "known_at").dt.to_string("iso:strict"))
    )
    return described.collect().to_dicts()
