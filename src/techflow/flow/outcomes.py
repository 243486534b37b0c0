"""How the loans of a store have fared: what a low-default estimate stands on."""

from datetime import date, timedelta

import narwhals.stable.v2 as nw

from techflow.basics import Frame

YEAR_DAYS = 365


def loan_outcomes(loans: Frame, *, as_of: date) -> Frame:
    """Whether each firm defaulted in the first year of the last loan watched for a year.

    One loan a firm, so that a firm that borrows every year does not count for several.

    Args:
        loans: Visible rows of the table `loan`, one per loan.
        as_of: The last day that is seen.

    Returns:
        One row per `firm_id` with a loan drawn at least 365 days before `as_of`: `defaulted`, 1
        if the last such loan defaulted within 365 days of drawing, else 0.
    """
    year, drawn = timedelta(days=YEAR_DAYS), nw.col("drawn_on")
    watched = loans.filter(drawn <= as_of - year)
    last = watched.filter(drawn == drawn.max().over("firm_id"))
    within = (nw.col("defaulted_on") <= drawn + nw.lit(year)).fill_null(False)
    return last.group_by("firm_id").agg(within.cast(nw.Int64).max().alias("defaulted"))
