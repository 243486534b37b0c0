"""One source file, judged: what the loader takes and what the summary counts."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

Watch = Callable[[Sequence[str]], Iterable[str]]
"""Passes file names on, one by one; the command line shows progress there."""


@dataclass(frozen=True, slots=True)
class Batch:
    """One source file after judgement; each of its rows is kept or refused.

    Attributes:
        source_name: File name, for people.
        importer: Name of the importer; with `sha256` it identifies the file.
        sha256: Fingerprint of the file's bytes.
        rows_n: Data rows in the file.
        kept: Table -> rows to store, with `source_row_n` and `known_at`, without `source_id`.
        refused: Rows for the quarantine, one per refused source row.
    """

    source_name: str
    importer: str
    sha256: str
    rows_n: int
    kept: Mapping[str, pl.DataFrame]
    refused: pl.DataFrame

    @property
    def source_id(self) -> str:
        """Id of the source: the importer and the beginning of the sha256_of."""
        return f"{self.importer}:{self.sha256[:16]}"

    @property
    def kept_n(self) -> int:
        """Source rows kept."""
        return count_rows(self.kept)

    def check_balance(self) -> None:
        """Assert that no row was lost or counted twice."""
        if self.kept_n + self.refused.height != self.rows_n:
            raise AssertionError(
                f"{self.source_name}: {self.rows_n} rows in, {self.kept_n} kept, "
                f"{self.refused.height} refused"
            )


def count_rows(tables: Mapping[str, pl.DataFrame]) -> int:
    """Distinct source rows; a row that fills two tables counts once.

    Args:
        tables: Table -> rows with `source_row_n`.
    """
    numbers = [rows["source_row_n"] for rows in tables.values() if rows.height]
    return (
        numbers[0].len() if len(numbers) == 1 else pl.concat(numbers).n_unique() if numbers else 0
    )


def sha256_of(content: bytes) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
