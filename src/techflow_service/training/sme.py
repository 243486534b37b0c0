"""Sample of the card `cn-sme-default`: firms with a bank record, profiled from invoices."""

from datetime import date

import narwhals.stable.v2 as nw
import polars as pl

from techflow.flow import profile_firms
from techflow_service.store import Snapshot
from techflow_service.training.sample import Sample, file_hashes

RECORDED = "credit_history_enterprises.csv"
"""The file that lists the firms with a bank record; those of other files have no outcome."""


def sme_sample(snapshot: Snapshot, names: tuple[str, ...], *, on: date) -> Sample:
    """Firms with a bank record, their invoices up to a day, and default yes or no.

    The default is not dated, so invoices may follow it: the sample is good for telling firms
    apart, not for prediction.

    Args:
        snapshot: A store after `import china-sme`.
        names: Features.
        on: Last day of invoices that is seen.

    Returns:
        One row per firm.
    """
    sources = snapshot.scan("source").filter(pl.col("source_name") == RECORDED)
    recorded = snapshot.scan("firm").join(sources, on="source_id", how="semi")
    tables = {
        name: snapshot.scan(name).join(recorded, on="firm_id", how="semi")
        for name in ("firm", "invoice")
    }
    frames = {name: nw.from_native(rows) for name, rows in tables.items()}
    profiles: pl.LazyFrame = profile_firms(frames, as_of=on).to_native()
    events = snapshot.scan("adverse_event").filter(pl.col("event") == "default")
    defaulted = events.select("firm_id", event=pl.lit(1.0)).unique("firm_id")
    rows = profiles.join(defaulted, on="firm_id", how="left")
    used = pl.concat([rows.select("source_id") for rows in (*tables.values(), events)])
    return Sample(
        rows.with_columns(pl.col("event").fill_null(0.0)).sort("firm_id").collect(),
        names,
        file_hashes(snapshot.scan("source"), used),
    )
