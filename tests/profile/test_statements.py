"""Ratios of accounts, by hand."""

from datetime import date

import pytest

from techflow.profile import statement_features, statement_ratios
from techflow.schema.profile import STATEMENT_RATIOS

AS_OF = date(2020, 6, 30)
AMOUNTS = {
    "revenue_lcy": 500.0,
    "operating_income_lcy": 40.0,
    "pretax_income_lcy": 25.0,
    "net_income_lcy": -20.0,
    "rnd_expense_lcy": 30.0,
    "total_assets_lcy": 1000.0,
    "current_assets_lcy": 300.0,
    "cash_lcy": 50.0,
    "total_liabilities_lcy": 800.0,
    "current_liabilities_lcy": 200.0,
    "debt_lcy": 450.0,
    "capital_stock_lcy": 250.0,
    "retained_earnings_lcy": -80.0,
    "total_equity_lcy": 200.0,
}
# Typed in by hand from the amounts above.
RATIOS = {
    "leverage_ratio": 0.8,
    "current_ratio": 1.5,
    "cash_ratio": 0.25,
    "debt_assets_ratio": 0.45,
    "return_on_assets_ratio": -0.02,
    "operating_margin_ratio": 0.08,
    "net_margin_ratio": -0.04,
    "retained_earnings_ratio": -0.08,
    "asset_turnover_ratio": 0.5,
    "capital_impairment_ratio": 0.2,
    "rnd_share": 0.06,
    "operating_return_ratio": 0.04,
    "pretax_return_ratio": 0.025,
    "nonoperating_gap_ratio": -0.015,
    "working_capital_ratio": 0.1,
    "current_liabilities_share": 0.25,
    "revenue_growth_ratio": None,
    "assets_growth_ratio": None,
    "equity_growth_ratio": None,
    "losses_n": 1,
    "assets_lcy": 1000.0,
    "revenue_lcy": 500.0,
    "statement_on": date(2019, 12, 31),
}
GROWTH = ("revenue_growth_ratio", "assets_growth_ratio", "equity_growth_ratio")


def statement(year=2019, **more):
    row = {"firm_id": "a", "period_end_on": date(year, 12, 31), "basis": "separate"}
    return row | {"currency": "KRW", "months_n": 12} | more


@pytest.fixture
def ratios(table, rows):
    """Rows of `statement_ratios` by (basis, period end)."""

    def collect(lines):
        seen = rows(statement_ratios(table("statement", lines)))
        assert len(seen) == len(lines)
        return {(row["basis"], row["period_end_on"]): row for row in seen}

    return collect


@pytest.fixture
def latest(table, by_firm):
    return lambda lines: by_firm(statement_features(table("statement", lines), as_of=AS_OF))


def test_each_ratio_by_hand(ratios):
    (seen,) = ratios([statement(**AMOUNTS)]).values()
    assert set(RATIOS) == {column.name for column in STATEMENT_RATIOS}
    for name, value in RATIOS.items():
        assert seen[name] == (pytest.approx(value, rel=1e-12) if type(value) is float else value)


def test_every_amount_is_asked_for(ratios):
    """Without an amount, every ratio that uses it is null and no other changes."""
    uses = {
        "cash_lcy": {"cash_ratio"},
        "debt_lcy": {"debt_assets_ratio"},
        "rnd_expense_lcy": {"rnd_share"},
        "capital_stock_lcy": {"capital_impairment_ratio"},
        "total_liabilities_lcy": {"leverage_ratio", "current_liabilities_share"},
        "current_assets_lcy": {"current_ratio", "working_capital_ratio"},
        "net_income_lcy": {"return_on_assets_ratio", "net_margin_ratio", "losses_n"},
    }
    for amount, expected in uses.items():
        (seen,) = ratios([statement(**AMOUNTS | {amount: None})]).values()
        lost = {name for name, value in RATIOS.items() if value is not None and seen[name] is None}
        assert lost == expected


def test_assets_left_out_are_liabilities_plus_equity(ratios):
    sums = [statement(**AMOUNTS | {"total_assets_lcy": None}), statement(2018, **AMOUNTS)]
    seen = ratios(sums)["separate", date(2019, 12, 31)]
    assert (seen["total_assets_lcy"], seen["assets_lcy"]) == (None, 1000.0)
    assert (seen["leverage_ratio"], seen["assets_growth_ratio"]) == (0.8, 0.0)


@pytest.mark.parametrize("bad", [0.0, -10.0])
def test_a_denominator_must_be_positive(ratios, bad):
    (seen,) = ratios([statement(**AMOUNTS | {"revenue_lcy": bad})]).values()
    assert {seen[n] for n in ("operating_margin_ratio", "net_margin_ratio", "rnd_share")} == {None}
    assert seen["asset_turnover_ratio"] == bad / 1000.0


def test_growth_and_losses_from_the_year_before(ratios):
    before = {"revenue_lcy": 400.0, "total_assets_lcy": 1250.0, "net_income_lcy": -1.0}
    seen = ratios(
        [
            statement(2019, **AMOUNTS),
            statement(2018, **before, total_equity_lcy=-5.0),
            statement(2016, net_income_lcy=-9.0),
        ]
    )
    now = seen["separate", date(2019, 12, 31)]
    assert now["revenue_growth_ratio"] == pytest.approx(0.25)
    assert now["assets_growth_ratio"] == pytest.approx(-0.2)
    assert now["equity_growth_ratio"] is None  # growth on negative equity says nothing
    assert now["losses_n"] == 2
    last = seen["separate", date(2018, 12, 31)]
    assert (last["losses_n"], last["revenue_growth_ratio"]) == (1, None)


def test_losses_known_in_one_of_two_years(ratios):
    seen = ratios([statement(2019), statement(2018, net_income_lcy=3.0), statement(2015)])
    counted = {on.year: row["losses_n"] for (_, on), row in seen.items()}
    assert counted == {2019: 0, 2018: 0, 2015: None}


@pytest.mark.parametrize(
    "other",
    [
        {"basis": "consolidated"},
        {"currency": "USD"},
        {"months_n": 6},
        {"period_end_on": date(2018, 6, 30)},
        {"firm_id": "b"},
    ],
    ids=str,
)
def test_a_different_statement_is_not_the_year_before(ratios, other):
    seen = ratios([statement(**AMOUNTS), statement(2018, **AMOUNTS) | other])
    assert {seen["separate", date(2019, 12, 31)][name] for name in GROWTH} == {None}


def test_the_year_before_matches_by_month(ratios):
    february = statement(period_end_on=date(2020, 2, 29), months_n=None, revenue_lcy=3.0)
    earlier = statement(period_end_on=date(2019, 2, 28), revenue_lcy=2.0)
    seen = ratios([february, earlier])["separate", date(2020, 2, 29)]
    assert seen["revenue_growth_ratio"] == pytest.approx(0.5)


def test_an_ambiguous_year_before_multiplies_nothing(ratios):
    twins = [statement(2018, revenue_lcy=1.0, period_end_on=date(2018, 12, d)) for d in (30, 31)]
    seen = ratios([statement(revenue_lcy=2.0), *twins])
    assert seen["separate", date(2019, 12, 31)]["revenue_growth_ratio"] is None


def test_input_columns_stay_as_they_came(ratios):
    line = statement(**AMOUNTS)
    (seen,) = ratios([line]).values()
    assert seen.items() >= line.items()


def test_latest_statement_of_a_firm(latest):
    seen = latest(
        [
            statement(2018, **AMOUNTS),
            statement(2019, **AMOUNTS | {"revenue_lcy": 600.0}),
            statement(2019, basis="consolidated", revenue_lcy=9e9),
            statement(2019, revenue_lcy=9e9, period_end_on=date(2020, 3, 31), months_n=3),
            statement(2020, revenue_lcy=9e9),
        ]
    )["a"]
    assert seen["statement_on"] == date(2019, 12, 31)
    assert (seen["statement_basis"], seen["statement_currency"]) == ("separate", "KRW")
    assert seen["revenue_lcy"] == 600.0
    assert seen["revenue_growth_ratio"] == pytest.approx(0.2)
    assert seen["statement_age_days"] == (AS_OF - date(2019, 12, 31)).days == 182


def test_consolidated_accounts_win_only_when_far_newer(latest):
    consolidated = statement(2019, basis="consolidated")
    assert latest([consolidated, statement(2018)])["a"]["statement_basis"] == "separate"
    assert latest([consolidated, statement(2017)])["a"]["statement_basis"] == "consolidated"
    assert latest([consolidated])["a"]["statement_basis"] == "consolidated"


def test_a_firm_with_interim_accounts_only_has_no_row(latest):
    assert latest([statement(months_n=6)]) == {}
