"""What pricing is told of a firm: which sales, which debt, in which currency."""

from datetime import date

import polars as pl
import pytest

from techflow.flow import loan_outcomes
from techflow.flow.lending import lending_facts

SCHEMA = {
    "statement_age_days": pl.Int64,
    "statement_currency": pl.String,
    "revenue_lcy": pl.Float64,
    "operating_margin_ratio": pl.Float64,
    "revenue_growth_ratio": pl.Float64,
    "working_capital_ratio": pl.Float64,
    "assets_lcy": pl.Float64,
    "debt_assets_ratio": pl.Float64,
    "trade_currency": pl.String,
    "sales_12m_lcy": pl.Float64,
    "sales_growth_ratio": pl.Float64,
    "loan_currency": pl.String,
    "debt_outstanding_lcy": pl.Float64,
}
FIRM = {
    "statement_age_days": 180,
    "statement_currency": "CNY",
    "revenue_lcy": 100.0,
    "operating_margin_ratio": 0.1,
    "revenue_growth_ratio": 0.2,
    "working_capital_ratio": 0.25,
    "assets_lcy": 80.0,
    "debt_assets_ratio": 0.5,
    "trade_currency": "CNY",
    "sales_12m_lcy": 120.0,
    "sales_growth_ratio": 0.3,
    "loan_currency": "CNY",
    "debt_outstanding_lcy": 10.0,
}
LOAN = {"firm_id": pl.String, "drawn_on": pl.Date, "defaulted_on": pl.Date}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, ("CNY", 100.0, 0.1, 0.2, 20.0, 40.0)),
        ({"debt_outstanding_lcy": 60.0}, ("CNY", 100.0, 0.1, 0.2, 20.0, 60.0)),
        ({"debt_assets_ratio": None}, ("CNY", 100.0, 0.1, 0.2, 20.0, 10.0)),
        ({"loan_currency": "USD"}, ("CNY", 100.0, 0.1, 0.2, 20.0, 40.0)),
        (
            {"loan_currency": "USD", "debt_assets_ratio": None},
            ("CNY", 100.0, 0.1, 0.2, 20.0, None),
        ),
        ({"revenue_growth_ratio": None}, ("CNY", 100.0, 0.1, 0.3, 20.0, 40.0)),
        ({"statement_age_days": 731}, ("CNY", 120.0, None, 0.3, None, 40.0)),
        (
            {"statement_age_days": 731, "statement_currency": "USD"},
            ("CNY", 120.0, None, 0.3, None, 10.0),
        ),
        ({"revenue_lcy": None}, ("CNY", 120.0, None, 0.3, None, 40.0)),
        ({"revenue_lcy": None, "sales_12m_lcy": -5.0}, ("CNY", 0.0, None, 0.3, None, 40.0)),
        (dict.fromkeys(FIRM), (None, None, None, None, None, None)),
    ],
)
def test_lending_facts(make, rows, changed, expected):
    row = rows(lending_facts(make([FIRM | changed], schema=SCHEMA)))[0]
    names = ("currency", "sales_lcy", "sales_profit_ratio", "expected_growth_ratio")
    found = tuple(row[name] for name in (*names, "own_funds_lcy", "existing_debt_lcy"))
    assert found == expected


@pytest.mark.parametrize(
    ("drawn_on", "defaulted_on", "expected"),
    [
        (date(2019, 7, 1), None, 0),  # 365 days before: watched
        (date(2019, 7, 2), date(2020, 1, 1), None),  # 364 days: not yet
        (date(2018, 1, 1), date(2019, 1, 1), 1),  # on day 365: within
        (date(2018, 1, 1), date(2019, 1, 2), 0),  # on day 366: later
    ],
)
def test_only_a_full_year_of_watching_counts(make, rows, drawn_on, defaulted_on, expected):
    loan = {"firm_id": "a", "drawn_on": drawn_on, "defaulted_on": defaulted_on}
    frame = make([loan], schema=LOAN)
    found = rows(loan_outcomes(frame, as_of=date(2020, 6, 30)))
    assert found == ([] if expected is None else [{"firm_id": "a", "defaulted": expected}])


def test_each_firm_counts_once_by_its_last_loan(make, rows):
    loans = [
        {"firm_id": "a", "drawn_on": date(2017, 1, 1), "defaulted_on": date(2017, 6, 1)},
        {"firm_id": "a", "drawn_on": date(2018, 1, 1), "defaulted_on": None},
    ]
    found = rows(loan_outcomes(make(loans, schema=LOAN), as_of=date(2020, 6, 30)))
    assert found == [{"firm_id": "a", "defaulted": 0}]
