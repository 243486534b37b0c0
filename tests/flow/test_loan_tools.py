"""Loan tools where rooms meet: both engines, policies asked, PDs that become hazards."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from techflow.basics import InvalidInput, MissingColumn, NotInForce
from techflow.flow.insuring import subsidise_premiums
from techflow.flow.loan_rows import Bound, Screen
from techflow.flow.loan_warrants import judge_usual_terms, price_warrants
from techflow.flow.protecting import firm_hazards, price_protection
from techflow.pricing.hazard import Curve
from techflow_service.policies import load_laws

LAWS, ON = load_laws(), date(2026, 1, 1)
SUBSIDY = "cn.tech_insurance_subsidy"
CONTRACT = {
    "firm_id": pl.String,
    "tech_insurance_product": pl.String,
    "tech_insurance_premium_cny": pl.Float64,
    "other_subsidies_cny": pl.Float64,
}


def test_subsidy_by_policy(make, rows):
    """Cases of the policy folder: 25 % to 200,000 a firm, all sources to 50 % of the premium."""
    table = [
        ("quarter", "pilot_test", 400_000.0, 0.0, 100_000.0, True),
        ("cap", "pilot_test", 2_000_000.0, 0.0, 200_000.0, True),
        ("half_exactly", "pilot_test", 400_000.0, 100_000.0, 100_000.0, True),
        ("a_fen_over", "pilot_test", 400_000.0, 100_000.01, 0.0, False),
        ("motor", "motor", 400_000.0, 0.0, 0.0, False),
        ("others_unknown", "pilot_test", 400_000.0, None, None, None),
        ("product_unknown", None, 400_000.0, 0.0, None, None),
        ("unpriced", "pilot_test", None, 0.0, None, None),
    ]
    frame = make([dict(zip(CONTRACT, row, strict=False)) for row in table], schema=CONTRACT)
    found = {row["firm_id"]: row for row in rows(subsidise_premiums(frame, LAWS, SUBSIDY, on=ON))}
    assert len(found) == len(table)
    for name, *_, cny, granted in table:
        assert found[name]["subsidy_cny"] == cny, name
        assert (
            found[name]["subsidy_granted"] is granted or found[name]["subsidy_granted"] == granted
        )


def test_subsidy_refuses_what_it_cannot_ask(make):
    row = dict(zip(CONTRACT, ("a", "pilot_test", 1e5, 0.0), strict=True))
    frame = make([row], schema=CONTRACT)
    with pytest.raises(InvalidInput, match=r"there is no policy cn\.tech_insurance"):
        subsidise_premiums(frame, LAWS, "cn.tech_insurance", on=ON)
    with pytest.raises(InvalidInput, match="pays no subsidy_cny"):
        subsidise_premiums(frame, LAWS, "cn.loan_warrant", on=ON)
    with pytest.raises(NotInForce):
        subsidise_premiums(frame, LAWS, SUBSIDY, on=date(2023, 12, 31))
    with pytest.raises(MissingColumn, match="other_subsidies_cny"):
        subsidise_premiums(frame.drop("other_subsidies_cny"), LAWS, SUBSIDY, on=ON)


def test_usual_terms_by_policy(make, rows):
    """Three to five years, 10 to 20 % of the loan, a way out that is named."""
    schema = {
        "firm_id": pl.String,
        "warrant_term_months": pl.Float64,
        "loan_cny": pl.Float64,
        "warrant_subscription_cny": pl.Float64,
        "warrant_equity_share": pl.Float64,
        "warrant_exit": pl.String,
    }
    table = [
        ("usual", 48.0, 1e7, 1.5e6, 0.015, "transfer"),
        ("short", 35.0, 1e7, 1.5e6, 0.015, "transfer"),
        ("much", 48.0, 1e7, 2.1e6, 0.03, "transfer"),
        ("unknown", 48.0, 1e7, 1.5e6, 0.015, None),
    ]
    frame = make([dict(zip(schema, row, strict=True)) for row in table], schema=schema)
    found = {row["firm_id"]: row for row in rows(judge_usual_terms(frame, LAWS, on=ON))}
    answers = {name: row["usual_terms"] for name, row in found.items()}
    assert answers == {"usual": True, "short": False, "much": False, "unknown": None}
    assert found["usual"]["equity_class"] == "typical" and found["much"]["equity_class"] == "above"


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0.0, 0.5), min_size=1, max_size=5), st.floats(0.5, 3.0))
def test_hazards_meet_the_pd(pds, ratio):
    pd = np.array(pds)
    plain = firm_hazards(pd, years=4.0).survive(np.ones(pd.size))
    assert 1.0 - plain == pytest.approx(pd, abs=1e-15)
    dearer = firm_hazards(pd, years=4.0, hazard_ratio=ratio).survive(np.full(pd.size, 2.0))
    assert dearer == pytest.approx((1.0 - pd) ** (2.0 * ratio), rel=1e-12)


def test_hazards_follow_the_matrix():
    """Hand: the second year's hazard of grade a is what grades a and b lose between them."""
    matrix = np.array([[0.9, 0.09, 0.01], [0.1, 0.8, 0.1], [0.0, 0.0, 1.0]])
    alive = firm_hazards(np.array([0.01]), years=1.2, matrix=matrix).survive(np.array([2.0]))
    assert 1.0 - alive[0] == pytest.approx(0.01 + 0.9 * 0.01 + 0.09 * 0.1, rel=1e-12)
    with pytest.raises(InvalidInput, match="hazard_ratio must be above 0"):
        firm_hazards(np.array([0.01]), years=1.0, hazard_ratio=0.0)


def test_first_fault_of_a_row_is_told():
    bounds = [Bound("a", "甲", "A", 0.0, 1.0), Bound("b", "乙", "B", 0.0, 1.0, default=0.5)]
    screen = Screen.of({"a": np.array([2.0, 0.5, np.nan]), "b": np.array([9.0, 9.0, 0.1])}, bounds)
    assert screen.told()["reason_code"] == ["a_unknown", "b_unknown", "a_unknown"]
    assert not screen.fine.any()
    unread = Screen.of({"a": np.array([0.5]), "b": np.array([-np.inf])}, bounds)
    assert unread.told()["reason_zh"] == ["乙未知或超出范围"]


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(6)))
def test_order_of_rows_means_nothing(order):
    columns = {
        "maturity_years": np.array([1.0, 2.5, np.nan, 4.0, 0.3, 3.0]),
        "lgd": np.array([0.6, 0.4, 0.5, 1.2, 0.0, 1.0]),
        "pd": np.array([0.01, 0.2, 0.1, 0.1, 0.1, 0.0]),
    }
    turned = {name: values[list(order)] for name, values in columns.items()}
    plain, mixed = (price_protection(each, curve=Curve.flat(0.02)) for each in (columns, turned))
    for name in ("fair_spread_pa", "upfront_share"):
        expected = plain[name][list(order)]
        assert mixed[name] == pytest.approx(expected, rel=1e-13, nan_ok=True)
    assert mixed["reason_code"] == [plain["reason_code"][i] for i in order]


@pytest.mark.parametrize("quoted", [False, True])
def test_pieces_change_nothing(monkeypatch, quoted):
    rng = np.random.default_rng(3)
    columns = {"maturity_years": rng.uniform(0.2, 9.0, 11), "lgd": rng.uniform(0.1, 1.0, 11)}
    if quoted:
        columns |= {"spread_1y_pa": np.full(11, 0.01), "spread_5y_pa": rng.uniform(0, 0.03, 11)}
    else:
        columns["pd"] = rng.uniform(0.0, 0.3, 11)
    whole = price_protection(columns, curve=Curve.flat(0.02))
    monkeypatch.setattr("techflow.flow.protecting.PIECE_N", 3)
    parts = price_protection(columns, curve=Curve.flat(0.02))
    assert parts["reason_code"] == whole["reason_code"]
    expected = pytest.approx(whole["fair_spread_pa"], rel=1e-12, nan_ok=True)
    assert parts["fair_spread_pa"] == expected and np.isfinite(parts["fair_spread_pa"]).any()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"exercise": "asian"}, "exercise must be one of european, american"),
        ({"required_rate_pa": 0.1}, "a forecast value needs growth_median"),
    ],
)
def test_warrants_refuse(options, words):
    with pytest.raises(InvalidInput, match=words):
        price_warrants({"pd": np.array([0.1])}, rate_pa=0.02, **options)
