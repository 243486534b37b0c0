"""Money due on a loan for a period: fees, interest discounts, relending; exact to the fen."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from techflow.basics import InvalidInput

PER = ("year", "once")
YEAR_DAYS = (360, 365)


@dataclass(frozen=True, slots=True)
class Rate:
    """What is charged.

    Attributes:
        name: Stable name of it, such as that of the fee.
        share: Of the base: a year, or once.
        per: `year` or `once`.
        year_days: Days of a year the share counts on, 360 or 365.
        months_max: Months from the start of the loan after which it ends; None: none.
        down: Whether fen are cut off, as for a share that may not be passed; else half goes up.
    """

    name: str
    share: Fraction
    per: str = "year"
    year_days: int = 365
    months_max: int | None = None
    down: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1 or self.per not in PER or self.year_days not in YEAR_DAYS:
            raise InvalidInput(
                f"rate {self.name} must be a share above 0 and at most 1, per one of "
                f"{', '.join(PER)}, on a year of 360 or 365 days; got {self.share}, {self.per}, "
                f"{self.year_days}"
            )


@dataclass(frozen=True, slots=True)
class Dated:
    """A loan as far as it is charged: what is charged on, from its first day to before its last."""

    loan_id: str
    base_fen: int
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Due:
    """What is due on one loan for the days from `since` to before `until`."""

    loan_id: str
    base_fen: int
    start: date
    since: date
    until: date
    fen: int


def due_fen(rate: Rate, base_fen: int, start: date, since: date, until: date) -> int:
    """Fen due for the days from `since` to before `until`.

    What is due since the start is rounded, and the part of a period is the difference of two such
    sums: so the periods of a loan add to the fen, however it is cut into them.

    Args:
        rate: What is charged.
        base_fen: What it is charged on, whole fen; the same over the period.
        start: First day of the loan.
        since: First day of the period, not before `start`.
        until: Day after its last.

    Examples:
        >>> half = Rate("fee", Fraction(1, 200))
        >>> day = date(2026, 1, 1)
        >>> due_fen(half, 100_000_000, day, day, date(2027, 1, 1))
        500000
        >>> [due_fen(half, 100, day, *each) for each in
        ...  ((day, date(2026, 7, 1)), (date(2026, 7, 1), date(2027, 1, 1)))]
        [0, 1]
    """
    if rate.per == "once":
        return _whole(rate, base_fen * rate.share) if since == start else 0
    a_day = base_fen * rate.share / rate.year_days
    return _whole(rate, a_day * (until - start).days) - _whole(rate, a_day * (since - start).days)


def list_dues(loans: Iterable[Dated], rate: Rate, since: date, until: date) -> Iterator[Due]:
    """What is due on each loan in a period; loans on which nothing is are left out.

    Args:
        loans: The loans.
        rate: What is charged.
        since: First day of the period.
        until: Day after its last.

    Raises:
        InvalidInput: The period is empty.
    """
    if until <= since:
        raise InvalidInput(f"the period must end after it begins; got {since} to {until}")
    for loan in loans:
        last = months_after(loan.start, rate.months_max) if rate.months_max else loan.end
        first, end = max(since, loan.start), min(until, loan.end, last)
        if first >= end or (rate.per == "once" and loan.start < since):
            continue
        end = loan.end if rate.per == "once" else end
        fen = due_fen(rate, loan.base_fen, loan.start, first, end)
        if fen > 0:
            yield Due(loan.loan_id, loan.base_fen, loan.start, first, end, fen)


def months_after(day: date, months_n: int) -> date:
    """The same day of a later month, or the first of the month after if it has no such day.

    Args:
        day: A day.
        months_n: Months, 0 or more.

    Examples:
        >>> months_after(date(2026, 1, 31), 1), months_after(date(2024, 2, 29), 24)
        (datetime.date(2026, 3, 1), datetime.date(2026, 3, 1))
    """
    years, month = divmod(day.month - 1 + months_n, 12)
    try:
        return day.replace(year=day.year + years, month=month + 1)
    except ValueError:
        return date(day.year + years, month + 2, 1)


def _whole(rate: Rate, amount: Fraction) -> int:
    return (amount if rate.down else amount + Fraction(1, 2)).__floor__()
