"""Loans after they are lent: what is due when, what is overdue, class and early warning."""

from datetime import date
from fractions import Fraction
from itertools import pairwise

import narwhals.stable.v2 as nw

from techflow.basics import Frame
from techflow.credit.five_classes import classify_loans
from techflow.credit.loss_stages import stage_loans
from techflow.pool import Rate, due_fen
from techflow.pool.dues import months_after


def plan_dues(amount_fen: int, rate_pa: str, start: date, months_n: int) -> list[tuple[date, int]]:
    """Day and fen of each due of a loan that pays interest monthly and the principal at its end.

    Args:
        amount_fen: Principal in fen.
        rate_pa: Yearly rate as a decimal fraction in text, exact: `"0.0435"`.
        start: Day it was lent.
        months_n: Months.

    Returns:
        One due a month; the last one holds the principal too.

    Source:
        Interest by actual days on 360, the custom of Chinese banks' loans (`unverified 0.9`);
        rounded so that the periods add to the fen.

    Examples:
        >>> plan_dues(36_000_000, "0.05", date(2026, 1, 31), 2)
        [(datetime.date(2026, 3, 1), 145000), (datetime.date(2026, 3, 31), 36150000)]
    """
    rate = Rate("interest", Fraction(rate_pa), year_days=360)
    days = [start, *(months_after(start, number + 1) for number in range(months_n))]
    dues = [
        (until, due_fen(rate, amount_fen, start, since, until)) for since, until in pairwise(days)
    ]
    last, interest = dues[-1]
    return [*dues[:-1], (last, interest + amount_fen)]


def watch_loans(loans: Frame) -> Frame:
    """Add stage, class and warning of each loan.

    Args:
        loans: `days_overdue`, `in_default`, `pd`, `pd_at_origination` as in `stage_loans`;
            `coverage_ratio` as in `classify_loans`, null if the loss is not known.

    Returns:
        The same rows plus what `stage_loans` and `classify_loans` add, `class_at_least_n` (the
        class that days and default alone ask for, whatever the loss) and `warned` (something
        speaks against the loan: overdue, a raised stage, or a stage that cannot be told).
    """
    staged = stage_loans(loans)
    least = staged.with_columns(coverage_ratio=nw.lit(0.0))
    floor = classify_loans(least).select("loan_id", class_at_least_n="class_n")
    classed = classify_loans(staged).join(floor, on="loan_id", how="left")
    late = (nw.col("days_overdue") > 0).fill_null(value=True)
    return classed.with_columns(warned=late | (nw.col("stage") != 1).fill_null(value=True))
