"""Sample of the card `korea-distress`: accounts with what became of the firm."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

import narwhals.stable.v2 as nw
import polars as pl

from techflow.evidence import as_of
from techflow.profile import statement_ratios
from techflow.schema import TABLES

HORIZON_DAYS = 850


def korea_sample(
    tables: Mapping[str, pl.LazyFrame], *, on: date, events_until: date
) -> pl.DataFrame:
    """Separate accounts in won of listed Korean firms, with their label.

    A row is at risk if the firm was listed at year end. Its label is closed if the horizon
    ended before `events_until`; an event already seen makes it known earlier.

    Args:
        tables: `statement` and `adverse_event` of a store, all versions.
        on: Records known later are not seen.
        events_until: Last day for which delistings are on record.

    Returns:
        One row per firm and year: the ratios, `firm_id`, `year`, `event` (1 delisted for
        distress within the horizon), `at_risk`, `observed_days` (of the horizon, seen so far).
    """
    statements = as_of(nw.from_native(tables["statement"]), key=TABLES["statement"].key, as_of=on)
    rated = statement_ratios(
        statements.filter(
            nw.col("basis") == "separate",
            nw.col("currency") == "KRW",
            nw.col("firm_id").str.starts_with("kr."),
        )
    )
    rows = rated.with_columns(
        country=nw.lit("KR"), statement_basis=nw.col("basis"), statement_currency=nw.col("currency")
    ).to_native()
    days = (pl.col("event_on") - pl.col("period_end_on")).dt.total_days()
    horizon = (pl.lit(events_until) - pl.col("period_end_on")).dt.total_days()
    return (
        rows.join(_delistings(tables["adverse_event"], on), on="firm_id", how="left")
        .with_columns(
            year=pl.col("period_end_on").dt.year(),
            event=(pl.col("distress") & (days > 0) & (days <= HORIZON_DAYS))
            .fill_null(False)
            .cast(pl.Float64),
            at_risk=(days > 0).fill_null(True),
            observed_days=horizon.clip(0, HORIZON_DAYS),
        )
        .sort("firm_id", "period_end_on")
        .collect()
    )


def _delistings(events: pl.LazyFrame, on: date) -> pl.LazyFrame:
    """The first delisting of each firm, as known on the day."""
    seen = as_of(nw.from_native(events), key=TABLES["adverse_event"].key, as_of=on).to_native()
    first = seen.filter(pl.col("event") == "delisted").sort(
        "event_on", "distress", descending=[False, True]
    )
    return (
        first.group_by("firm_id", maintain_order=True)
        .first()
        .select("firm_id", "event_on", "distress")
    )
