"""Which patents have a known cost, and why the others have not."""

from datetime import date
from typing import Any

import narwhals.stable.v2 as nw

from techflow.flow.valuing import KINDS


def cost_inputs(frame: nw.LazyFrame[Any], at: date) -> nw.LazyFrame[Any]:
    """Add the reason why the cost of a row cannot be known.

    Args:
        frame: Result of `value_inputs` with `rnd_cny` (spending in prices of the day, null where
            unknown), `rnd_unindexed` (boolean: a year with spending has no index),
            `filing_cost_cny` (null where unknown) and `attribution_share`.
        at: Day of the valuation.

    Returns:
        The rows with `cost_reason_code`, null where the cost can be known, and `cost_basis`:
        `rnd` or `rnd_and_filing`, null with a reason.

    **Source** Own checks.

    >>> import polars as pl
    >>> rows = pl.LazyFrame({"kind": ["design"], "filed_on": [date(2026, 1, 1)], "rnd_cny": [1.0],
    ...                      "rnd_unindexed": [False], "filing_cost_cny": [0.0],
    ...                      "attribution_share": [2.0]})
    >>> cost_inputs(nw.from_native(rows), date(2026, 1, 1)).collect()["cost_reason_code"][0]
    'wrong_attribution'
    """
    rnd, filing, share = (nw.col(n) for n in ("rnd_cny", "filing_cost_cny", "attribution_share"))
    checks = {
        "unknown_kind": ~nw.col("kind").is_in(KINDS) | nw.col("kind").is_null(),
        "no_filing_date": nw.col("filed_on").is_null(),
        "filed_later": nw.col("filed_on") > at,
        "no_price_index": nw.col("rnd_unindexed"),
        "no_rnd_cost": rnd.is_null() | (rnd < 0) | ~rnd.is_finite(),
        "wrong_filing_cost": (filing < 0) | ~filing.is_finite(),
        "wrong_attribution": share.is_null() | (share <= 0) | (share > 1) | ~share.is_finite(),
    }
    code = _first(checks)
    known = nw.when(filing.is_null()).then(nw.lit("rnd")).otherwise(nw.lit("rnd_and_filing"))
    return frame.with_columns(cost_reason_code=code, cost_basis=nw.when(code.is_null()).then(known))


def _first(checks: dict[str, nw.Expr]) -> nw.Expr:
    """Name of the first check that fails, null if none does."""
    found = nw.lit(None, nw.String)
    for code, wrong in reversed(checks.items()):
        found = nw.when(wrong).then(nw.lit(code)).otherwise(found)
    return found
