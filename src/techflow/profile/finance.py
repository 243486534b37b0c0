"""Features of the money others put into a firm: equity raised and loans."""

from datetime import date

import narwhals.stable.v2 as nw

from techflow.basics import Frame
from techflow.profile.rollup import (
    by_firm,
    count_where,
    known,
    months_before,
    sole,
    sum_where,
)
from techflow.schema.profile import FUNDING, LOANS


def funding_features(rounds: Frame, *, as_of: date) -> Frame:
    """Equity raised.

    Args:
        rounds: Rows of the table `funding_round`.
        as_of: The last day that is seen; later closings are ignored.

    Returns:
        One row per `firm_id` with a round closed by then: `funding_currency` (null if rounds
        differ), `raised_36m_lcy` (closed in the 36 months that end on `as_of`; 0 without such
        a round, null if the amount of one is unknown or currencies differ),
        `funding_rounds_n` (all rounds).
    """
    closed, raised = nw.col("closed_on"), nw.col("raised_lcy")
    recent = closed > months_before(as_of, 36)
    firms = (
        rounds.filter(closed <= as_of)
        .group_by("firm_id")
        .agg(
            sole("currency").alias("funding_currency"),
            sum_where(recent, raised).alias("raised"),
            count_where(recent & raised.is_null()).alias("unknown_n"),
            nw.len().alias("funding_rounds_n"),
        )
    )
    summed = (nw.col("unknown_n") == 0) & ~nw.col("funding_currency").is_null()
    return by_firm(firms.with_columns(raised_36m_lcy=known(summed, nw.col("raised"))), FUNDING)


def loan_features(loans: Frame, *, as_of: date) -> Frame:
    """Loans outstanding and how they are served.

    Args:
        loans: Rows of the table `loan`, one per `loan_id`, as known on `as_of`.
        as_of: The last day that is seen; loans drawn later are ignored.

    Returns:
        One row per `firm_id` with a loan drawn by then: `loan_currency` (null if loans
        differ), `debt_outstanding_lcy` (null if the balance of any loan is unknown or
        currencies differ: a sum of the rest would understate it), `loans_n`,
        `overdue_days_max` (longest among those known), `defaults_n` (defaulted by `as_of`).
    """
    firms = (
        loans.filter(nw.col("drawn_on") <= as_of)
        .group_by("firm_id")
        .agg(
            sole("currency").alias("loan_currency"),
            nw.col("outstanding_lcy").sum().alias("outstanding"),
            nw.col("outstanding_lcy").null_count().alias("unknown_n"),
            nw.len().alias("loans_n"),
            nw.col("overdue_days").max().alias("overdue_days_max"),
            count_where(nw.col("defaulted_on") <= as_of).alias("defaults_n"),
        )
    )
    summed = (nw.col("unknown_n") == 0) & ~nw.col("loan_currency").is_null()
    debt = known(summed, nw.col("outstanding"))
    return by_firm(firms.with_columns(debt_outstanding_lcy=debt), LOANS)
