"""What would change: every firm of a file by the law in force and by a draft."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from techflow.basics import InvalidInput
from techflow.flow import KEY, compare_draft, find_law, last_rule
from techflow.policy import Law, count_changes
from techflow_service.judging.firms import read_firms


def compare_with_draft(
    path: Path,
    laws: Mapping[str, Law],
    draft: Law,
    *,
    on: date,
    by: Sequence[str] = (),
    out: Path | None = None,
) -> dict[str, Any]:
    """Count who gains and who loses under a draft.

    Args:
        path: `.parquet` or `.csv` with `firm_id` and fact columns.
        laws: Policy id -> law in force.
        draft: The draft, with the id of the law it would replace.
        on: Legal date of the law in force.
        by: Columns to group by.
        out: Where to write each firm's answers before and after, or None.

    Raises:
        InvalidInput: A file is wrong, or a column to group by is absent.
        NotInForce: The law is not in force on the day.
    """
    law = find_law(laws, draft.id)
    rule, new = law.on(on), last_rule(draft)
    facts = {fact.name: fact for fact in (*rule.facts, *new.facts)}
    firms = read_firms(path, facts)
    columns = firms.frame.collect_schema().names()
    if absent := [name for name in by if name not in columns]:
        raise InvalidInput(f"{path} has no column {', '.join(absent)}; got {', '.join(columns)}")
    compared = compare_draft(nw.from_native(firms.frame), laws, draft, on=on)
    totals = _collect(count_changes(compared)).row(0, named=True)
    groups = _collect(count_changes(compared, by=list(by))) if by else pl.DataFrame()
    if out is not None:
        _write(compared.select(KEY, *by, "before", "after", "change").to_native(), out)
    return {
        "policy": draft.id,
        "on": str(on),
        "in_force": rule.document,
        "draft": new.document,
        "by": list(by),
        "total": totals,
        "groups": groups.sort(by).to_dicts() if by else [],
        "absent": list(firms.absent),
        "unreadable": dict(firms.unreadable),
        "out": None if out is None else str(out),
    }


def _collect(counted: Any) -> pl.DataFrame:
    frame: pl.DataFrame = counted.to_native().collect(engine="streaming")
    return frame


def _write(frame: pl.LazyFrame, out: Path) -> None:
    if out.suffix not in (".parquet", ".csv"):
        raise InvalidInput(f"{out}: write to a file ending in .parquet or .csv")
    out.parent.mkdir(parents=True, exist_ok=True)
    fresh = out.with_name(out.name + ".new")
    if out.suffix == ".parquet":
        frame.sink_parquet(fresh)
    else:
        frame.sink_csv(fresh)
    fresh.replace(out)
