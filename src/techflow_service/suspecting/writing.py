"""Writes a scan: tables for all firms, files for a reviewer, the page."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from techflow_service.assessing.content import write_json
from techflow_service.scoring import write_rows
from techflow_service.suspecting.page import render_scan
from techflow_service.suspecting.scanning import Scan

CASE_COLUMNS = {
    "case_n": pl.Int64,
    "firm_id": pl.String,
    "points": pl.Float64,
    "sign": pl.String,
    "number": pl.String,
    "value": pl.Float64,
    "limit": pl.Float64,
    "zh": pl.String,
    "en": pl.String,
}


def write_scan(
    scan: Scan, cases: Sequence[Mapping[str, Any]], capacity: int, out: Path
) -> dict[str, Any]:
    """Write `firms.csv cases.csv cases.json evidence.csv summary.json fraud.html`.

    Args:
        scan: What a scan found.
        cases: The cases of the review.
        capacity: How many it can take.
        out: Folder; made if missing.

    Returns:
        The summary.
    """
    out.mkdir(parents=True, exist_ok=True)
    told = {
        "out": str(out),
        "as_of": scan.as_of.isoformat(),
        "content": scan.signs.hash,
        "status": scan.signs.status,
        "capacity_n": capacity,
        **scan.counts,
    }
    rows = [
        {"case_n": case["case_n"], "firm_id": case["firm_id"], **one}
        for case in cases
        for one in case["signs"]
    ]
    first = ["case_n", "firm_id", "points"]
    write_rows(scan.firms.select(*first, pl.exclude(first)), out / "firms.csv")
    write_rows(pl.DataFrame(rows, schema=CASE_COLUMNS), out / "cases.csv")
    write_rows(scan.evidence.filter(pl.col("case_n") <= capacity), out / "evidence.csv")
    write_json(out / "cases.json", {**told, "cases": cases})
    write_json(out / "summary.json", told)
    (out / "fraud.html").write_text(render_scan(scan, cases, capacity), "utf8")
    return told
