"""Break-even rate: worked by hand, and the lender's balance it must satisfy."""

from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from narwhals.stable import v2 as nw

from techflow.pricing import break_even

TERMS = {
    "lgd": 0.4,
    "funding_rate_pa": 0.02,
    "cost_rate_pa": 0.01,
    "hurdle_rate_pa": 0.12,
    "capital_ratio": 0.1,
    "small_weight_ratio": 0.75,
    "sme_weight_ratio": 0.85,
    "corporate_weight_ratio": 1.0,
    "small_exposure_cny_max": 1e7,
    "small_sales_cny_max": 2e7,
    "sme_sales_cny_max": 3e8,
}
SCHEMA = {"pd": pl.Float64, "limit_lcy": pl.Float64, "sales_lcy": pl.Float64, "currency": pl.String}
FIRM = {"pd": 0.02, "limit_lcy": 1e6, "sales_lcy": 1e8, "currency": "CNY"}
PARTS = ("el_rate_pa", "funding_rate_pa", "cost_rate_pa", "capital_rate_pa")


def priced(frame, **changed):
    return break_even(frame, terms=TERMS | changed)


@pytest.mark.parametrize(
    ("changed", "weight"),
    [
        ({}, 0.85),
        ({"sales_lcy": 2e7}, 0.75),
        ({"sales_lcy": 2e7, "limit_lcy": 1.1e7}, 0.85),
        ({"sales_lcy": 3.1e8}, 1.0),
        ({"sales_lcy": None}, 1.0),
        ({"currency": "KRW"}, 1.0),
        ({"currency": None}, 1.0),
        ({"pd": None}, None),
    ],
)
def test_risk_weight(make, rows, changed, weight):
    frame = make([FIRM | changed], schema=SCHEMA)
    assert rows(priced(frame))[0]["risk_weight_ratio"] == weight


def test_by_hand(make, rows):
    """Capital 0.85 x 0.1 x (0.12 - 0.02) = 0.0085; rate (0.008 + 0.0385) / 0.98."""
    row = rows(priced(make([FIRM], schema=SCHEMA)))[0]
    exact = (Fraction(8, 1000) + Fraction(385, 10000)) / Fraction(98, 100)
    assert row["rate_pa"] == pytest.approx(float(exact), abs=1e-15)
    assert row["capital_rate_pa"] == pytest.approx(0.0085, abs=1e-15)
    assert row["el_rate_pa"] == pytest.approx(float(exact) - 0.0385, abs=1e-15)
    assert (row["funding_rate_pa"], row["cost_rate_pa"]) == (0.02, 0.01)


@pytest.mark.parametrize("pd", [None, 0.0, 1.0, -0.1])
def test_without_a_usable_pd_there_is_no_price(make, rows, pd):
    row = rows(priced(make([FIRM | {"pd": pd}], schema=SCHEMA)))[0]
    assert all(row[name] is None for name in (*PARTS, "rate_pa"))


pds = st.floats(0.0003, 0.9)
shares = st.floats(0.0, 1.0)


@settings(max_examples=16, deadline=None)
@given(pds, pds, shares, shares)
def test_the_lender_breaks_even_parts_add_up_and_risk_costs(pd_a, pd_b, lgd_a, lgd_b):
    pd_low, pd_high = sorted((pd_a, pd_b))
    lgd_low, lgd_high = sorted((lgd_a, lgd_b))
    frame = nw.from_native(pl.DataFrame([FIRM | {"pd": pd} for pd in (pd_low, pd_high)]).lazy())
    low, high = priced(frame, lgd=lgd_low).collect().rows(named=True)
    costly = priced(frame, lgd=lgd_high).collect().rows(named=True)[0]
    assert low["rate_pa"] <= high["rate_pa"]
    assert low["rate_pa"] <= costly["rate_pa"]
    for row in (low, high):
        assert abs(sum(row[name] for name in PARTS) - row["rate_pa"]) < 1e-12
        pd, income = row["pd"], (1 - row["pd"]) * (1 + row["rate_pa"]) + row["pd"] * (1 - lgd_low)
        outlay = 1 + row["funding_rate_pa"] + row["cost_rate_pa"] + row["capital_rate_pa"]
        assert income == pytest.approx(outlay, abs=1e-12), pd
