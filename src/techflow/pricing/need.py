"""How much working capital a firm needs, and how much of it a bank may lend."""

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw

from techflow.basics import Frame, ratio, require_columns

TURNOVER_INPUTS = (
    "revenue_lcy",
    "cost_lcy",
    "inventory_lcy",
    "receivables_lcy",
    "payables_lcy",
    "prepayments_lcy",
    "advances_lcy",
)
LIMIT_INPUTS = (
    "sales_lcy",
    "sales_profit_ratio",
    "expected_growth_ratio",
    "working_capital_days",
    "own_funds_lcy",
    "existing_debt_lcy",
    "pd",
    "verdict",
)
YEAR_DAYS = 360
"""Days of a year in the turnover formulas of the measures."""


def turnover_days(statements: Frame) -> Frame:
    """Days of sales and cost that sit in a firm's working capital.

    Inventory, prepayments and payables turn over in cost, receivables and advances in
    revenue. The year-end balance stands for the average balance of the measures.

    Args:
        statements: One row per statement with the columns of `TURNOVER_INPUTS`, all of the
            row's own currency and of twelve months.

    Returns:
        The same rows plus `working_capital_days`: inventory + receivable + prepayment
        - payable - advance days. Null where inventory, receivables or payables are unknown or
        revenue or cost is not positive. Unknown prepayments and advances are left out.

    Source:
        Formula of the annex to 《流动资金贷款管理办法》(国家金融监督管理总局令2024年第2号),
        as commonly stated; the text itself was not read: proposal.

    Examples:
        >>> row = {"revenue_lcy": [720.0], "cost_lcy": [360.0], "inventory_lcy": [90.0],
        ...        "receivables_lcy": [120.0], "payables_lcy": [60.0],
        ...        "prepayments_lcy": [None], "advances_lcy": [None]}
        >>> frame = nw.from_dict(row, backend="polars").lazy()
        >>> turnover_days(frame).collect()["working_capital_days"].to_list()  # 90 + 60 - 60
        [90.0]
    """
    require_columns(statements, TURNOVER_INPUTS, needed_by="turnover_days")
    revenue, cost = (nw.when(nw.col(name) > 0).then(nw.col(name)) for name in TURNOVER_INPUTS[:2])

    def days(balance: str, flow: nw.Expr) -> nw.Expr:
        return ratio(nw.col(balance), flow) * YEAR_DAYS

    known = (
        days("inventory_lcy", cost) + days("receivables_lcy", revenue) - days("payables_lcy", cost)
    )
    prepaid = nw.coalesce(days("prepayments_lcy", cost), nw.lit(0.0))
    advanced = nw.coalesce(days("advances_lcy", revenue), nw.lit(0.0))
    return statements.with_columns(working_capital_days=known + prepaid - advanced)


def _step_share(bands: Any) -> nw.Expr:
    """Share of the first band whose greatest PD is not exceeded; 0 above all, null if unknown."""
    pd = nw.col("pd")
    shares = [nw.when(pd <= pd_max).then(nw.lit(float(share))) for pd_max, share in sorted(bands)]
    return nw.coalesce(*shares, nw.when(~pd.is_null()).then(nw.lit(0.0)))


def _two_digits_down(amount: nw.Expr) -> nw.Expr:
    """An amount rounded down to two leading digits, at least to whole units."""
    large = nw.when(amount >= 1.0).then(amount)
    step = (nw.lit(10.0) ** (large.log(10.0).floor() - 1.0)).clip(lower_bound=1.0)
    return nw.when(amount < 1.0).then(nw.lit(0.0)).otherwise((large / step).floor() * step)


def _need(terms: Mapping[str, Any]) -> tuple[nw.Expr, nw.Expr]:
    """Need by turnover, and need as a share of sales."""
    sales = nw.col("sales_lcy")
    profit = nw.col("sales_profit_ratio").clip(0.0, 1.0)
    growth = nw.coalesce(nw.col("expected_growth_ratio"), nw.lit(0.0))
    growth = growth.clip(terms["growth_min_ratio"], terms["growth_max_ratio"])
    days = nw.col("working_capital_days").clip(lower_bound=0.0)
    by_turnover = sales * (1.0 - profit) * (1.0 + growth) * days / YEAR_DAYS
    own_known = ~nw.col("own_funds_lcy").is_null()
    return nw.when(own_known).then(by_turnover), sales * terms["need_sales_share"]


def size_limits(firms: Frame, *, terms: Mapping[str, Any]) -> Frame:
    """Need for working capital and the part of it a bank may lend.

    By turnover, where statements allow: `need = sales x (1 - profit margin) x (1 + expected
    growth) / turnover times`, turnover times = 360 / `working_capital_days`; own funds and
    existing debt are deducted. Otherwise `need = need_sales_share x sales`, a share that is
    already net of own funds; only existing debt is deducted. What is left is multiplied by the
    share the PD allows (and `expert_share` for an expert verdict) and rounded down to two
    leading digits. Unknown debt is not read as none: the limit is then before existing debt,
    and `limit_reason_code` says so.

    Args:
        firms: One row per firm with `LIMIT_INPUTS`: sales of the last year (lcy, >= 0), profit
            over sales, expected growth (fractions), net working-capital days, own funds and
            debt (lcy), `pd` in (0, 1), `verdict`. Null where unknown.
        terms: `growth_min_ratio`, `growth_max_ratio`, `need_sales_share`, `expert_share`,
            `pd_limit_bands` (rows of greatest PD, share lent).

    Returns:
        The same rows plus `need_lcy`, `need_basis` (`turnover`, `sales_share`, null),
        `limit_lcy` (null where sales or PD is unknown) and `limit_reason_code`
        (`sales_unknown`, `pd_unknown`, `pd_too_high`, `need_covered`, `debt_unknown`, null).

    Source:
        Annex to 《流动资金贷款管理办法》(国家金融监督管理总局令2024年第2号), not read: every
        number and the formula itself is a proposal.

    Examples:
        >>> row = {"sales_lcy": [1200.0], "sales_profit_ratio": [0.1],
        ...        "expected_growth_ratio": [0.2], "working_capital_days": [90.0],
        ...        "own_funds_lcy": [100.0], "existing_debt_lcy": [50.0],
        ...        "pd": [0.01], "verdict": ["graded"]}
        >>> terms = {"growth_min_ratio": -0.3, "growth_max_ratio": 0.3, "expert_share": 0.5,
        ...          "need_sales_share": 0.1, "pd_limit_bands": [[0.02, 1.0], [0.1, 0.5]]}
        >>> sized = size_limits(nw.from_dict(row, backend="polars").lazy(), terms=terms)
        >>> sized.select("need_lcy", "limit_lcy").collect().rows()  # 1200 x 0.9 x 1.2 / 4
        [(324.0, 170.0)]
    """
    require_columns(firms, LIMIT_INPUTS, needed_by="size_limits")
    by_turnover, by_sales = _need(terms)
    basis = nw.coalesce(
        nw.when(~by_turnover.is_null()).then(nw.lit("turnover")),
        nw.when(~by_sales.is_null()).then(nw.lit("sales_share")),
    )
    needed = firms.with_columns(need_lcy=nw.coalesce(by_turnover, by_sales), need_basis=basis)

    counted = nw.when(nw.col("need_basis") == "turnover").then(nw.col("own_funds_lcy"))
    own = nw.coalesce(counted.clip(lower_bound=0.0), nw.lit(0.0))
    debt = nw.coalesce(nw.col("existing_debt_lcy"), nw.lit(0.0))
    room = (nw.col("need_lcy") - own - debt).clip(lower_bound=0.0)
    expert = nw.when(nw.col("verdict") == "expert").then(nw.lit(float(terms["expert_share"])))
    share = _step_share(terms["pd_limit_bands"]) * nw.coalesce(expert, nw.lit(1.0))
    reason = nw.coalesce(
        nw.when(nw.col("sales_lcy").is_null()).then(nw.lit("sales_unknown")),
        nw.when(share.is_null()).then(nw.lit("pd_unknown")),
        nw.when(share <= 0.0).then(nw.lit("pd_too_high")),
        nw.when(room < 1.0).then(nw.lit("need_covered")),
        nw.when(nw.col("existing_debt_lcy").is_null()).then(nw.lit("debt_unknown")),
    )
    return needed.with_columns(limit_lcy=_two_digits_down(room * share), limit_reason_code=reason)
