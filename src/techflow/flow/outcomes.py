"""How the loans of a store have fared: what a low-default estimate stands on."""

from datetime import date, timedelta

import narwhals.stable.v2 as nw

from techflow.basics import Frame

YEAR_DAYS = 365


def loan_outcomes(loans: Frame, *, as_of: date) -> Frame:
    """How many loans have been watched for a year, and how many of them defaulted in it.

    Args:
        loans: Visible rows of the table `loan`, one per loan.
        as_of: The last day that is seen.

    Returns:
        One row: `loans_n`, drawn at least 365 days before `as_of`; `defaults_n`, those of them
        that defaulted within 365 days of drawing.
    """
    year = timedelta(days=YEAR_DAYS)
    watched = loans.filter(nw.col("drawn_on") <= as_of - year)
    within = nw.col("defaulted_on") <= nw.col("drawn_on") + nw.lit(year)
    failed = (within & (nw.col("defaulted_on") <= as_of)).fill_null(False)
    return watched.select(
        loans_n=nw.len().cast(nw.Int64), defaults_n=failed.cast(nw.Int64).sum().cast(nw.Int64)
    )
