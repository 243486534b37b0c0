"""Files of a simulated scheme."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from techflow_service.solvency.page import render_simulation


def write_told(told: Mapping[str, Any], page: str, out: Path, name: str) -> None:
    """A page and the figures it shows.

    Args:
        told: The figures.
        page: The page.
        out: Folder; made if it is not there.
        name: Name of both files, without ending.
    """
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(told, ensure_ascii=False, indent=1)
    (out / f"{name}.json").write_text(text, "utf8")
    (out / f"{name}.html").write_text(page, "utf8")


def write_simulation(told: Mapping[str, Any], scenarios: pl.DataFrame, out: Path) -> None:
    """The page, its figures and the scenarios.

    Args:
        told: Result of `simulate_file`.
        scenarios: One row each.
        out: Folder; made if it is not there.
    """
    write_told(told, render_simulation(told), out, "simulation")
    scenarios.write_parquet(out / "scenarios.parquet")
