"""Files of a simulated scheme."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from techflow_service.solvency.page import render_simulation


def write_simulation(told: Mapping[str, Any], scenarios: pl.DataFrame, out: Path) -> None:
    """The page, its figures and the scenarios.

    Args:
        told: Result of `simulate_file`.
        scenarios: One row each.
        out: Folder; made if it is not there.
    """
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(told, ensure_ascii=False, indent=1)
    (out / "simulation.json").write_text(text, "utf8")
    scenarios.write_parquet(out / "scenarios.parquet")
    (out / "simulation.html").write_text(render_simulation(told), "utf8")
