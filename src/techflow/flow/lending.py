"""What pricing needs to know of a firm, taken from its profile."""

import narwhals.stable.v2 as nw

from techflow.basics import Frame

STATEMENT_FRESH_DAYS = 730
"""Older accounts than this no longer speak for the sales of last year."""

FACTS = (
    "currency",
    "sales_lcy",
    "sales_profit_ratio",
    "expected_growth_ratio",
    "working_capital_days",
    "own_funds_lcy",
    "existing_debt_lcy",
)
"""Columns pricing takes, besides the default probability and the verdict."""


def lending_facts(profiles: Frame) -> Frame:
    """Sales, growth, margin, own funds and debt of each firm, in one currency.

    Accounts not older than `STATEMENT_FRESH_DAYS` go first; without them the invoices of the
    last twelve months give the sales. Debt is the larger of the loans on record and the
    interest-bearing debt of the accounts, each only in the currency of the sales.

    Args:
        profiles: One row per firm with the features of the table `profile` and
            `working_capital_days`.

    Returns:
        The same rows plus the other columns of `FACTS`: `currency`, `sales_lcy` (>= 0),
        `sales_profit_ratio` and `own_funds_lcy` (from accounts only), `expected_growth_ratio`
        (last year's growth), `existing_debt_lcy`. Null where unknown.
    """
    booked = (nw.col("statement_age_days") <= STATEMENT_FRESH_DAYS) & ~(
        nw.col("revenue_lcy").is_null()
    )
    chosen = profiles.with_columns(
        currency=nw.coalesce(
            nw.when(booked).then(nw.col("statement_currency")),
            nw.col("trade_currency"),
            nw.col("statement_currency"),
        ),
        sales_lcy=nw.when(booked)
        .then(nw.col("revenue_lcy"))
        .otherwise(nw.col("sales_12m_lcy"))
        .clip(lower_bound=0.0),
        sales_profit_ratio=nw.when(booked).then(nw.col("operating_margin_ratio")),
        expected_growth_ratio=nw.coalesce(
            nw.when(booked).then(nw.col("revenue_growth_ratio")), nw.col("sales_growth_ratio")
        ),
        own_funds_lcy=nw.when(booked).then(nw.col("working_capital_ratio") * nw.col("assets_lcy")),
    )
    same = nw.col("loan_currency") == nw.col("currency")
    lent = nw.when(same).then(nw.col("debt_outstanding_lcy"))
    reported = nw.col("debt_assets_ratio") * nw.col("assets_lcy")
    in_currency = nw.col("statement_currency") == nw.col("currency")
    return chosen.with_columns(
        existing_debt_lcy=nw.max_horizontal(lent, nw.when(in_currency).then(reported))
    )
