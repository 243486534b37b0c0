"""What `techflow assess` leaves behind, read for the report: frames and the run record."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from techflow.basics import InvalidInput
from techflow.schema import DERIVED
from techflow_service.report.columns import complete

NOTHING = pl.DataFrame(schema={"firm_id": pl.String})


@dataclass(frozen=True, slots=True)
class Folder:
    """One output folder.

    Attributes:
        path: Where it is.
        run: The run record, `run.json`.
        evidence: Sources and quarantine, `evidence.json`; empty if absent.
        assessment: One row per firm, with every column of the dictionary.
    """

    path: Path
    run: Mapping[str, Any]
    evidence: Mapping[str, Any]
    assessment: pl.LazyFrame

    @classmethod
    def open(cls, path: Path) -> "Folder":
        """Read the run record and the assessment.

        Args:
            path: Output folder of `techflow assess`.

        Raises:
            InvalidInput: A file the report cannot do without is absent.
        """
        for name in ("run.json", "assessment.parquet"):
            if not (path / name).is_file():
                raise InvalidInput(
                    f"a report needs {name} in {path}; it is not there; run `techflow assess` first"
                )
        return cls(
            path,
            _read_json(path / "run.json"),
            _read_json(path / "evidence.json"),
            complete(pl.scan_parquet(path / "assessment.parquet"), DERIVED["assessment"]),
        )

    def scan(self, name: str) -> pl.LazyFrame:
        """Rows of an optional file, or none if the file is not there.

        Args:
            name: File name without `.parquet`.
        """
        file = self.path / f"{name}.parquet"
        return pl.scan_parquet(file) if file.is_file() else NOTHING.lazy()


def _read_json(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text("utf8"))) if path.is_file() else {}
