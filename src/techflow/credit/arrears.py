"""What is overdue on a loan: payments go to the oldest money due first."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple


class Arrears(NamedTuple):
    """A loan on a day.

    Attributes:
        days_overdue: Days since the oldest unpaid due; 0 if none is overdue.
        overdue_fen: Fen overdue.
        owed_fen: Fen unpaid of all dues, those to come too.
        next_on: Day of the next due not yet paid; None if there is none.
    """

    days_overdue: int
    overdue_fen: int
    owed_fen: int
    next_on: date | None


def loan_arrears(
    dues: Iterable[tuple[date, int]], paid: Iterable[tuple[date, int]], on: date
) -> Arrears:
    """What is overdue on a day.

    Args:
        dues: Day and fen of each due; what is due on a day is overdue from the next.
        paid: Day and fen of each payment; those after `on` do not count.
        on: The day.

    Examples:
        >>> dues = [(date(2026, 1, 31), 100), (date(2026, 2, 28), 100)]
        >>> loan_arrears(dues, [(date(2026, 2, 1), 150)], date(2026, 3, 10))
        Arrears(days_overdue=10, overdue_fen=50, owed_fen=50, next_on=None)
    """
    left = sum(fen for day, fen in paid if day <= on)
    open_dues: list[tuple[date, int]] = []
    for day, fen in sorted(dues):
        if (rest := fen - min(left, fen)) > 0:
            open_dues.append((day, rest))
        left -= fen - rest
    late = [(day, fen) for day, fen in open_dues if day < on]
    return Arrears(
        (on - late[0][0]).days if late else 0,
        sum(fen for _, fen in late),
        sum(fen for _, fen in open_dues),
        next((day for day, _ in open_dues if day >= on), None),
    )
