"""What a reader sees: one version of the store, unchanged by later writers."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import narwhals.stable.v2 as nw
import polars as pl

from techflow.basics import InvalidInput, TechflowError
from techflow.schema import TABLES, Table
from techflow_service.store.manifest import Part


def find_table(name: str) -> Table:
    """The stored table of that name.

    Args:
        name: Table name in the dictionary.

    Raises:
        InvalidInput: There is no such table.
    """
    if name not in TABLES:
        raise InvalidInput(f"there is no table {name}; a store holds {', '.join(TABLES)}")
    return TABLES[name]


def polars_schema(table: Table) -> pl.Schema:
    """The table's columns and types in Polars.

    Args:
        table: A table of the dictionary.
    """
    return nw.Schema(table.schema).to_polars()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One version of a store. Its parts never change and are never removed.

    Attributes:
        path: The store.
        version: Counter of committed transactions.
        parts: The parts seen.
    """

    path: Path
    version: int
    parts: tuple[Part, ...]

    @property
    def loaded_at(self) -> datetime | None:
        """When the last rows were loaded; as `loaded_by` it replays exactly this version."""
        return max((datetime.fromisoformat(part.loaded_at) for part in self.parts), default=None)

    def tables(self) -> tuple[str, ...]:
        """Names of the tables that have rows, in the order of the dictionary."""
        present = {part.table for part in self.parts}
        return tuple(name for name in TABLES if name in present)

    def scan(self, table: str) -> pl.LazyFrame:
        """All rows of a table, with exactly the dictionary's columns and types.

        A filter on `firm_id` skips the parts and row groups that cannot hold the firm.

        Args:
            table: Table name in the dictionary.

        Returns:
            A lazy frame; without rows if the store has none of that table.

        Raises:
            InvalidInput: There is no such table.
            TechflowError: A part is gone.
        """
        schema = polars_schema(find_table(table))
        files = [self.path / part.file for part in self.parts if part.table == table]
        if not files:
            return pl.LazyFrame(schema=schema)
        if gone := [file for file in files if not file.is_file()]:
            raise TechflowError(
                f"the store lacks its part {gone[0]}; bring it back from a backup; "
                f"`techflow store check --store {self.path}` lists everything that is wrong"
            )
        # A column the dictionary gained later is null in older parts; one it lost is not read.
        return pl.scan_parquet(
            files,
            schema=schema,
            missing_columns="insert",
            extra_columns="ignore",
            glob=False,
            hive_partitioning=False,
        )

    def since(self, version: int) -> "Snapshot":
        """Only what was added after a version.

        Args:
            version: Store version already seen; 0 keeps everything.
        """
        return replace(self, parts=tuple(part for part in self.parts if part.version > version))

    def changed_firms(self, version: int) -> pl.LazyFrame:
        """Firms whose evidence changed after a version.

        A correction may give a loan or a patent to another firm; then both firms changed.

        Args:
            version: Store version already seen.

        Returns:
            One column `firm_id`, each firm once.
        """
        added, ids = self.since(version), [pl.LazyFrame(schema={"firm_id": pl.String})]
        for table in (TABLES[name] for name in added.tables()):
            if "firm_id" in table.names:
                ids.append(added.scan(table.name).select("firm_id"))
                if "firm_id" not in table.key:
                    records = added.scan(table.name).select(table.key)
                    holders = self.scan(table.name).join(records, on=table.key, how="semi")
                    ids.append(holders.select("firm_id"))
        return pl.concat(ids).unique()

    def has_file(self, importer: str, sha256: str) -> bool:
        """Whether a source file was imported already.

        Args:
            importer: Name of the importer.
            sha256: Fingerprint of the file.
        """
        same = (pl.col("importer") == importer) & (pl.col("sha256") == sha256)
        return self.scan("source").filter(same).head(1).collect().height > 0
