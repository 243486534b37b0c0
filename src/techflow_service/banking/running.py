"""What the commands write. Needs the extra `simulate`."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from techflow_service.banking.branches import compare_branches
from techflow_service.banking.branches_page import MEASURE_WORDS, render_branches
from techflow_service.banking.institutions import rank_institutions
from techflow_service.banking.institutions_page import render_institutions
from techflow_service.banking.reading import read_lending, read_words, tolerance_share
from techflow_service.scoring import write_rows


def run_branches(store: Path, on: date, out: Path) -> dict[str, Any]:
    """Write branches.csv and branches.html; the counts.

    Args:
        store: Folder of the store.
        on: The last day that is seen.
        out: Folder for the result.
    """
    units = compare_branches(read_lending(store, on), read_words())
    write_rows(units, out / "branches.csv")
    page = render_branches(units, on, tolerance_share(on))
    (out / "branches.html").write_text(page, "utf8")
    outside = pl.any_horizontal(
        pl.col(f"{m}_verdict").is_in(["low", "high"]) for m in MEASURE_WORDS
    )
    return {
        "out": str(out),
        "branches_n": units.height,
        "outside_n": units.filter(outside).height,
        "above_n": units.filter(pl.col("tolerance") == "above").height,
        "beyond_n": units.filter(pl.col("tolerance") == "beyond").height,
    }


def run_institutions(store: Path, on: date, out: Path, seed: int) -> dict[str, Any]:
    """Write institutions.csv and institutions.html; the counts.

    Args:
        store: Folder of the store.
        on: The last day that is seen.
        out: Folder for the result.
        seed: Seed of the draws.
    """
    found = rank_institutions(read_lending(store, on), read_words(), seed=seed)
    write_rows(found.rows, out / "institutions.csv")
    (out / "institutions.html").write_text(render_institutions(found, on), "utf8")
    return {
        "out": str(out),
        "institutions_n": found.rows.height,
        "ranked_n": found.rows["rank"].count(),
    }
