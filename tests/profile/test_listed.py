"""Ratios of listed firm-years: a firm worked by hand, and blindness to the future."""

import math

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import composite

from techflow.basics import MissingColumn
from techflow.profile import AMOUNTS, application_facts, listed_ratios, ratio_gaps


def year(n, **amounts):
    row = {"file_row_n": n, "firm_id": "a", "year": 2000.0 + n} | dict.fromkeys(AMOUNTS, 10.0)
    return row | {f"{name}_lcy": value for name, value in amounts.items()}


def by_row(found):
    return sorted(found, key=lambda row: row["file_row_n"])


def test_a_firm_worked_by_hand(make, rows):
    first = year(0, assets=100.0, liabilities=60.0, net_income=-5.0, market_value=40.0)
    second = year(1, assets=50.0, liabilities=60.0, net_income=5.0, market_value=20.0, sales=0.0)
    one, two = by_row(rows(listed_ratios(make([first, second]))))
    assert one["leverage_ratio"] == 0.6 and two["leverage_ratio"] == 1.2
    assert one["leverage_change_ratio"] is None
    assert two["leverage_change_ratio"] == pytest.approx(0.6)
    assert two["assets_growth_log"] == pytest.approx(math.log(0.5))
    assert two["market_value_peak_log"] == pytest.approx(math.log(0.5))
    assert two["market_leverage_ratio"] == 0.75
    assert two["return_on_assets_mean3_ratio"] == pytest.approx((-0.05 + 0.1) / 2)
    assert two["losses_share"] == 0.5
    # Standard deviation of -0.05 and 0.1 with n - 1 below the line.
    assert two["return_volatility_ratio"] == pytest.approx(0.15 / math.sqrt(2.0))
    assert two["gross_margin_ratio"] is None and two["sales_log"] is None


def test_a_gap_of_more_than_two_years_has_no_year_before(make, rows):
    late = year(1, assets=50.0) | {"year": 2003.0}
    two = by_row(rows(listed_ratios(make([year(0), late]))))[1]
    assert two["assets_growth_log"] is None
    assert two["leverage_change_ratio"] is None


amounts = st.one_of(st.none(), st.floats(-1e6, 1e6), st.just(0.0))


@composite
def histories(draw):
    count = draw(st.integers(1, 6))
    years = draw(st.lists(st.integers(1999, 2006), min_size=count, max_size=count))
    return [
        {"file_row_n": n, "firm_id": draw(st.sampled_from("ab")), "year": float(at)}
        | {name: draw(amounts) for name in AMOUNTS}
        for n, at in enumerate(years)
    ]


def features(found):
    frame = pl.DataFrame(found, schema_overrides=dict.fromkeys(AMOUNTS, pl.Float64))
    return by_row(listed_ratios(nw.from_native(frame.lazy())).to_native().collect().to_dicts())


@given(histories())
def test_no_row_sees_a_later_year(history):
    last = max(row["year"] for row in history)
    known = [row for row in history if row["year"] < last]
    whole = {row["file_row_n"]: row for row in features(history)}
    assert len(whole) == len(history)
    if known:
        for row in features(known):
            assert row == pytest.approx(whole[row["file_row_n"]], nan_ok=True)


def test_missing_columns_are_named(make):
    with pytest.raises(MissingColumn, match="assets_lcy"):
        listed_ratios(make([{"firm_id": "a", "year": 2000.0, "file_row_n": 0}]))


def test_gaps_of_ratios(make, rows):
    needed = {f"a{i}": float(i) for i in range(1, 65)}
    (row,) = rows(ratio_gaps(make([needed])))
    assert row["inventory_cost_gap_days"] == 47.0 - 20.0
    assert row["tax_to_liabilities_ratio"] == 16.0 - 26.0


LOAN = {
    "amount_lcy": 60000.0,
    "guaranteed_lcy": 48000.0,
    "employees_n": 4.0,
    "jobs_created_n": 0.0,
    "jobs_retained_n": 0.0,
    "naics": "451120",
    "firm_state": "IN",
    "bank_state": "OH",
    "business_code": "2",
    "franchise_code": "1",
    "area_code": "0",
    "revolving_code": "N",
    "low_document_code": "Y",
}


def test_a_loan_worked_by_hand(make, rows):
    (row,) = rows(application_facts(make([LOAN])))
    assert row["guarantee_share"] == pytest.approx(0.8)
    assert row["employees_log"] == pytest.approx(math.log(5.0))
    assert row["industry"] == "451" and row["round_amount_share"] == 1.0
    assert row["new_business_share"] == 1.0 and row["franchise_share"] == 0.0
    assert row["same_state_share"] == 0.0 and row["low_document_share"] == 1.0
    assert row["urban_share"] is None and row["revolving_share"] == 0.0


def test_unknown_facts_stay_unknown(make, rows):
    texts = [name for name, value in LOAN.items() if isinstance(value, str)]
    bare = [LOAN | dict.fromkeys(texts) | {"employees_n": None, "amount_lcy": 0.0}, LOAN]
    row = next(r for r in rows(application_facts(make(bare))) if r["naics"] is None)
    for name in ("industry", "new_business_share", "franchise_share", "same_state_share"):
        assert row[name] is None
    assert row["employees_log"] is None and row["guarantee_share"] is None
