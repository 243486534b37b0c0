"""Features of a firm's patents: how many, how new, how broad."""

from datetime import date

import narwhals.stable.v2 as nw

from techflow.basics import Frame
from techflow.profile.rollup import (
    by_firm,
    count_where,
    days_since,
    distinct_n,
    growth,
    known,
    months_before,
)
from techflow.schema.profile import PATENTS


def patent_features(patents: Frame, *, as_of: date) -> Frame:
    """Number, recency, growth, breadth and claims of a firm's patents.

    Args:
        patents: Rows of the table `patent`, one per `patent_id`, `firm_id`. A patent filed
            after `as_of` is ignored; one without a filing date counts in the totals only.
        as_of: The last day that is seen.

    Returns:
        One row per `firm_id` with at least one patent:

        - `patents_n`: patents and applications.
        - `inventions_n`: of these, inventions; null if no patent's kind is known.
        - `patents_3y_n`: filed in the 3 years that end on `as_of`; null if no filing date is
          known.
        - `patent_growth_ratio`: that over the 3 years before, minus 1; null if those have none.
        - `patent_age_years`: years of 365.25 days since the last filing.
        - `subclasses_n`: different 4-character subclasses, by CPC, or by IPC where there is no
          CPC (the two share their symbols); null if no patent is classified.
        - `claims_mean_n`: mean number of claims of the patents where it is known.
    """
    filed, kind = nw.col("filed_on"), nw.col("patent_kind")
    recent, earlier = months_before(as_of, 36), months_before(as_of, 72)
    subclass = nw.coalesce("cpc", "ipc").str.slice(0, 4)
    firms = (
        patents.filter(filed.is_null() | (filed <= as_of))
        .with_columns(subclass=subclass)
        .group_by("firm_id")
        .agg(
            nw.len().alias("patents_n"),
            count_where(kind == "invention").alias("inventions_n"),
            kind.count().alias("kinds_n"),
            count_where(filed > recent).alias("patents_3y_n"),
            count_where((filed > earlier) & (filed <= recent)).alias("earlier_n"),
            filed.max().alias("last_on"),
            distinct_n(nw.col("subclass")).alias("subclasses_n"),
            nw.col("claims_n").mean().alias("claims_mean_n"),
        )
    )
    dated = ~nw.col("last_on").is_null()
    classified = nw.col("subclasses_n")
    finished = firms.with_columns(
        inventions_n=known(nw.col("kinds_n") > 0, nw.col("inventions_n")),
        patents_3y_n=known(dated, nw.col("patents_3y_n")),
        patent_growth_ratio=growth(nw.col("patents_3y_n"), nw.col("earlier_n")),
        patent_age_years=days_since(nw.col("last_on"), as_of) / 365.25,
        subclasses_n=known(classified > 0, classified),
    )
    return by_firm(finished, PATENTS)
