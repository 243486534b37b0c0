"""`make bench-field-overlay`: does growth of a firm's fields add to ratios? Last line: one JSON.

Target: an agency rating below investment grade in the US. Each firm has the mean growth of the
fields of its patents granted in the five years before the rating, fields judged on 31 December of
the year before. Ratios, and what patents say by number and claims, are in the model already. Folds,
learners and both intervals are those of `bench.technology_flow`; nothing was searched.
"""

import json

import polars as pl
from threadpoolctl import threadpool_limits

from bench import emerging_fields, technology_flow

ADDED = ["field_growth_log_pa"]


def growth_by_year(years):
    """Shrunk growth of each field as known on 31 December of each year before."""
    table = emerging_fields.applications()
    return pl.concat(
        emerging_fields.judged(table, year - 1).select(
            "field", growth="shrunk", rated_year=pl.lit(year, pl.Int32)
        )
        for year in years
    )


def with_growth(rows):
    """Mean growth of the fields of a firm's recent patents; null where it has none."""
    names = technology_flow.read("us_listed/us_company_crosswalk.csv").select(firm="ticker", n="n")
    patents = emerging_fields.applications().select(
        "patent_id", "field", n="applicant_id", granted_on="filed_on"
    )
    dated = rows.with_columns(rated_year=pl.col("rated_on").dt.year())
    years = sorted(dated["rated_year"].unique())
    since = pl.col("rated_on").dt.offset_by(f"-{technology_flow.PATENT_YEARS}y")
    pairs = (
        dated.select("row_n", "firm", "rated_on", "rated_year")
        .join(names, on="firm")
        .join(patents.unique(["n", "patent_id"]), on="n")
        .filter(pl.col("granted_on").is_between(since, pl.col("rated_on"), closed="left"))
        .join(growth_by_year(years), on=["field", "rated_year"])
    )
    means = pairs.group_by("row_n").agg(pl.col("growth").mean().alias(ADDED[0]))
    return rows.join(means, on="row_n", how="left").sort("row_n")


def measured():
    with threadpool_limits(limits=1):
        rows, base = technology_flow.ratings()
        whole = with_growth(technology_flow.with_patents(rows))
        dealt = technology_flow.with_rnd(whole)
        known = [*base, *technology_flow.PATENT_COLUMNS]
        sized = [*known, "sales_log", "assets_log"]
        target = "speculative"
        return {
            "known_share": whole[ADDED[0]].is_not_null().mean(),
            "known_firms_n": whole.filter(pl.col(ADDED[0]).is_not_null())["firm"].n_unique(),
            **technology_flow.gain(whole, known, ADDED, target, "growth"),
            **technology_flow.gain(dealt, sized, ADDED, target, "growth_sized"),
        }


if __name__ == "__main__":
    print(json.dumps(measured()))
