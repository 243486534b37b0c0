"""Loans of a run's firms by the year they were drawn."""

from datetime import date
from pathlib import Path

import narwhals.stable.v2 as nw
import polars as pl

from techflow.flow import see_records
from techflow_service.platform.models import Lent, Run
from techflow_service.store import Store

BAD_DAYS = 90
"""Overdue for longer is non-performing."""
BATCH = 5_000


def load_loans(store: Path, run: Run) -> None:
    """Load what is owed, once a run.

    Args:
        store: The store the run was made from.
        run: The run.
    """
    rows = Lent.objects.using("owner")
    if rows.filter(run=run).exists():
        return
    loans = nw.from_native(Store.open(store).snapshot().scan("loan"))
    seen = see_records({"loan": loans}, as_of=run.as_of)["loan"].to_native().collect()
    found = count_loans(seen, run.as_of)
    rows.bulk_create((Lent(run=run, **row) for row in found.iter_rows(named=True)), BATCH)


def count_loans(loans: pl.DataFrame, on: date) -> pl.DataFrame:
    """Loans in yuan by firm and year.

    Args:
        loans: Rows of the table `loan`, one per loan, as known on the day.
        on: The day.

    Returns:
        `firm_id year loans_n defaulted_n outstanding_cny bad_cny`.
    """
    defaulted = (pl.col("defaulted_on") <= on).fill_null(value=False)
    bad = defaulted | (pl.col("overdue_days") > BAD_DAYS).fill_null(value=False)
    owed = pl.col("outstanding_lcy").fill_null(0.0)
    return (
        loans.filter(pl.col("currency") == "CNY", pl.col("drawn_on") <= on)
        .group_by("firm_id", year=pl.col("drawn_on").dt.year())
        .agg(
            loans_n=pl.len(),
            defaulted_n=defaulted.sum(),
            outstanding_cny=owed.sum(),
            bad_cny=owed.filter(bad).sum(),
        )
        .sort("firm_id", "year")
    )
