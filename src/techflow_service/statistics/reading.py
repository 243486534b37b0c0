"""Loans of a store, as each period end could count them."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import narwhals.stable.v2 as nw
import polars as pl

from techflow.basics import Frame, InvalidInput
from techflow.evidence import as_of as visible_rows
from techflow.flow import COUNTED, count_loans
from techflow.schema import TABLES
from techflow_service.policies import load_laws
from techflow_service.statistics.content import Spec
from techflow_service.store import Snapshot, Store

QUARTER_MONTHS = 3


def quarter_ends(until: date, periods_n: int) -> list[date]:
    """The last quarter ends up to a day, the earliest first.

    Args:
        until: The day.
        periods_n: How many.

    Examples:
        >>> quarter_ends(date(2026, 5, 2), 2)
        [datetime.date(2025, 12, 31), datetime.date(2026, 3, 31)]
    """
    found: list[date] = []
    day = until + timedelta(days=1)
    while len(found) < periods_n:
        day = date(day.year, day.month, 1) - timedelta(days=1)
        if day.month % QUARTER_MONTHS == 0:
            found.append(day)
    return found[::-1]


def see_tables(snapshot: Snapshot, names: Iterable[str], on: date) -> dict[str, Frame]:
    """Tables as they could be known on a day, one row per record.

    Args:
        snapshot: A store.
        names: Tables asked for.
        on: The day.
    """
    return {
        name: visible_rows(nw.from_native(snapshot.scan(name)), key=TABLES[name].key, as_of=on)
        for name in names
    }


def read_periods(path: Path, spec: Spec, *, until: date) -> dict[date, pl.DataFrame]:
    """Each loan once in each period, see `count_loans`.

    Args:
        path: Folder of the store.
        spec: The content.
        until: Last day; the last period is the last whole quarter by then.

    Raises:
        InvalidInput: There is no store, or it has no loans by then.
    """
    snapshot, laws = Store.open(path).snapshot(), load_laws()
    ends = quarter_ends(until, spec.data["periods_n"] + 1)
    found = {}
    for before, end in pairwise(ends):
        seen = see_tables(snapshot, COUNTED, end)
        counted = count_loans(seen, laws, spec.counting, since=before + timedelta(days=1), on=end)
        found[end] = counted.to_native().sort("loan_id").collect()
    if found[ends[-1]].is_empty():
        raise InvalidInput(
            f"{path} has no loan that was known by {ends[-1]}; fill the table loan "
            "(`techflow template DIR`), or make a sample with `techflow sample`"
        )
    return found


def clean(loans: pl.DataFrame) -> tuple[pl.DataFrame, Mapping[str, int]]:
    """Rows that can be counted, and how many could not.

    Args:
        loans: Rows of one period.
    """
    amounts = ("balance_cny", "new_cny", "nonperforming_cny")
    unread = loans.filter(pl.any_horizontal(pl.col(n).is_null() for n in amounts))
    kept = loans.drop_nulls(amounts).filter(pl.any_horizontal(pl.col(n) > 0 for n in amounts[:2]))
    unused = kept.filter(pl.col("emerging").is_null()).height
    return kept, {"uncounted_n": unread.height, "use_unknown_n": unused}
