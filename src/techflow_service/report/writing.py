"""Writes `report.html` from the output folder of an assessment."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from techflow_service.report.columns import dictionary, to_columns
from techflow_service.report.folder import Folder
from techflow_service.report.measures import COUNTED, PART, measure_book
from techflow_service.report.page import pack, render_page
from techflow_service.report.technology import measure_technology

ROWS_MAX = 100_000
FIRMS_MAX = 5_000
PACKED_MAX = 13_000_000
"""Characters of packed figures; the program adds under one million."""
LISTED = (
    *("firm_id", "name", "country", "region_code", "city", "sector", "industry_code"),
    *("life_stage", "verdict", "grade", "pd", "card_id", "score", "reason_1_feature"),
    *("reason_1_part", "currency", "need_lcy", "debt_outstanding_lcy", "limit_lcy", "rate_pa"),
    "evidence_on",
)
"""Columns of the table of firms; the other columns belong to the sections per firm."""
MONTHS_N, STATEMENTS_N, PATENTS_N = 36, 5, 12
ROOM_SHARE = 0.9
"""Part of the room that is filled; firms differ in how much there is to say of them."""
LATEST = {
    "series": ("month_on", MONTHS_N),
    "statements": ("period_end_on", STATEMENTS_N),
    "patents": ("filed_on", PATENTS_N),
}
"""Optional file -> the column that orders it and how many latest rows of a firm are shown."""


def write_report(out_dir: Path) -> Path:
    """Write the report of an assessment next to its tables.

    Figures of the book count every firm. The table of firms holds up to `ROWS_MAX` of them and
    the sections per firm as many as keep the page small; the page says how many it holds.

    Args:
        out_dir: Output folder of `techflow assess`.

    Returns:
        Path of `report.html`.

    Raises:
        InvalidInput: The folder lacks `assessment.parquet` or `run.json`, or the page's bundle
            was not built.
    """
    folder = Folder.open(out_dir)
    path = out_dir / "report.html"
    title = f"Techflow {folder.run.get('as_of', '')}".strip()
    path.write_text(render_page(pack_folder(folder), title=title), "utf8")
    return path


def pack_folder(folder: Folder, *, packed_max: int = PACKED_MAX) -> str:
    """The packed figures of a folder, with sections for fewer firms until they are short enough.

    Args:
        folder: The output folder.
        packed_max: Greatest length of the result in characters.
    """
    firms = list_firms(folder)
    book = gather_book(folder) | {"firms": to_columns(firms.select(LISTED))}
    opened_n = min(firms.height, FIRMS_MAX)
    text = _pack_with(book, folder, firms.head(opened_n))
    bare = len(text) if len(text) <= packed_max else len(_pack_with(book, folder, firms.clear()))
    while len(text) > packed_max and opened_n:
        room = max(0, packed_max - bare) / (len(text) - bare)
        opened_n = int(opened_n * room * ROOM_SHARE)
        text = _pack_with(book, folder, firms.head(opened_n))
    return text


def _pack_with(book: Mapping[str, Any], folder: Folder, opened: pl.DataFrame) -> str:
    """The packed book with the sections of the firms given."""
    return pack({**book, "details": gather_firms(folder, opened)})


def list_firms(folder: Folder) -> pl.DataFrame:
    """The firms of the table, largest limit first."""
    ordered = folder.assessment.sort(
        "limit_lcy", "firm_id", descending=[True, False], nulls_last=True
    )
    return ordered.head(ROWS_MAX).collect()


def gather_book(folder: Folder) -> dict[str, Any]:
    """Everything on the page that is not about one firm."""
    firms = folder.assessment.select(COUNTED).collect()
    return {
        "run": folder.run,
        "evidence": folder.evidence,
        "dictionary": dictionary(),
        "figures": measure_book(firms, folder.scan("profile"))
        | {"technology": measure_technology(folder.scan("technology"), firms.lazy())},
        "firms_n": firms.height,
    }


def gather_firms(folder: Folder, firms: pl.DataFrame) -> dict[str, Any]:
    """What only the sections per firm show, for the firms given."""
    ids = firms.lazy().select("firm_id")
    profiles = folder.scan("profile").join(ids, on="firm_id", how="semi")
    tables = {
        "assessment": firms.select("firm_id", pl.exclude(LISTED)),
        "profile": profiles.select(pl.exclude(f"^{PART}.*$")).collect(),
    }
    answers = folder.scan("qualification").join(ids, on="firm_id", how="semi")
    tables["qualification"] = answers.select(pl.col("^(firm_id|policy_id|answer)$")).collect()
    for name in ("technology", "patent_value", "gaps", "offer", "plan"):
        tables[name] = folder.scan(name).join(ids, on="firm_id", how="semi").collect()
    for name, (order, latest_n) in LATEST.items():
        rows = folder.scan(name).join(ids, on="firm_id", how="semi")
        if order in rows.collect_schema():
            rows = (
                rows.sort("firm_id", order).group_by("firm_id", maintain_order=True).tail(latest_n)
            )
        tables[name] = rows.collect()
    return {"firms_n": firms.height} | {name: to_columns(rows) for name, rows in tables.items()}
