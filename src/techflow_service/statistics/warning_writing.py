"""What `techflow statistics warn` writes and says."""

from pathlib import Path
from typing import Any

import polars as pl

from techflow_service.scoring import write_rows
from techflow_service.statistics.warning import Warned, field_words
from techflow_service.statistics.warning_page import render_warning


def write_warning(warned: Warned, out: Path) -> dict[str, Any]:
    """Write warning.csv and warning.html; the summary.

    Args:
        warned: Result of `measure`.
        out: Folder for the result.
    """
    words = [field_words(row["field"]) for row in warned.figures]
    told = [
        {"field": row["field"], "field_zh": word.zh, "field_en": word.en}
        | {name: value for name, value in row.items() if name != "field"}
        for row, word in zip(warned.figures, words, strict=True)
    ]
    write_rows(pl.DataFrame(told, infer_schema_length=None), out / "warning.csv")
    (out / "warning.html").write_text(render_warning(warned), "utf8")
    return {
        "out": str(out),
        "as_of": warned.run.as_of,
        "before": warned.before.as_of if warned.before else None,
        "currency": warned.currency,
        "firms_n": len(warned.run.rows),
        "other_currency_n": warned.run.others_n,
        "fields_n": len(warned.firms),
        "fields_withheld_n": len(warned.withheld),
        "figures_withheld_n": warned.silent_n,
        "need_unknown_n": warned.need_unknown_n,
        "figures": told,
    }
