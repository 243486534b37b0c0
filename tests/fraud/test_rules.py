"""Numbers of the rules against sums done by hand, on each engine."""

from datetime import date, timedelta

import polars as pl
import pytest

from techflow.basics import InvalidInput, MissingColumn
from techflow.fraud import (
    Sign,
    judge_signs,
    late_sales,
    new_firm_sales,
    round_amounts,
    same_day_trips,
    sudden_partners,
    tell_signs,
    void_bursts,
)

AS_OF = date(2025, 12, 31)
COLUMNS = {
    "firm_id": pl.String,
    "direction": pl.String,
    "partner_id": pl.String,
    "issued_on": pl.Date,
    "currency": pl.String,
    "net_lcy": pl.Float64,
    "gross_lcy": pl.Float64,
    "status": pl.String,
}


def invoice(age_days, net, partner="p", **more):
    row = {"firm_id": "a", "direction": "sale", "partner_id": partner, "currency": "CNY"}
    row |= {"issued_on": AS_OF - timedelta(days=age_days), "net_lcy": net, "status": "valid"}
    return row | {"gross_lcy": None} | more


@pytest.fixture
def number(make, rows):
    def measure(rule, invoices, **asked):
        (row,) = rows(rule(make(invoices, COLUMNS), as_of=AS_OF, **asked))
        return next(value for name, value in row.items() if name != "firm_id")

    return measure


def test_void_burst_is_the_worst_month_with_enough_invoices(number):
    december = [invoice(d, 1.0, status="void" if d < 6 else "valid") for d in range(10)]
    november = [invoice(40, 1.0, status="void")]  # alone in its month: says nothing
    assert number(void_bursts, december + november, issued_n_min=10) == pytest.approx(0.6)
    assert number(void_bursts, december + november, issued_n_min=11) is None


def test_sudden_partners_need_a_history(number):
    asked = {"recent_days": 90, "history_days_min": 180}
    lines = [invoice(270, 50.0, "old"), invoice(10, 25.0, "old"), invoice(89, 75.0, "new")]
    assert number(sudden_partners, lines, **asked) == pytest.approx(0.75)
    lines[0] = invoice(269, 50.0, "old")
    assert number(sudden_partners, lines, **asked) is None


def test_round_amounts_look_at_gross_from_one_step_on(number):
    lines = [
        invoice(1, 8849.56, gross_lcy=10_000.0),
        invoice(2, 30_000.0),
        invoice(3, 30_000.01),
        invoice(4, 9_000.0),  # below one step: not counted
        invoice(400, 50_000.0),  # more than a year ago
    ]
    asked = {"step_lcy": 10_000.0, "invoices_n_min": 3}
    assert number(round_amounts, lines, **asked) == pytest.approx(2 / 3)
    assert number(round_amounts, lines, **asked | {"invoices_n_min": 4}) is None


def test_late_sales_compare_sales_a_day(number):
    # 300 in 30 days against 600 in the 300 days before: 10 a day against 2 a day.
    lines = [invoice(29, 300.0), invoice(30, 500.0), invoice(329, 100.0)]
    assert number(late_sales, lines, late_days=30, before_days=300) == pytest.approx(5.0)
    assert number(late_sales, lines, late_days=30, before_days=301) is None


def test_same_day_trips_need_like_sums_on_one_day(number):
    lines = [
        invoice(5, 60.0),
        invoice(5, 40.0),
        invoice(5, 97.0, direction="purchase"),
        invoice(6, 100.0),
        invoice(7, 100.0, direction="purchase"),
        invoice(8, 100.0, status="void"),
        invoice(8, 100.0, direction="purchase"),
    ]
    assert number(same_day_trips, lines, tolerance_share=0.05) == pytest.approx(0.5)
    assert number(same_day_trips, lines, tolerance_share=0.02) == 0.0


@pytest.mark.parametrize(
    ("founded_on", "currencies", "expected"),
    [
        (AS_OF - timedelta(days=99), ("CNY", "CNY"), 70.0),
        (AS_OF - timedelta(days=100), ("CNY", "CNY"), 0.0),
        (None, ("CNY", "CNY"), None),
        (AS_OF - timedelta(days=99), ("CNY", "USD"), None),
    ],
)
def test_new_firm_sales(make, rows, founded_on, currencies, expected):
    lines = [invoice(1, 30.0, currency=currencies[0]), invoice(2, 40.0, currency=currencies[1])]
    firms = make(
        [{"firm_id": "a", "founded_on": founded_on}],
        {k: pl.Date if "on" in k else pl.String for k in ("firm_id", "founded_on")},
    )
    found = rows(new_firm_sales(firms, make(lines, COLUMNS), as_of=AS_OF, new_days=100))
    assert found == [{"firm_id": "a", "new_firm_sales_lcy": expected}]


SIGNS = [
    Sign("one", "one_share", "share", 0.5, 1.0, "一{value}（{limit}）", "one {value} ({limit})"),
    Sign("two", "two_cny", "cny", 1e6, 3.0, "二{value}", "two {value}"),
]


def test_a_sign_at_its_limit_is_there_and_an_unknown_one_is_not(make, rows):
    frame = pl.DataFrame({"one_share": [0.5, 0.49, None], "two_cny": [1e6, None, None]})
    found = rows(judge_signs(make(frame), SIGNS))
    assert [row["points"] for row in found] == [4.0, 0.0, 0.0]
    assert [row["signs_known_n"] for row in found] == [2, 1, 0]
    assert [row["sign_one"] for row in found] == [True, False, None]
    told = tell_signs(found[0], SIGNS)
    assert [one["en"] for one in told] == ["two 1,000,000", "one 50% (50%)"]


def test_wrong_signs_are_refused(make):
    with pytest.raises(InvalidInput, match="unit of the sign x"):
        Sign("x", "x", "miles", 1.0, 1.0, "", "")
    with pytest.raises(InvalidInput, match="points of the sign x"):
        Sign("x", "x", "n", 1.0, 0.0, "", "")
    with pytest.raises(MissingColumn, match="two_cny"):
        judge_signs(make(pl.DataFrame({"one_share": [0.5]})), SIGNS)
