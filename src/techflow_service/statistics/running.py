"""What the commands write. `tables` needs the extra `statistics`."""

from datetime import date
from pathlib import Path
from typing import Any

from techflow_service.scoring import write_rows
from techflow_service.statistics.content import read_spec
from techflow_service.statistics.page import count_withheld, render_tables
from techflow_service.statistics.reading import read_periods
from techflow_service.statistics.tabling import make_tables


def run_tables(store: Path, until: date, out: Path, model: Path | None) -> dict[str, Any]:
    """Write statistics.csv, statistics.html and statistics_internal.csv; the counts.

    Args:
        store: Folder of the store.
        until: Last day that is seen.
        out: Folder for the result.
        model: Own content.
    """
    spec = read_spec(model)
    made = make_tables(read_periods(store, spec, until=until), spec)
    write_rows(made.public, out / "statistics.csv")
    write_rows(made.internal, out / "statistics_internal.csv")
    (out / "statistics.html").write_text(render_tables(made), "utf8")
    return {
        "out": str(out),
        "periods_n": len(made.counts),
        "cells_n": made.public.height,
        **count_withheld(made),
    }
