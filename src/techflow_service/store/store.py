"""The store: several tables change together, or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from techflow.basics import InvalidInput
from techflow_service.store.failure import explain_failures
from techflow_service.store.lock import LOCK_FILE, hold_lock
from techflow_service.store.manifest import (
    DRAFT_FILE,
    MANIFEST_FILE,
    Manifest,
    Part,
    read_manifest,
    sync_to_disk,
    write_manifest,
)
from techflow_service.store.parts import conform, write_part
from techflow_service.store.snapshot import Snapshot, find_table

PARTS_FOLDER = "parts"
WAIT_SECONDS = 30.0


class Transaction:
    """Rows on their way into the store; they become visible together, or never.

    Attributes:
        before: What the store holds without them. Nobody else writes meanwhile.
        loaded_at: The stamp its rows get.
    """

    def __init__(self, before: Snapshot, loaded_at: datetime) -> None:
        self.before = before
        self.loaded_at = loaded_at
        self._version = before.version + 1
        self._added: list[Part] = []

    def add(self, table: str, frame: pl.DataFrame | pl.LazyFrame) -> int:
        """Write rows to a new part of a table.

        Args:
            table: Table name in the dictionary.
            frame: The table's columns except `loaded_at`. A lazy frame is streamed to disk and
                should come ordered by firm; a frame in memory is ordered here.

        Returns:
            Rows written.

        Raises:
            MissingColumn: A column of the table is absent.
            InvalidInput: No such table, a column too many, a wrong type, or a null where
                the dictionary requires a value.
            TechflowError: No room on the disk, or no permission.
        """
        kind = find_table(table)
        rows = conform(frame, kind, self.loaded_at)
        file = f"{PARTS_FOLDER}/{table}/{self._version:06d}-{len(self._added):05d}.parquet"
        with explain_failures(f"writing table {table}", self.before.path):
            part = write_part(
                self.before.path,
                file,
                kind,
                rows,
                version=self._version,
                loaded_at=self.loaded_at,
            )
        self._added.append(part)
        return part.rows_n

    def commit(self) -> None:
        """Make the rows visible. `Store.transaction` calls this when its block ends well."""
        filled = tuple(part for part in self._added if part.rows_n)
        if not filled:
            return
        root = self.before.path
        with explain_failures("committing", root):
            for folder in {(root / part.file).parent for part in filled}:
                sync_to_disk(folder)
            sync_to_disk(root / PARTS_FOLDER)
            write_manifest(root, Manifest(self._version, (*self.before.parts, *filled)))


class Store:
    """A folder of immutable Parquet parts and one manifest.

    Attributes:
        path: The folder.
        wait_seconds: How long a writer waits for another one.
    """

    def __init__(self, path: Path, wait_seconds: float = WAIT_SECONDS) -> None:
        self.path = path
        self.wait_seconds = wait_seconds

    @classmethod
    def open(
        cls, path: Path | str, create: bool = False, wait_seconds: float = WAIT_SECONDS
    ) -> "Store":
        """Open a store, or make an empty one.

        Args:
            path: The folder.
            create: Make the store if the folder is missing or empty.
            wait_seconds: How long a writer waits for another one before it gives up.

        Raises:
            InvalidInput: The folder is missing (without `create`), holds something else, or was
                written by a newer techflow.
            TechflowError: The manifest is damaged, or permission is denied.
        """
        store = cls(Path(path), wait_seconds)
        if create and not (store.path / MANIFEST_FILE).exists():
            store._create()
        store.snapshot()
        return store

    def snapshot(self) -> Snapshot:
        """The store as it is now; later writers do not change it."""
        manifest = read_manifest(self.path)
        return Snapshot(self.path, manifest.version, manifest.parts)

    @contextmanager
    def transaction(self, loaded_at: datetime) -> Iterator[Transaction]:
        """Add to several tables at once: all of it when the block ends, nothing if it fails.

        Args:
            loaded_at: Now, with zone. Moved on by microseconds if the store already has rows
                loaded then or later, since a replay must not change after the fact.

        Yields:
            The transaction to add to.

        Raises:
            InvalidInput: `loaded_at` has no zone.
            TechflowError: Another writer holds the lock, no room, or no permission.
        """
        if loaded_at.tzinfo is None:
            raise InvalidInput(f"loaded_at must carry a zone, such as +00:00; got {loaded_at}")
        with hold_lock(self.path, self.wait_seconds):
            before = self.snapshot()
            self._sweep()
            transaction = Transaction(before, _next_stamp(loaded_at, before.loaded_at))
            try:
                yield transaction
                transaction.commit()
            except BaseException:
                self._sweep()
                raise

    def unreferenced(self) -> tuple[Path, ...]:
        """Files that no manifest names: what a killed writer left behind."""
        known = {self.path / part.file for part in self.snapshot().parts}
        found = (self.path / PARTS_FOLDER).glob("*/*")
        return tuple(sorted(file for file in found if file not in known))

    def _sweep(self) -> None:
        # The manifest is read from disk again, so that parts just committed stay even if the
        # commit was interrupted right after it took effect.
        with explain_failures("clearing leftovers", self.path):
            for file in (*self.unreferenced(), self.path / DRAFT_FILE):
                file.unlink(missing_ok=True)

    def _create(self) -> None:
        with explain_failures("making the store", self.path):
            try:
                self.path.mkdir(parents=True, exist_ok=True)
            except FileExistsError:
                raise InvalidInput(f"the store {self.path} is a file; name a folder") from None
            leftovers = {LOCK_FILE, DRAFT_FILE, PARTS_FOLDER}
            if others := {file.name for file in self.path.iterdir()} - leftovers - {MANIFEST_FILE}:
                raise InvalidInput(
                    f"the folder {self.path} is not a store and not empty (it holds "
                    f"{min(others)}); name a new or empty folder"
                )
            with hold_lock(self.path, self.wait_seconds):
                if not (self.path / MANIFEST_FILE).exists():
                    (self.path / PARTS_FOLDER).mkdir(exist_ok=True)
                    write_manifest(self.path, Manifest())


def _next_stamp(loaded_at: datetime, last: datetime | None) -> datetime:
    asked = loaded_at.astimezone(UTC)
    return asked if last is None else max(asked, last + timedelta(microseconds=1))
