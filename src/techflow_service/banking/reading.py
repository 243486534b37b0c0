"""What the books and reports of a store say of banks and branches on a day."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from techflow.basics import Frame, InvalidInput, NotInForce
from techflow.flow import COUNTED, count_loans, find_law
from techflow.policy.params import Number
from techflow_service.models import read_model
from techflow_service.policies import load_laws
from techflow_service.statistics.content import read_spec
from techflow_service.statistics.reading import see_tables
from techflow_service.store import Snapshot, Store

TOLERANCE = "cn.npl_tolerance"
FILED = ("institution", "branch", "bond_deal")


@dataclass(frozen=True, slots=True)
class Lending:
    """Technology loans and reports, now and a year before.

    Attributes:
        on: The last day that is seen.
        loans: Technology loans running on the day, or drawn in the year to it.
        before: Those of a year before.
        reports: The last report of each institution by then.
        before_reports: The one of a year before that.
        branches: Table `branch`.
        bonds: Table `bond_deal` up to the day.
    """

    on: date
    loans: pl.DataFrame
    before: pl.DataFrame
    reports: pl.DataFrame
    before_reports: pl.DataFrame
    branches: pl.DataFrame
    bonds: pl.DataFrame


def read_lending(path: Path, on: date) -> Lending:
    """Read a store.

    Args:
        path: Its folder.
        on: The last day that is seen.

    Raises:
        InvalidInput: There is no store, or no technology loan names its lender.
    """
    snapshot = Store.open(path).snapshot()
    past = _year_before(on)
    loans = _loans(snapshot, past, on)
    if loans.is_empty():
        raise InvalidInput(
            f"{path} has no technology loan with a lender_id that runs on {on}; fill the table "
            "loan (`techflow template DIR`), or make a sample with `techflow sample`"
        )
    seen = {name: _collect(frame) for name, frame in see_tables(snapshot, FILED, on).items()}
    earlier = _year_before(past)
    reports = seen["institution"].filter(pl.col("period_end_on") <= on)
    reports = reports.sort("institution_id", "period_end_on")
    return Lending(
        on,
        loans,
        _loans(snapshot, earlier, past),
        reports.group_by("institution_id").last(),
        _year_old(reports),
        seen["branch"],
        seen["bond_deal"].filter(pl.col("dealt_on") <= on),
    )


def _year_before(on: date) -> date:
    leap_day = (on.month, on.day) == (2, 29)
    return on.replace(year=on.year - 1, day=28 if leap_day else on.day)


def _year_old(reports: pl.DataFrame) -> pl.DataFrame:
    """The report that ended twelve months before the last one of the institution."""
    last = pl.col("period_end_on").max().over("institution_id")
    ended = pl.col("period_end_on").dt.month_end()
    return reports.filter(ended == last.dt.offset_by("-1y").dt.month_end())


def _collect(frame: Frame) -> pl.DataFrame:
    rows: pl.DataFrame = frame.to_native().collect()
    return rows


def _loans(snapshot: Snapshot, since: date, on: date) -> pl.DataFrame:
    spec = read_spec()
    seen = see_tables(snapshot, COUNTED, on)
    counted = _collect(count_loans(seen, load_laws(), spec.counting, since=since, on=on))
    ours = pl.any_horizontal(pl.col(name) > 0 for name in spec.categories["technology"])
    live = (pl.col("balance_cny") > 0) & pl.col("nonperforming_cny").is_not_null()
    return counted.filter(ours, live, pl.col("lender_id").is_not_null()).sort("loan_id")


def tolerance_share(on: date) -> tuple[float, str]:
    """By how much the NPL ratio of small technology firms may exceed that of all loans, and mark.

    Args:
        on: Legal date.

    Raises:
        NotInForce: There was no such tolerance.
    """
    rows = find_law(load_laws(), TOLERANCE).params.rows["tech_small_excess_max"]
    for row in rows:
        term, begun = row.term, row.since <= on
        if isinstance(term, Number) and begun and (row.until is None or on < row.until):
            return float(term.value), str(term.source.mark)
    raise NotInForce(f"{TOLERANCE} says nothing of small technology firms on {on}")


def read_words() -> dict[str, Any]:
    """The content of institutions."""
    return read_model("institutions.toml")
