"""Sample of the card `korea-distress`: accounts, and what became of the firm."""

from datetime import date

import narwhals.stable.v2 as nw
import polars as pl

from techflow.evidence import as_of
from techflow.profile import statement_ratios
from techflow.schema import TABLES
from techflow_service.store import Snapshot
from techflow_service.training.sample import Sample, file_hashes

COUNTRY_PREFIX = "kr."


def korea_sample(
    snapshot: Snapshot, names: tuple[str, ...], *, on: date, horizon_days: int
) -> Sample:
    """Separate accounts in won of Korean firms still listed at year end, as known on a day.

    Args:
        snapshot: A store after `import korea`.
        names: Features.
        on: Records known later are not seen; the outcome is what had happened by then.
        horizon_days: A delisting for distress counts up to this many days after period end.

    Returns:
        One row per firm and year, with `year`, `listed` (not delisted by period end) and
        `observed_days` (how much of the horizon had passed).
    """
    statements = _seen(snapshot, "statement", on).filter(
        pl.col("basis") == "separate",
        pl.col("currency") == "KRW",
        pl.col("firm_id").str.starts_with(COUNTRY_PREFIX),
    )
    ratios: pl.LazyFrame = statement_ratios(nw.from_native(statements)).to_native()
    events = _delistings(snapshot, on)
    delisted = ratios.join(events.drop("source_id"), on="firm_id", how="left")
    days = (pl.col("event_on") - pl.col("period_end_on")).dt.total_days()
    passed = (pl.lit(on) - pl.col("period_end_on")).dt.total_days()
    within = pl.col("distress") & (days > 0) & (days <= horizon_days)
    rows = delisted.with_columns(
        year=pl.col("period_end_on").dt.year(),
        event=within.fill_null(value=False).cast(pl.Float64),
        listed=(days > 0).fill_null(value=True),
        observed_days=passed.clip(0, horizon_days),
    )
    used = pl.concat([statements.select("source_id"), events.select("source_id")])
    return Sample(
        rows.sort("firm_id", "period_end_on").collect(),
        names,
        file_hashes(snapshot.scan("source"), used),
    )


def _seen(snapshot: Snapshot, table: str, on: date) -> pl.LazyFrame:
    rows = nw.from_native(snapshot.scan(table))
    seen: pl.LazyFrame = as_of(rows, key=TABLES[table].key, as_of=on).to_native()
    return seen


def _delistings(snapshot: Snapshot, on: date) -> pl.LazyFrame:
    """The first delisting of each firm."""
    events = _seen(snapshot, "adverse_event", on).filter(pl.col("event") == "delisted")
    first = events.filter(pl.col("event_on") == pl.col("event_on").min().over("firm_id"))
    return first.select("firm_id", "event_on", "distress", "source_id")
