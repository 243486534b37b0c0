"""Differences of published ratios that have a meaning of their own."""

import narwhals.stable.v2 as nw

from techflow.basics import Frame, require_columns

GAPS = {
    "inventory_cost_gap_days": ("a47", "a20"),
    "payables_cost_gap_days": ("a52", "a62"),
    "inventory_to_current_liabilities_ratio": ("a4", "a46"),
    "depreciation_to_sales_ratio": ("a42", "a49"),
    "depreciation_to_assets_ratio": ("a22", "a48"),
    "tax_to_liabilities_ratio": ("a16", "a26"),
}
"""Name: (ratio, ratio taken away). Inventory in days of cost less in days of sales shows the
margin on what lies in stock; current less quick ratio is inventory over current liabilities;
operating profit less EBITDA as defined there is depreciation; gross less net profit is tax."""


def ratio_gaps(rows: Frame) -> Frame:
    """Add the differences of `GAPS`; null where either ratio is unknown.

    Args:
        rows: One row per firm with the ratios `a1` to `a64` of Zieba et al.

    Raises:
        MissingColumn: A ratio is missing.

    Source:
        Ratios: Zieba, Tomczak, Tomczak (2016), Expert Systems with Applications 58, table 1.
    """
    needed = dict.fromkeys(name for pair in GAPS.values() for name in pair)
    require_columns(rows, needed, needed_by="ratio_gaps")
    return rows.with_columns(**{n: nw.col(a) - nw.col(b) for n, (a, b) in GAPS.items()})
