"""`make bench-patent-indicators`: patents a second through the indicators. Last line: one JSON.

US patents of the sample at hand: scope from the classes; scope, claims and inventors beside the
highest of field (first class of the patent) and filing year, cut at the 98th percentile; speed of
grant. The set has no citations and no families.
"""

import json
import os
import statistics
import time
from pathlib import Path

import narwhals.stable.v2 as nw
import polars as pl

from techflow.patents.indicators import cohort_shares, grant_lag_share, patent_scope

DATA = Path(os.environ.get("TECHFLOW_DATA", "../shared/data"))
COUNTS = ["scope_n", "claims_n", "inventors_n"]
SHARES = [*(f"{name}_cohort_share" for name in COUNTS), "grant_speed_share"]
COHORT_N_MIN = 10
RUNS_N = 3


def tables():
    """Each patent once, and its classes one a row: reading is not timed."""
    raw = pl.read_parquet(DATA / "patentsview/patents_by_assignee.parquet")
    once = raw.unique("patent_id", keep="first", maintain_order=True)
    filed, granted = (
        pl.col(f"{name}_date").str.to_date(strict=False) for name in ("filing", "patent")
    )
    codes = pl.col("cpc_group")
    patents = once.select(
        "patent_id",
        field=codes.list.first().str.slice(0, 3),
        filing_year_n=filed.dt.year(),
        claims_n=pl.col("num_claims").cast(pl.Float64, strict=False),
        inventors_n="n_inventors",
        codes_n="n_cpc",
        grant_lag_days=(granted - filed).dt.total_days(),
    )  # fmt: skip
    classes = once.select("patent_id", symbol=codes).explode("symbol")
    return patents, classes


def indicate(patents, classes):
    scope = patent_scope(nw.from_native(classes.lazy()))
    joined = nw.from_native(patents.lazy()).join(scope, on="patent_id", how="left")
    shares = cohort_shares(joined, names=COUNTS, cut_share=0.98, cohort_n_min=COHORT_N_MIN)
    return grant_lag_share(shares, cohort_n_min=COHORT_N_MIN).collect().to_native()


def measured():
    patents, classes = tables()
    seconds = []
    for _ in range(RUNS_N):
        start = time.perf_counter()
        found = indicate(patents, classes)
        seconds.append(time.perf_counter() - start)
    return {
        "patents_per_s": patents.height / statistics.median(seconds),
        "patents_n": patents.height,
        **{f"{name}_known_share": found[name].is_not_null().mean() for name in SHARES},
    }


if __name__ == "__main__":
    print(json.dumps(measured()))
