"""Patents of a firm together: how much hangs on one of them."""

from typing import Any

import narwhals.stable.v2 as nw


def value_concentration(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Roll patents up to firms: value, dependence on the best patent, concentration.

    Args:
        frame: Columns `firm_id`, `value_median_cny` (0 or more, null where unknown).

    Returns:
        One row a firm: `patents_n`, `patents_valued_n`, `value_median_sum_cny`,
        `largest_patent_share` (0 to 1) and `patent_value_hhi_share` (Herfindahl index, 0 to 1).
        All but the counts are null without a known value above 0. A sum of medians is not the
        median of the sum.

    **Source** Hirschman 1964, The paternity of an index, AER 54(5).

    >>> import polars as pl
    >>> rows = pl.LazyFrame({"firm_id": ["a", "a"], "value_median_cny": [3.0, 1.0]})
    >>> found = value_concentration(nw.from_native(rows)).collect()
    >>> found["largest_patent_share"][0], found["patent_value_hhi_share"][0]
    (0.75, 0.625)
    """
    value = nw.col("value_median_cny")
    squared = frame.with_columns(value_squared=value * value)
    firms = squared.group_by("firm_id").agg(
        patents_n=nw.len(),
        patents_valued_n=value.count(),
        total=value.sum(),
        largest=value.max(),
        squares=nw.col("value_squared").sum(),
    )
    total = nw.when(nw.col("total") > 0).then(nw.col("total"))
    return firms.with_columns(value_median_sum_cny=total).select(
        "firm_id",
        "patents_n",
        "patents_valued_n",
        "value_median_sum_cny",
        largest_patent_share=nw.col("largest") / nw.col("value_median_sum_cny"),
        patent_value_hhi_share=nw.col("squares")
        / (nw.col("value_median_sum_cny") * nw.col("value_median_sum_cny")),
    )
