"""What an import did: text to paste into a mail, or one mapping for machines."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.cells import cell_len

from techflow_service.imports.load import FileSummary, totals

HEADS = ("file", "rows", "kept", "of these known before", "quarantined")


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """One import, whole.

    Attributes:
        store: Folder of the store.
        version: Store version after it.
        changed: False if the store knew everything already.
        files: What became of each file.
        notes: Remarks for the user, such as files that were not read.
        seconds: Time it took.
    """

    store: Path
    version: int
    changed: bool
    files: Sequence[FileSummary]
    notes: Sequence[str]
    seconds: float

    def as_mapping(self) -> dict[str, Any]:
        """The summary for machines."""
        return {
            "store": str(self.store),
            "version": self.version,
            "changed": self.changed,
            **totals(self.files),
            "files": [
                {
                    "name": item.source_name,
                    "rows_n": item.rows_n,
                    "kept_n": item.kept_n,
                    "known_n": item.known_n,
                    "quarantined_n": item.quarantined_n,
                    "quarantined": dict(item.quarantined),
                    "repeated": item.repeated,
                }
                for item in self.files
            ],
            "notes": list(self.notes),
            "seconds": round(self.seconds, 3),
        }

    def as_text(self) -> str:
        """The summary for people."""
        lines = [_counts(item) for item in self.files]
        all_files = totals(self.files)
        last = ("all", *(f"{all_files[name]:,}" for name in all_files))
        reasons: dict[str, int] = {}
        for item in self.files:
            for code, rows_n in item.quarantined.items():
                reasons[code] = reasons.get(code, 0) + rows_n
        state = f"version {self.version}" if self.changed else f"unchanged, version {self.version}"
        return "\n".join(
            [
                *_align([HEADS, *lines, last]),
                *(f"quarantined: {code} {rows_n:,}" for code, rows_n in reasons.items()),
                *(f"note: {note}" for note in self.notes),
                f"store {self.store}: {state}; {self.seconds:.1f} s",
            ]
        )


def _counts(item: FileSummary) -> tuple[str, ...]:
    numbers = (item.rows_n, item.kept_n, item.known_n, item.quarantined_n)
    return (item.source_name, *(f"{number:,}" for number in numbers))


def _align(rows: Sequence[Sequence[str]]) -> list[str]:
    """Names to the left, numbers to the right; a Chinese character takes two cells."""
    widths = [max(cell_len(row[place]) for row in rows) for place in range(len(HEADS))]
    return [
        "  ".join(
            cell + " " * (width - cell_len(cell)) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
