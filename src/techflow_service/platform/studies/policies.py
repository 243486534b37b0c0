"""Policies over the firms of a run: who would gain if a bound of law were another."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from techflow.flow import compare_draft
from techflow.policy import Condition, Law, count_changes, draft_law
from techflow.policy.params import Number
from techflow_service.platform.models import Run
from techflow_service.platform.studies.storing import has, keep, suppress
from techflow_service.policies import load_laws

PARTS = tuple(Fraction(k, 10) for k in (5, 8, 9, 11, 12, 15))
"""Values tried, as parts of the bound in force: a range of our own, no law sets one."""


def study_policies(folder: Path, run: Run) -> None:
    """Keep what each policy of a run would do with other bounds, once a day.

    Args:
        folder: Folder of `techflow assess`.
        run: The run.
    """
    if has("what_if", run.as_of):
        return
    laws, on = load_laws(), run.as_of
    places = pl.scan_parquet(folder / "profile.parquet").select("firm_id", place="region_code")
    firms = pl.scan_parquet(folder / "facts.parquet").join(places, on="firm_id", how="left")
    for told in run.record["qualifications"]["policies"]:
        law = laws[told["policy_id"]]
        tried = []
        for number in bounds_of(law, on):
            values = [number.value * part for part in PARTS]
            drafts = [draft_law(law, {number.source.param: str(value)}) for value in values]
            pairs = zip(drafts, values, strict=True)
            tried.append(
                _told(number)
                | {"values": [_try(firms, laws, draft, value, on) for draft, value in pairs]}
            )
        if tried:
            keep("what_if", law.id, on, {"params": tried})


def bounds_of(law: Law, on: date) -> list[Number]:
    """Numbers that decide who qualifies by a law on a day, each once, in the order of its text.

    Args:
        law: The law.
        on: The day.
    """
    found = {number.source.param: number for number in _walk(law.on(on).test)}
    return [number for number in found.values() if number.value]


def _walk(node: Any) -> Iterator[Number]:
    if isinstance(node, Condition) and isinstance(node.bound, Number):
        yield node.bound
    if isinstance(node, tuple):
        for part in node:
            yield from _walk(part)
    elif is_dataclass(node) and not isinstance(node, Number):
        for one in fields(node):
            yield from _walk(getattr(node, one.name))


def _told(number: Number) -> dict[str, Any]:
    source = number.source
    words = {name: getattr(source, name) for name in ("param", "zh", "en", "unit", "reference")}
    return words | {
        "since": str(source.since),
        "mark": str(source.mark),
        "value": float(number.value),
    }


def _try(
    firms: pl.LazyFrame, laws: Mapping[str, Law], draft: Law, value: Fraction, on: date
) -> dict[str, Any]:
    compared = compare_draft(nw.from_native(firms), laws, draft, on=on)
    rows = count_changes(compared, by=["place"]).to_native().collect().sort("place")
    return {"value": float(value)} | _counts(rows)


def _counts(rows: pl.DataFrame) -> dict[str, Any]:
    """How many more qualify, in all and by region; few are not told, and nothing that tells them.

    Whoever was undecided before and qualifies now counts too, so it is the number that qualifies
    before and after that is compared.
    """
    more = (rows["after_n"] - rows["before_n"]).to_list()
    before, all_more = int(rows["before_n"].sum()), sum(more)
    seen = suppress([abs(n) for n in more])
    told = suppress([before])[0]
    hidden = told is None or suppress([abs(all_more)])[0] is None
    places = [
        {"place": place, "more": None if one is None or hidden else n}
        for place, n, one in zip(rows["place"].to_list(), more, seen, strict=True)
        if n
    ]
    return {
        "before": told,
        "more": None if hidden else all_more,
        "open": int(rows["open_n"].sum()),
        "places": places,
    }
