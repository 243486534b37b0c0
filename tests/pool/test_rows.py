"""Each reason for which a row is put aside, on both engines; and the order of time."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from tests.pool.demo import demo, number

from techflow.basics import InvalidInput, MissingColumn
from techflow.pool import PROBLEMS, check_rows, split_by_loan
from techflow.pool.timeline import Dated, order_events, share_purses

SCHEMA = {
    "loan_id": pl.String,
    "bank_id": pl.String,
    "loan_cny": pl.Float64,
    "flag": pl.Boolean,
    "filed_on": pl.Date,
    "loss_cny": pl.Float64,
    "claimed_on": pl.Date,
    "recovered_cny": pl.Float64,
    "recovered_on": pl.Date,
}
FILED, CLAIMED, BACK = date(2025, 3, 1), date(2026, 3, 1), date(2026, 9, 1)
ROW = {
    "loan_id": "a",
    "bank_id": "b",
    "loan_cny": 1_000.0,
    "flag": False,
    "filed_on": FILED,
    "loss_cny": 100.0,
    "claimed_on": CLAIMED,
    "recovered_cny": 10.0,
    "recovered_on": BACK,
}
SCHEME = demo(
    until=date(2027, 1, 1),
    layer=[
        {"party": "pool", "share": number("30%") | {"any": ["flag"]}, "spill": "guarantor"},
        {"party": "guarantor", "share": number("50%")},
        {"party": "bank", "share": "rest"},
    ],
    breaker=[{"scope": "bank", "rate": number("3%"), "stops": ["pool"]}],
)
SPOILT = {
    "loan_unusable": {"loan_cny": None},
    "loss_unusable": {"loss_cny": -1.0},
    "loss_above_loan": {"loss_cny": 1_000.01},
    "fact_unknown": {"flag": None},
    "loan_id_missing": {"loan_id": None},
    "id_missing": {"bank_id": None},
    "filed_on_missing": {"filed_on": None},
    "filed_outside_scheme": {"filed_on": date(2023, 12, 31)},
    "claimed_on_missing": {"claimed_on": None, "recovered_cny": None},
    "claimed_before_filed": {"claimed_on": date(2025, 2, 28)},
    "recovered_unusable": {"recovered_cny": -0.01},
    "recovered_without_claim": {"loss_cny": None},
    "recovered_above_loss": {"recovered_cny": 100.01},
    "recovered_on_missing": {"recovered_on": None},
    "recovered_before_claimed": {"recovered_on": date(2026, 2, 28)},
}


def check(make, rows, book):
    return rows(check_rows(split_by_loan(make(book, SCHEMA), SCHEME), SCHEME))


def test_every_reason_has_a_case():
    assert {*SPOILT, "loan_id_twice"} == set(PROBLEMS)


@pytest.mark.parametrize("problem", SPOILT)
def test_a_spoilt_row_says_why(make, rows, problem):
    found = check(make, rows, [ROW | SPOILT[problem], ROW | {"loan_id": "other"}])
    told = {row["loan_id"]: row["row_problem"] for row in found}
    assert told.pop("other") is None
    assert list(told.values()) == [problem]


def test_right_rows_pass(make, rows):
    right = [
        {},
        {"loss_cny": None, "claimed_on": None, "recovered_cny": None, "recovered_on": None},
        {"loss_cny": 0.0, "claimed_on": None, "recovered_cny": 0.0, "recovered_on": None},
        {"filed_on": date(2024, 1, 1)},
        {"filed_on": CLAIMED},
        {"recovered_cny": 100.0, "recovered_on": CLAIMED},
        {"filed_on": date(2026, 12, 31), "claimed_on": date(2027, 5, 1)}
        | {"recovered_on": date(2027, 5, 1)},
    ]
    found = check(make, rows, [ROW | {"loan_id": str(i)} | own for i, own in enumerate(right)])
    assert [row["row_problem"] for row in found] == [None] * len(right)


def test_both_rows_of_a_loan_that_occurs_twice_are_put_aside(make, rows):
    found = check(make, rows, [ROW, ROW | {"loss_cny": 1.0}, ROW | {"loan_id": "c"}])
    told = sorted((row["loan_id"], row["row_problem"] or "") for row in found)
    assert told == [("a", "loan_id_twice"), ("a", "loan_id_twice"), ("c", "")]


def test_a_column_that_is_not_there_is_named(make):
    frame = split_by_loan(make([ROW], SCHEMA).drop("bank_id"), SCHEME)
    with pytest.raises(MissingColumn, match="needs the column bank_id"):
        check_rows(frame, SCHEME)


def test_events_come_by_day_then_claims_first_then_by_row():
    claims = Dated(np.array([9, 5, 0, 7]), np.array([1, 9, 0, 9]), np.array([2025, 2026, 0, 2026]))
    back = Dated(np.array([3, 0, 0, 2]), np.array([9, 0, 0, 9]), np.array([2026, 0, 0, 2026]))
    line = order_events(claims, back, np.array([2024, 2025, 2025, 2026]))
    assert line.events.loan.tolist() == [0, 1, 3, 0, 3]
    assert line.events.amount_fen.tolist() == [9, 5, 7, 3, 2]
    assert line.events.claim.tolist() == [-1, -1, -1, 0, 2]
    assert line.events.year.tolist() == [1, 2, 2, 2, 2]
    assert (line.first_year, line.years_n) == (2024, 3)


def test_a_recovery_without_a_claim_is_refused():
    claims = Dated(*np.zeros((3, 1), np.int64))
    with pytest.raises(InvalidInput, match="needs a claim of the same loan"):
        order_events(claims, Dated(*np.ones((3, 1), np.int64)), np.array([2025]))


def test_an_empty_book_has_one_year():
    none = np.zeros(0, np.int64)
    assert order_events(Dated(none, none, none), Dated(none, none, none), none).years_n == 1


def test_the_first_order_is_lost_first_then_by_what_was_paid_in():
    fund = {"source": "city", "party": "pool", "amount": number(60, "cny")}
    scheme = demo(
        funding=[
            fund | {"a_year": number(20, "cny")},
            fund | {"source": "province", "order": 2},
            fund | {"source": "social", "order": 2, "amount": number(20, "cny")},
        ]
    )
    purses = share_purses(scheme, {"pool": 14_000}, years_n=3)  # the city paid in 60 + 2 x 20
    assert [(own.source, own.paid_in_fen, own.lost_fen) for own in purses] == [
        ("city", 10_000, 10_000),
        ("province", 6_000, 3_000),
        ("social", 2_000, 1_000),
    ]
    with pytest.raises(InvalidInput, match="net_fen lacks pool"):
        share_purses(scheme, {}, years_n=1)
