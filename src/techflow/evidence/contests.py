"""How long a contest of a fact may wait for its answer."""

from datetime import date, timedelta

ANSWER_DAYS = 20
"""Days from receipt in which a contest is checked, handled and answered in writing."""


def answer_due_on(received_on: date) -> date:
    """The last day on which a contest of a fact is answered in time.

    Args:
        received_on: Day on which the contest was received.

    Returns:
        Twenty calendar days later; the day of receipt is not counted. A last day that is a public
        holiday is not moved on, though the Civil Code (Art. 203) would allow it: the earlier day
        is never too late.

    Source:
        Regulation on the Administration of Credit Reporting (征信业管理条例, State Council, 2013),
        Art. 25: within 20 days of receipt. Civil Code (民法典), Art. 201: the first day is not
        counted.

    Examples:
        >>> answer_due_on(date(2026, 11, 27))
        datetime.date(2026, 12, 17)
    """
    return received_on + timedelta(days=ANSWER_DAYS)
