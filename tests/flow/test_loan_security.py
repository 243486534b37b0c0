"""Collateral in a price: by hand, never below the floor, never dearer with more of it."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from techflow.flow.loan_security import REASONS, product_lgd
from techflow.pricing.irb import irb_capital
from techflow.pricing.security import SECURED
from techflow_service.price_columns import Way
from techflow_service.pricing import load_shelf, numbers_on, price_rows

DAY = date(2026, 6, 30)
SHELF = load_shelf()
LOAN = {"firm_id": "A", "pd": 0.05, "amount_cny": 3e6, "sales_cny": 1.8e7}
VALUE = {"patent": "pledge_value_cny", "equity": "security_value_cny"}
VALUE["receivable"] = VALUE["equity"]
FLOOR = {"patent": 0.25, "equity": 0.25, "receivable": 0.10}


def price(*changes, **way):
    rows = pl.DataFrame([LOAN | change for change in changes], infer_schema_length=None)
    return price_rows(rows, Way(on=DAY, **way), SHELF).rows.to_dicts()


@pytest.mark.parametrize(
    ("kind", "value", "advance", "lgd"),
    [
        ("patent", 2e6, None, 0.4 - 2 / 3 * 0.1),
        ("patent", 2e6, 0.1, 0.4 - 2 / 3 * 0.1),  # haircut and cap are in the pledge value
        ("equity", 5e6, None, 0.4 - 0.5 * 0.05),
        ("equity", 5e6, 0.6, 0.4 - 0.05),
        ("receivable", 2.5e6, None, 0.4 - 0.5 * 0.2),
        ("receivable", 2.5e6, 0.9, 0.4 - 0.75 * 0.2),
        ("receivable", 0.0, None, 0.4),
    ],
)
def test_the_rate_falls_by_what_the_part_covered_loses_less(kind, value, advance, lgd):
    """CRE32.11 with the haircuts and LGDs of `loan_price.toml`, by hand; PD 5 %, no tax."""
    secured, plain = price({"security": kind, VALUE[kind]: value, "advance_share": advance}, {})
    assert secured["secured_lgd"] == pytest.approx(lgd, abs=1e-12)
    off = (0.4 - lgd) * 0.05 / 0.95
    assert plain["rate_pa"] - secured["rate_pa"] == pytest.approx(off, abs=1e-12)
    assert secured["risk_weight_ratio"] == plain["risk_weight_ratio"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"security": "gold", "security_value_cny": 1e7}, "security_unknown"),
        ({"security": "patent", "security_value_cny": 1e7}, "security_value_missing"),
        ({"security": "equity", "pledge_value_cny": 1e7}, "security_value_missing"),
        ({"security": "equity", "security_value_cny": -1.0}, "security_value_negative"),
        (
            {"security": "receivable", "security_value_cny": 1e7, "advance_share": 1.2},
            "advance_out_of_range",
        ),
        ({"security": " ", "security_value_cny": 1e7}, None),
        ({"security": None}, None),
    ],
)
def test_collateral_that_is_not_known_leaves_the_loan_unsecured_and_says_so(change, reason):
    found, plain = price(change, {"security": "none"})
    assert found["security_reason_code"] == reason
    assert found["covered_share"] is None
    for name in ("rate_pa", "secured_lgd", "risk_weight_ratio"):
        assert found[name] == plain[name]
    assert reason is None or reason in REASONS


@settings(max_examples=6, deadline=None)
@given(
    st.sampled_from(SECURED),
    st.lists(st.floats(0, 3e7), min_size=8, max_size=20).map(sorted),
    st.floats(0.0, 1.0),
    st.floats(0.0, 1.0),
    st.booleans(),
)
def test_more_collateral_never_raises_the_rate_nor_goes_below_the_floor(
    kind, values, lgd, advance, irb
):
    loans = [
        {"security": kind, VALUE[kind]: value, "lgd": lgd, "advance_share": advance}
        for value in values
    ]
    rows = price(*loans, tools=("guarantee", "crmw", "insurance"), irb=irb, effects=False)
    for name in ("rate_pa", "all_in_rate_pa", "secured_lgd", "risk_weight_ratio"):
        assert (np.diff([row[name] for row in rows]) <= 1e-12).all(), name
    floor = min(lgd, FLOOR[kind])
    assert min(row["secured_lgd"] for row in rows) >= floor - 1e-12


def test_internal_ratings_recognise_receivables_at_the_haircut_of_the_rule():
    """60 % of 2.5 million covers half: LGD 40 % and 20 % give 30 %, whatever is advanced."""
    change = {"security": "receivable", "security_value_cny": 2.5e6, "advance_share": 0.9}
    patent = {"security": "patent", "pledge_value_cny": 3e6}
    secured, other, plain = price(change, patent, {"security": ""}, irb=True)
    k = irb_capital(np.array([0.05]), np.array([0.3]), maturity_years=1.0, relief=0.04)
    assert secured["risk_weight_ratio"] == pytest.approx(12.5 * k[0], rel=1e-12)
    assert other["risk_weight_ratio"] == plain["risk_weight_ratio"]


def test_a_product_is_judged_where_it_is_lent_in_full():
    """80 % lent on receivables after a haircut of 40 %: three quarters are covered."""
    numbers = numbers_on(Way(on=DAY), SHELF, secured=True)
    assert product_lgd("receivable", lent_share=0.8, numbers=numbers)[1] == pytest.approx(0.25)
    assert product_lgd("patent", lent_share=1.0, numbers=numbers)[1] == pytest.approx(0.3)
    assert product_lgd("equity", lent_share=0.3, numbers=numbers)[1] == pytest.approx(0.35)
    assert product_lgd("guarantee", lent_share=1.0, numbers=numbers) == (0.4, 0.4)


def test_numbers_of_collateral_are_told_only_where_there_is_some():
    assert not [name for name in numbers_on(Way(on=DAY), SHELF) if name.startswith(SECURED)]
    assert "irb_receivable_lgd" in numbers_on(Way(on=DAY, irb=True), SHELF, secured=True)
