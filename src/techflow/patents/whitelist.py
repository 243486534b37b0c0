"""Which patents a bank's policy takes as a pledge, and why not the others."""

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw


def whitelist_patents(
    frame: nw.LazyFrame[Any], *, kinds: Sequence[str], term_years: float, low_share_min: float
) -> nw.LazyFrame[Any]:
    """Add `whitelisted` and `whitelist_reason_code`.

    Args:
        frame: Columns `kind`, `in_force` (boolean), `legal_life_left_years`, `value_median_cny`,
            `value_low_cny`.
        kinds: Kinds the policy takes.
        term_years: Term of the loan, years; a right must outlive it.
        low_share_min: Least share of the median that the 5 % quantile must reach.

    Returns:
        The rows; `whitelisted` is null where a fact is unknown and none known forbids it. The
        reason is the first condition that fails, else the first that is unknown.

    **Source** The conditions are the operator's policy; none is a national rule.

    >>> import polars as pl
    >>> rows = pl.LazyFrame({"kind": ["design"], "in_force": [True], "value_median_cny": [2.0],
    ...                      "legal_life_left_years": [9.0], "value_low_cny": [1.0]})
    >>> found = whitelist_patents(nw.from_native(rows), kinds=["invention"], term_years=3.0,
    ...                           low_share_min=0.1).collect()
    >>> found["whitelisted"][0], found["whitelist_reason_code"][0]
    (False, 'kind_not_taken')
    """
    median = nw.col("value_median_cny")
    holds = {
        "kind_not_taken": nw.col("kind").is_in(kinds),
        "not_in_force": nw.col("in_force"),
        "ends_before_the_loan": nw.col("legal_life_left_years") >= term_years,
        "no_value": median > 0,
        "value_too_uncertain": nw.col("value_low_cny") >= low_share_min * median,
    }
    # A null kind is unknown, whatever an engine says of its membership.
    holds["kind_not_taken"] = nw.when(~nw.col("kind").is_null()).then(holds["kind_not_taken"])
    reason = nw.lit(None, nw.String)
    for code, held in reversed(holds.items()):
        reason = nw.when(held.is_null()).then(nw.lit(f"unknown_{code}")).otherwise(reason)
    for code, held in reversed(holds.items()):
        reason = nw.when(~held).then(nw.lit(code)).otherwise(reason)
    fails = reason.is_in(list(holds))
    verdict = nw.when(reason.is_null()).then(nw.lit(True)).when(fails).then(nw.lit(False))
    return frame.with_columns(whitelisted=verdict, whitelist_reason_code=reason)
