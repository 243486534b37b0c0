"""Staff, credentials, funding and loans, by hand."""

from datetime import date

import pytest

from techflow.profile import (
    credential_features,
    funding_features,
    loan_features,
    staff_features,
)

AS_OF = date(2020, 2, 29)
FIRM = {"firm_id": "a"}


@pytest.fixture
def features(table, by_firm):
    return lambda rolled, name, lines: by_firm(
        rolled(table(name, [FIRM | line for line in lines]), as_of=AS_OF)
    )


def counted(on, employees, rnd):
    return {"counted_on": on, "employees_n": employees, "rnd_staff_n": rnd}


def test_staff_at_the_latest_count(features):
    lines = [
        counted(date(2018, 12, 31), 10, 5),
        counted(date(2019, 12, 31), 40, 10),
        counted(date(2020, 12, 31), 99, 99),
        counted(date(2019, 1, 1), 0, 0) | {"firm_id": "b"},
    ]
    assert features(staff_features, "staff", lines) == {
        "a": FIRM | {"employees_n": 40, "rnd_staff_share": 0.25},
        "b": {"firm_id": "b", "employees_n": 0, "rnd_staff_share": None},
    }


def held(kind, since, until=None):
    return {"credential": kind, "since": since, "until": until}


def test_credentials_valid_on_the_day(features):
    lines = [
        held("innovative_sme", date(2017, 1, 1), date(2020, 2, 29)),  # first day not valid
        held("hnte", date(2020, 2, 29)),  # first day valid
        held("tech_sme", date(2018, 1, 1), date(2021, 1, 1)),
        held("tech_sme", date(2019, 1, 1), date(2022, 1, 1)),  # overlaps the one before
        held("champion", date(2020, 3, 1)),  # not yet
        held("little_giant", date(2015, 1, 1), date(2018, 1, 1)) | {"firm_id": "b"},
    ]
    seen = features(credential_features, "credential", lines)
    assert {firm: row["credentials_n"] for firm, row in seen.items()} == {"a": 2, "b": 0}


def closed(on, raised, currency="CNY"):
    return {"closed_on": on, "funding_round": "A", "currency": currency, "raised_lcy": raised}


def test_funding_of_36_months(features):
    old, edge, new = date(2015, 1, 1), date(2017, 2, 28), date(2017, 3, 1)
    cases = {
        "sum": [closed(old, 1.0), closed(edge, 2.0), closed(new, 4.0), closed(AS_OF, 8.0)],
        "none in the window": [closed(old, None)],
        "amount unknown": [closed(new, None), closed(AS_OF, 8.0)],
        "currencies": [closed(new, 4.0), closed(AS_OF, 8.0, "USD")],
        "later": [closed(new, 4.0), closed(date(2020, 3, 1), 8.0)],
    }
    lines = [line | {"firm_id": name} for name, rounds in cases.items() for line in rounds]
    seen = features(funding_features, "funding_round", lines)
    raised = {name: row["raised_36m_lcy"] for name, row in seen.items()}
    assert raised == {
        "sum": 12.0,
        "none in the window": 0.0,
        "amount unknown": None,
        "currencies": None,
        "later": 4.0,
    }
    assert seen["sum"]["funding_rounds_n"] == 4
    assert seen["currencies"]["funding_currency"] is None
    assert seen["later"] | {"firm_id": "a"} == FIRM | {
        "funding_currency": "CNY",
        "raised_36m_lcy": 4.0,
        "funding_rounds_n": 1,
    }


def loan(number, outstanding, **more):
    row = {"loan_id": number, "currency": "CNY", "drawn_on": date(2019, 1, 1)}
    return row | {"outstanding_lcy": outstanding} | more


def test_loans(features):
    lines = [
        loan("1", 100.0, overdue_days=0),
        loan("2", 50.0, overdue_days=95, defaulted_on=date(2020, 2, 29)),
        loan("3", 0.0, defaulted_on=date(2020, 3, 1)),
        loan("4", 7.0, drawn_on=date(2020, 3, 1)),
        loan("5", 10.0, firm_id="b"),
        loan("6", None, firm_id="b"),
        loan("7", 10.0, firm_id="c"),
        loan("8", 10.0, firm_id="c", currency="USD"),
    ]
    seen = features(loan_features, "loan", lines)
    assert seen["a"] == FIRM | {
        "loan_currency": "CNY",
        "debt_outstanding_lcy": 150.0,
        "loans_n": 3,
        "overdue_days_max": 95,
        "defaults_n": 1,
    }
    # A balance that is not known must not make a firm look less indebted.
    assert seen["b"]["debt_outstanding_lcy"] is seen["c"]["debt_outstanding_lcy"] is None
    assert (seen["b"]["loans_n"], seen["b"]["overdue_days_max"]) == (2, None)
