"""`make bench-emerging-fields`: do fields said to emerge grow more afterwards? Last line: one JSON.

US patents of the sample, field the subclass of the first CPC code, dated by grant: on 31 December
of a year T every grant is known and no year is open. Fields with enough applications to be judged
are compared over T+1 to T+3 with T-2 to T: growth in logarithms beside all fields. Years T stand
three apart, so that outcomes do not overlap; intervals draw fields, which recur, with replacement.
Bounds are those of the content file, set before this was first run.
"""

import json
import os
import time
import tomllib
from datetime import date
from importlib.resources import files
from pathlib import Path

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from techflow.innovation.emerging import EmergingTerms, count_names, field_window, flag_emerging
from techflow.innovation.fields import field_years
from techflow.innovation.growth import chance_above, field_growth

DATA = Path(os.environ.get("TECHFLOW_DATA", "../shared/data"))
TERMS = EmergingTerms.from_data(
    tomllib.loads((files("techflow_content.models") / "emerging_fields.toml").read_text("utf8"))
)
YEARS, AHEAD, SINCE = range(1994, 2019, 3), 3, 1976
DRAWS_N, SEED = 2000, 20260131


def applications():
    raw = pl.read_parquet(DATA / "patentsview/patents_by_assignee.parquet")
    granted = pl.col("patent_date").str.to_date(strict=False)
    return raw.filter(pl.col("patent_type") == "utility").select(
        "patent_id",
        applicant_id="n",
        field=pl.col("cpc_group").list.first().str.slice(0, 4),
        filed_on=granted,
        published_on=granted,
    )


def cells_on(table, year):
    frame = field_years(
        nw.from_native(table.lazy()),
        as_of=date(year, 12, 31),
        lag_months=0,
        since_year=SINCE,
        history_years_n=TERMS.history_years_n,
    )
    return frame.collect().to_native()


def judged(table, year):
    """Fields as judged on the last day of a year."""
    years_n = TERMS.window_years_n
    cells = cells_on(table, year)
    window = field_window(nw.from_native(cells.lazy()), until_year=year, years_n=years_n)
    fields = window.collect().to_native().sort("field")
    growth = field_growth(fields.select(count_names(years_n)).to_numpy().astype(float))
    fields = fields.with_columns(
        growth_chance=pl.Series(chance_above(growth, TERMS.growth_log_pa_min), nan_to_null=True),
        raw=pl.Series(growth.log_pa),
        shrunk=pl.Series(growth.shrunk_log_pa),
        before=pl.sum_horizontal(count_names(years_n)[-AHEAD:]),
    )
    return flag_emerging(nw.from_native(fields.lazy()), TERMS).collect().to_native()


def outcomes(table):
    """Judged fields of every year with what they did afterwards."""
    counts = table.group_by("field", year=pl.col("filed_on").dt.year()).len()
    found = []
    for year in YEARS:
        later = counts.filter(pl.col("year").is_between(year + 1, year + AHEAD))
        after = later.group_by("field").agg(after=pl.col("len").sum())
        fields = judged(table, year).join(after, on="field", how="left")
        beside = later.drop_nulls("field")["len"].sum() / fields["before"].sum()
        grown = (pl.col("after").fill_null(0) + 0.5) / (pl.col("before") + 0.5) / beside
        large = pl.col("applications_n") >= TERMS.applications_n_min
        found.append(
            fields.filter(large, pl.col("emerging").is_not_null()).with_columns(
                grown=grown.log(),
                year=pl.lit(year),
                # The same number of fields, chosen by the plain slope.
                naive=pl.col("raw").rank("ordinal", descending=True) <= pl.col("emerging").sum(),
            )
        )
    return pl.concat(found)


def differences(rows):
    """Flagged less others: growth, share that outgrew all fields, rank correlation."""
    flag, naive, grown = rows["emerging"], rows["naive"], rows["grown"]
    first, other = rows.filter(flag), rows.filter(~flag)
    ranks = rows.select(
        pl.corr(pl.col(n).rank().over("year"), pl.col("grown").rank().over("year")).alias(n)
        for n in ("shrunk", "raw")
    )
    return {
        "flagged_growth_log": first["grown"].mean(),
        "other_growth_log": other["grown"].mean(),
        "gain_log": first["grown"].mean() - other["grown"].mean(),
        "outgrew_share_flagged": (first["grown"] > 0).mean(),
        "outgrew_share_other": (other["grown"] > 0).mean(),
        "naive_gain_log": grown.filter(naive).mean() - grown.filter(~naive).mean(),
        "rank_correlation": ranks["shrunk"][0],
        "rank_correlation_raw": ranks["raw"][0],
        "shrinkage_gain": ranks["shrunk"][0] - ranks["raw"][0],
    }


def bootstrap(rows):
    rng = np.random.default_rng(SEED)
    parts = rows.partition_by("field", maintain_order=True)
    found = []
    for _ in range(DRAWS_N):
        drawn = pl.concat([parts[k] for k in rng.integers(0, len(parts), len(parts))])
        found.append(differences(drawn))
    table = pl.DataFrame(found)
    return {
        f"{name}_{end}": table[name].quantile(q, "linear")
        for name in ("gain_log", "naive_gain_log", "rank_correlation", "shrinkage_gain")
        for end, q in (("low", 0.025), ("high", 0.975))
    }


def chance_of_gain(rows):
    """Share of random choices of as many fields each year that gain at least as much."""
    rng, gained = np.random.default_rng(SEED), differences(rows)["gain_log"]
    years = [part.select("emerging", "grown").to_numpy().T for part in rows.partition_by("year")]
    total, n = sum(grown.sum() for _, grown in years), rows["emerging"].sum()
    hits = 0
    for _ in range(DRAWS_N):
        chosen = sum(
            rng.choice(grown, int(flags.sum()), replace=False).sum() for flags, grown in years
        )
        gap = chosen / n - (total - chosen) / (rows.height - n)
        hits += gap >= gained
    return (hits + 1) / (DRAWS_N + 1)


def measured():
    table = applications()
    start = time.perf_counter()
    cells_on(table, YEARS[-1])
    seconds = time.perf_counter() - start
    rows = outcomes(table).sort("field", "year")
    per_year = rows.group_by("year").agg(
        pl.col("emerging").sum(),
        pl.len(),
        gain=pl.col("grown").filter("emerging").mean()
        - pl.col("grown").filter(~pl.col("emerging")).mean(),
    )
    print(per_year.sort("year").write_csv(), end="")
    return {
        "fields_judged_n": rows.height,
        "flagged_n": int(rows["emerging"].sum()),
        **differences(rows),
        **bootstrap(rows),
        "gain_p": chance_of_gain(rows),
        "applications_per_s": table.height / seconds,
    }


if __name__ == "__main__":
    print(json.dumps(measured()))
