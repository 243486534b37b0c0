"""Money due on a loan: by hand, and that periods add to the fen."""

from datetime import date, timedelta
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from techflow.basics import InvalidInput
from techflow.pool import Rate, due_fen, list_dues
from techflow.pool.dues import Dated

DAY = date(2026, 2, 1)


@pytest.mark.parametrize(
    ("share", "base", "until", "fen"),
    [
        # 5 m at 0.3 % is 15,000 a year; of 334 days of 365: 13,726.03. At 1.5 %: 68,630.14.
        ("0.003", 500_000_000, date(2027, 1, 1), 1_372_603),
        ("0.015", 500_000_000, date(2027, 1, 1), 6_863_014),
        ("0.01", 100, date(2027, 2, 1), 1),
        ("0.005", 100, date(2027, 2, 1), 1),
        ("0.004", 100, date(2027, 2, 1), 0),
    ],
)
def test_by_hand(share, base, until, fen):
    assert due_fen(Rate("r", Fraction(share)), base, DAY, DAY, until) == fen


@given(
    base=st.integers(1, 10**12),
    ppm=st.integers(1, 10**6),
    days=st.lists(st.integers(1, 400), min_size=1, max_size=6),
    year=st.sampled_from([360, 365]),
    down=st.booleans(),
)
def test_periods_add_to_the_whole_as_decimal_arithmetic_has_it(base, ppm, days, year, down):
    rate = Rate("r", Fraction(ppm, 10**6), "year", year, down=down)
    since, parts = DAY, []
    for n in days:
        parts.append(due_fen(rate, base, DAY, since, since + timedelta(n)))
        since += timedelta(n)
    with localcontext(prec=60):
        exact = Decimal(base) * ppm * sum(days) / 10**6 / year
        whole = exact.to_integral_value(ROUND_FLOOR if down else ROUND_HALF_UP)
    assert sum(parts) == whole
    assert min(parts) >= 0


def test_what_of_a_loan_falls_in_a_period():
    loan = Dated("a", 365_00, DAY, date(2027, 2, 1))
    year = (date(2026, 1, 1), date(2027, 1, 1))
    a_day = Rate("r", Fraction(1))
    assert [due.fen for due in list_dues([loan], a_day, *year)] == [334_00]
    (short,) = list_dues([loan], Rate("r", Fraction(1), months_max=1), *year)
    assert (short.since, short.until, short.fen) == (DAY, date(2026, 3, 1), 28_00)
    once = Rate("r", Fraction(3, 5), "once", down=True)
    (due,) = list_dues([loan], once, *year)
    assert (due.fen, due.until) == (219_00, loan.end)
    assert not list(list_dues([loan], once, date(2026, 2, 2), date(2027, 1, 1)))
    assert not list(list_dues([loan], a_day, date(2027, 2, 1), date(2028, 1, 1)))
    with pytest.raises(InvalidInput, match="must end after"):
        list(list_dues([loan], a_day, DAY, DAY))


def test_relending_never_passes_its_share():
    rate = Rate("r", Fraction(3, 5), "once", down=True)
    assert due_fen(rate, 123_456_789, DAY, DAY, date(2028, 2, 1)) == 74_074_073  # 74,074,073.4


@pytest.mark.parametrize("wrong", [{"share": Fraction(6)}, {"per": "month"}, {"year_days": 366}])
def test_a_rate_that_is_none(wrong):
    with pytest.raises(InvalidInput, match="rate r must be"):
        Rate(**{"name": "r", "share": Fraction(1, 100)} | wrong)
