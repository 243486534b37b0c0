"""Ratios of a firm's accounts: one row per statement, and the latest per firm."""

from datetime import date

import narwhals.stable.v2 as nw

from techflow.basics import Frame
from techflow.profile.rollup import by_firm, days_since, growth, known, month_of, part_of
from techflow.schema.profile import STATEMENTS

SAME = ("firm_id", "basis", "currency", "months_n")
COMPARED = ("revenue_lcy", "assets_lcy", "total_equity_lcy", "net_income_lcy")
SEPARATE_AHEAD_DAYS = 366.5
"""A consolidated statement must be this much newer to be taken before a separate one; the
half day rules out ties."""


def statement_ratios(statements: Frame) -> Frame:
    """Ratios of each statement, with growth on the statement of a year before.

    The year before is the statement of the same firm, basis, currency and number of months
    whose period ends in the same month one year earlier. Two such statements in that month
    (the key allows different days) are ambiguous: growth is null. Flows are not annualised: a
    half-year statement gives half-year returns.

    Args:
        statements: Rows of the table `statement`, one per key (`firm_id`, `period_end_on`,
            `basis`). An unknown `months_n` is taken as 12.

    Returns:
        The rows given, each once, with the columns of `STATEMENT_RATIOS` of the dictionary.
        Each ratio is null where a part is unknown or the denominator is not above zero. Total
        assets that were left out are taken as liabilities plus equity, which they equal:

        - to total assets: `leverage_ratio` (liabilities), `debt_assets_ratio`,
          `return_on_assets_ratio` (net income), `retained_earnings_ratio`,
          `asset_turnover_ratio` (revenue), `operating_return_ratio`, `pretax_return_ratio`,
          `nonoperating_gap_ratio` (pre-tax less operating income), `working_capital_ratio`
          (current assets less current liabilities);
        - to current liabilities: `current_ratio`, `cash_ratio`;
        - to revenue: `operating_margin_ratio`, `net_margin_ratio`, `rnd_share`;
        - `capital_impairment_ratio`: (capital stock - equity) / capital stock; above 0 means
          losses have eaten into paid-in capital, above 1 that equity is negative;
        - `current_liabilities_share` of all liabilities;
        - `revenue_growth_ratio`, `assets_growth_ratio`, `equity_growth_ratio`: on the year
          before, minus 1;
        - `losses_n`: net losses in this and the previous year among those known; null if
          neither is known;
        - `assets_lcy`: total assets; `statement_on`: period end; `revenue_lcy` as it came.
    """
    known_assets = _with_assets(statements)
    return _with_ratios(_with_previous(known_assets, known_assets))


def statement_features(statements: Frame, *, as_of: date) -> Frame:
    """Ratios of the latest annual statement of each firm.

    Args:
        statements: Rows of the table `statement`, one per key.
        as_of: The last day that is seen; periods that end later are ignored.

    Returns:
        One row per `firm_id` with an annual statement (12 months, or unknown): the columns of
        `statement_ratios`, `statement_currency`, `statement_basis`, and `statement_age_days` from
        period end to `as_of`. A separate statement goes before a consolidated one unless that
        is more than a year newer.
    """
    annual = _with_assets(statements).filter(
        nw.col("period_end_on") <= as_of, nw.col("months_n").fill_null(12) == 12
    )
    age = days_since(nw.col("period_end_on"), as_of)
    place = nw.when(nw.col("basis") == "separate").then(age - SEPARATE_AHEAD_DAYS).otherwise(age)
    latest = annual.with_columns(age=age, place=place).filter(
        nw.col("place") == nw.col("place").min().over("firm_id")
    )
    rated = _with_ratios(_with_previous(latest, annual)).with_columns(
        statement_currency=nw.col("currency"),
        statement_basis=nw.col("basis"),
        statement_age_days=nw.col("age"),
    )
    return by_firm(rated, STATEMENTS)


def _with_assets(statements: Frame) -> Frame:
    """`assets_lcy`: total assets; where only the sum was left out, liabilities plus equity."""
    parts = nw.col("total_liabilities_lcy") + nw.col("total_equity_lcy")
    return statements.with_columns(assets_lcy=nw.coalesce(nw.col("total_assets_lcy"), parts))


def _with_previous(statements: Frame, history: Frame) -> Frame:
    """Each statement once, with the amounts of a year before under `previous_`."""
    month, months = month_of(nw.col("period_end_on")), nw.col("months_n").fill_null(12)
    keys = ["firm_id", "basis", "currency", "span_months", "end_month"]
    before = (
        history.select(
            "firm_id",
            "basis",
            "currency",
            months.alias("span_months"),
            (month + 12).alias("end_month"),
            *(nw.col(name).alias(f"previous_{name}") for name in COMPARED),
        )
    ).unique(subset=keys, keep="none")
    return (
        statements.with_columns(span_months=months, end_month=month)
        .join(before, on=keys, how="left")
        .drop("span_months", "end_month")
    )


def _with_ratios(statements: Frame) -> Frame:
    """The ratios, from a statement beside the one of a year before."""
    net, previous_net = nw.col("net_income_lcy"), nw.col("previous_net_income_lcy")
    loss, previous_loss = (net < 0).cast(nw.Int64), (previous_net < 0).cast(nw.Int64)
    neither = net.is_null() & previous_net.is_null()
    return statements.with_columns(
        **_returns(),
        **_structure(),
        revenue_growth_ratio=_change("revenue_lcy"),
        assets_growth_ratio=_change("assets_lcy"),
        equity_growth_ratio=_change("total_equity_lcy"),
        losses_n=known(~neither, loss.fill_null(0) + previous_loss.fill_null(0)),
        statement_on=nw.col("period_end_on"),
    ).drop(*(f"previous_{name}" for name in COMPARED))


def _change(name: str) -> nw.Expr:
    """Growth of an amount on the year before."""
    return growth(nw.col(name), nw.col(f"previous_{name}"))


def _returns() -> dict[str, nw.Expr]:
    """What the firm earns on its assets and its revenue."""
    assets, revenue, net = nw.col("assets_lcy"), nw.col("revenue_lcy"), nw.col("net_income_lcy")
    operating, pretax = nw.col("operating_income_lcy"), nw.col("pretax_income_lcy")
    return {
        "return_on_assets_ratio": part_of(net, assets),
        "operating_return_ratio": part_of(operating, assets),
        "pretax_return_ratio": part_of(pretax, assets),
        "nonoperating_gap_ratio": part_of(pretax - operating, assets),
        "asset_turnover_ratio": part_of(revenue, assets),
        "operating_margin_ratio": part_of(operating, revenue),
        "net_margin_ratio": part_of(net, revenue),
        "rnd_share": part_of(nw.col("rnd_expense_lcy"), revenue),
    }


def _structure() -> dict[str, nw.Expr]:
    """What the firm owns and owes."""
    assets, liabilities = nw.col("assets_lcy"), nw.col("total_liabilities_lcy")
    current, due = nw.col("current_assets_lcy"), nw.col("current_liabilities_lcy")
    stock = nw.col("capital_stock_lcy")
    return {
        "leverage_ratio": part_of(liabilities, assets),
        "debt_assets_ratio": part_of(nw.col("debt_lcy"), assets),
        "retained_earnings_ratio": part_of(nw.col("retained_earnings_lcy"), assets),
        "working_capital_ratio": part_of(current - due, assets),
        "current_ratio": part_of(current, due),
        "cash_ratio": part_of(nw.col("cash_lcy"), due),
        "current_liabilities_share": part_of(due, liabilities),
        "capital_impairment_ratio": part_of(stock - nw.col("total_equity_lcy"), stock),
    }
