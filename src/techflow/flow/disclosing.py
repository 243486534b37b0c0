"""Statements of a book: what ties, what is unusual, before points are given."""

from datetime import UTC, date, datetime, time, timedelta

import narwhals.stable.v2 as nw

from techflow.basics import Frame
from techflow.disclosure import (
    DisclosureModel,
    accrual_signals,
    add_next_cash_flow,
    add_previous,
    check_statements,
    find_restatements,
    peer_deviations,
)
from techflow.evidence import as_of as visible
from techflow.schema import TABLES

KEY = TABLES["statement"].key
AMOUNTS = tuple(name for name in TABLES["statement"].names if name.endswith("_lcy"))
TOTALS = ("total_assets_lcy", "total_liabilities_lcy", "total_equity_lcy")
DIGIT_AMOUNTS = tuple(name for name in AMOUNTS if name not in TOTALS)
"""Amounts whose first digits are looked at: the totals follow from the others."""
PEER_RATIOS = (
    "return_on_assets_ratio",
    "nonoperating_gap_ratio",
    "working_capital_change_ratio",
)
PEERS = ("sector", "year", "basis")
FLOW_RATIOS = ("previous_cash_flow_ratio", "cash_flow_ratio", "next_cash_flow_ratio")


def screen_statements(
    versions: Frame, firms: Frame, *, model: DisclosureModel, as_of: date
) -> Frame:
    """Every statement known on a day with its checks and signals.

    Args:
        versions: Every stored version of the table `statement`.
        firms: One row per firm: `firm_id`, `sector` (null: compared with others without one).
        model: Tolerances and bounds.
        as_of: The last day whose knowledge counts, for the numbers and for their restatement.

    Returns:
        One row per key of the table, with `sector`, `year` and the columns of `add_previous`,
        `add_next_cash_flow`, `check_statements`, `accrual_signals`, `peer_deviations`,
        `find_restatements`.
    """
    day_end = datetime.combine(as_of + timedelta(days=1), time(), tzinfo=UTC)
    known = versions.filter(nw.col("known_at") < nw.lit(day_end))
    restated = find_restatements(
        known, key=KEY, names=AMOUNTS, tolerance_share=model.restated_share_min
    )
    latest = visible(versions, key=KEY, as_of=as_of).with_columns(
        year=nw.col("period_end_on").dt.year().cast(nw.Int64)
    )
    placed = latest.join(firms.select("firm_id", "sector"), on="firm_id", how="left")
    checked = check_statements(
        add_next_cash_flow(add_previous(placed)), tolerances=model.tolerances
    )
    signals = peer_deviations(
        accrual_signals(checked), names=PEER_RATIOS, groups=PEERS, peers_n_min=model.peers_n_min
    )
    return signals.join(restated, on=list(KEY), how="left")
