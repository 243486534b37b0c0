"""Growth of sales: a firm worked by hand on every engine, and blindness to what comes after."""

import math

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from techflow.basics import InvalidInput, MissingColumn
from techflow.profile import account_growth_facts, growth_ahead, panel_growth_facts
from techflow.profile.growth import ACCOUNTS, PANEL

KEY = {"firm_id": "a", "basis": "annual", "currency": "USD"}


def year(n, columns=PANEL, **values):
    return KEY | {"file_row_n": n, "year": 2000.0 + n} | dict.fromkeys(columns, 10.0) | values


def by_row(found):
    return sorted(found, key=lambda row: row["file_row_n"])


def test_a_panel_worked_by_hand(make, rows):
    years = [
        year(0, sales_lcy=8.0),
        year(1, sales_lcy=10.0, employees_n=5.0),
        year(2, sales_lcy=20.0, capital_lcy=5.0, rnd_stock_lcy=0.0),
    ]
    first, second, third = by_row(rows(panel_growth_facts(make(years))))
    assert first["sales_growth_log"] is None and second["sales_growth_before_log"] is None
    assert third["sales_growth_log"] == pytest.approx(math.log(2.0))
    assert third["sales_growth_before_log"] == pytest.approx(math.log(1.25))
    assert third["employees_growth_log"] == pytest.approx(math.log(2.0))
    assert third["capital_growth_log"] == pytest.approx(-math.log(2.0))
    assert third["capital_to_sales_ratio"] == 0.25 and third["market_to_sales_ratio"] == 0.5
    # A stock of 0 is none or not reported: unknown.
    assert third["rnd_stock_to_sales_ratio"] is None and third["rnd_stock_growth_log"] is None
    assert second["sales_per_head_log"] == pytest.approx(math.log(2.0))


def test_accounts_worked_by_hand(make, rows):
    years = [
        year(0, ACCOUNTS, sales_lcy=20.0, operating_income_lcy=1.0),
        year(1, ACCOUNTS, sales_lcy=10.0, operating_income_lcy=-2.0, assets_lcy=40.0),
        year(2, ACCOUNTS, sales_lcy=0.0),
    ]
    _, second, third = by_row(rows(account_growth_facts(make(years))))
    assert second["sales_growth_log"] == pytest.approx(-math.log(2.0))
    assert second["operating_margin_change_ratio"] == pytest.approx(-0.25)
    assert second["asset_turnover_ratio"] == 0.25 and second["leverage_ratio"] == 0.25
    assert third["sales_log"] is None and third["net_margin_ratio"] is None


def test_only_the_same_firm_basis_currency_and_exact_year_count(make, rows):
    others = [{"firm_id": "b"}, {"basis": "separate"}, {"currency": "EUR"}, {"year": 1999.0}]
    for other in others:
        found = by_row(
            rows(account_growth_facts(make([year(0, ACCOUNTS) | other, year(1, ACCOUNTS)])))
        )
        assert found[1]["sales_growth_log"] is None, other


def test_years_told_twice_count_only_if_they_agree(make, rows):
    same = [year(0), year(0, file_row_n=5), year(1)]
    assert by_row(rows(panel_growth_facts(make(same))))[1]["sales_growth_log"] == 0.0
    found = rows(panel_growth_facts(make([year(0), year(0, file_row_n=5, sales_lcy=9.0), year(1)])))
    assert len(found) == 3 and by_row(found)[1]["sales_growth_log"] is None


@pytest.mark.parametrize(("horizon", "expected"), [(1, [0.5, 2.0, None]), (2, [1.0, None, None])])
def test_growth_ahead(make, rows, horizon, expected):
    years = [year(0, sales_lcy=8.0), year(1, sales_lcy=4.0), year(2, sales_lcy=8.0)]
    found = by_row(rows(growth_ahead(make(years), horizon_years=horizon)))
    assert [row["growth_ahead_log"] for row in found] == [
        None if x is None else pytest.approx(math.log(x)) for x in expected
    ]


sales = st.one_of(st.none(), st.floats(-5.0, 1e6), st.just(0.0))


@settings(deadline=None, max_examples=15)
@given(st.lists(st.tuples(st.integers(0, 6), sales), min_size=1, max_size=8), st.integers(0, 6))
def test_later_years_change_nothing(told, cut):
    years = [
        year(n, file_row_n=i, sales_lcy=x) | {"year": 2000.0 + n} for i, (n, x) in enumerate(told)
    ]
    early = [row for row in years if row["year"] <= 2000.0 + cut]
    schema = (
        dict.fromkeys(KEY, pl.String)
        | {"file_row_n": pl.Int64, "year": pl.Float64}
        | dict.fromkeys(PANEL, pl.Float64)
    )

    def facts(those):
        frame = pl.LazyFrame(those, schema=schema)
        return panel_growth_facts(nw.from_native(frame)).to_native().collect().sort("file_row_n")

    assert facts(early).equals(facts(years).filter(pl.col("year") <= 2000.0 + cut))


def test_wrong_input_is_named(make):
    with pytest.raises(MissingColumn, match="tobin_q_ratio"):
        panel_growth_facts(make([KEY | {"year": 1.0, "sales_lcy": 1.0}]))
    with pytest.raises(InvalidInput, match="1 or more; got 0"):
        growth_ahead(make([year(0)]), horizon_years=0)
