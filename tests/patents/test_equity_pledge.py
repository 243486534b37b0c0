"""Pledge of unlisted equity: by hand, against a plain simulation, and what must always hold."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from techflow.basics import InvalidInput
from techflow.patents.equity_pledge import EquityCase, EquityTerms, pledge_equity

TERMS = EquityTerms(0.9, 0.3, 1.0, 0.05, "finnerty", 0.02)
BASE = {
    "post_money_cny": 100.0,
    "ownership_share": 0.1,
    "dilution_share": 0.0,
    "preference_cny": 0.0,
    "preferred_share": 0.0,
    "years_since_round": 1.0,
    "years_to_sale": 2.0,
    "sigma": 0.6,
    "pd": 0.05,
    "correlation": 0.5,
}


def pledge(terms=TERMS, **changed):
    case = EquityCase(*(np.array([value]) for value in {**BASE, **changed}.values()))
    return [float(field[0]) for field in pledge_equity(case, terms)]


@pytest.mark.parametrize(
    "changed, value",
    [
        ({}, 10.0),
        ({"dilution_share": 0.2}, 8.0),
        ({"preference_cny": 20.0}, 8.0),
        # Holders of a quarter convert when it is worth more than 20: then all share alike.
        ({"preference_cny": 20.0, "preferred_share": 0.25}, 10.0),
        ({"post_money_cny": 60.0, "preference_cny": 20.0, "preferred_share": 0.25}, 16 / 3),
        ({"preference_cny": 100.0}, 0.0),
        ({"preference_cny": 200.0}, 0.0),
    ],
)
def test_preference_and_dilution_by_hand(changed, value):
    # Without spread there is no illiquidity either, and the haircut is the cost of sale.
    found = pledge(sigma=0.0, **changed)
    assert found[0] == pytest.approx(value)
    if value:
        assert found[2] == pytest.approx(0.3)
        assert found[3] == pytest.approx(0.7 / 1.05)
        assert found[4] == pytest.approx(value * 0.7 / 1.05)
    else:
        assert all(map(math.isnan, found[2:]))


@pytest.mark.parametrize("preference, converts", [(0.0, 0.0), (25.0, 0.0), (25.0, 0.4)])
def test_the_haircut_leaves_the_quantile_of_a_simulation(preference, converts):
    rng = np.random.default_rng(3)
    health = rng.standard_normal(4_000_000)
    move = 0.5 * health + math.sqrt(0.75) * rng.standard_normal(4_000_000)
    failed = move[health < norm.ppf(0.05)]
    whole = 100 * np.exp(0.6 * math.sqrt(3) * failed - 0.36 * 3 / 2)
    # Each holder of preferred shares takes the better of preference and conversion.
    taken = np.maximum(np.minimum(preference, whole), converts * whole)
    own = 0.1 / (1 - converts) * (whole - taken)
    found = pledge(preference_cny=preference, preferred_share=converts)
    value, illiquid, haircut = found[:3]
    low = np.quantile(own, 0.1) * (1 - illiquid) * 0.7
    assert value * (1 - haircut) == pytest.approx(low, rel=0.02, abs=1e-3)


def test_discount_is_the_chosen_one():
    # Published form of Finnerty (2012), v = sigma^2 T; Chaffe is the put of Black and Scholes.
    v = 0.36 * 2
    spread = math.sqrt(v + math.log(2 * (math.exp(v) - v - 1)) - 2 * math.log(math.exp(v) - 1))
    assert pledge()[1] == pytest.approx(norm.cdf(spread / 2) - norm.cdf(-spread / 2))
    d1 = (0.04 + v / 2) / math.sqrt(v)
    put = math.exp(-0.04) * norm.cdf(math.sqrt(v) - d1) - norm.cdf(-d1)
    assert pledge(replace(TERMS, discount="chaffe"))[1] == pytest.approx(put)


CASE = st.fixed_dictionaries(
    {
        "sigma": st.floats(0.1, 1.2),
        "pd": st.floats(0.002, 0.3),
        "years_since_round": st.floats(0.0, 3.0),
        "preference_cny": st.floats(0.0, 90.0),
        "preferred_share": st.floats(0.0, 0.6),
    }
)


@settings(deadline=None, max_examples=10)
@given(CASE, st.floats(-0.9, 0.85), st.floats(0.01, 0.1))
def test_loan_to_value_falls_as_correlation_rises(case, correlation, step):
    less = pledge(**case, correlation=correlation)
    more = pledge(**case, correlation=correlation + step)
    assert more[0] == less[0]
    # A haircut at its end stays there: a rise is not lent on, and nothing left is nothing left.
    assert more[3] < less[3] or less[2] == more[2] in (0.0, 1.0)
    assert 0 <= more[2] <= 1


@settings(deadline=None, max_examples=10)
@given(CASE, st.floats(0.1, 2.0))
def test_an_older_round_and_a_larger_preference_lend_less(case, step):
    base = pledge(**case)
    older = pledge(**{**case, "years_since_round": case["years_since_round"] + step})
    assert older[4] <= base[4] + 1e-12
    behind = pledge(**{**case, "preference_cny": case["preference_cny"] + step})
    assert behind[0] <= base[0] and behind[4] <= base[4] + 1e-12


def test_the_cap_binds():
    assert pledge(replace(TERMS, cap_share=0.25), sigma=0.01)[3] == 0.25


@pytest.mark.parametrize(
    "wrong",
    [
        {"pd": 0.0},
        {"pd": math.nan},
        {"correlation": 1.0},
        {"ownership_share": 1.1},
        {"dilution_share": 1.0},
        {"preferred_share": -0.1},
        {"sigma": math.inf},
        {"post_money_cny": -1.0},
    ],
)
def test_a_number_outside_its_range_gives_nothing(wrong):
    assert all(map(math.isnan, pledge(**wrong)))


@pytest.mark.parametrize(
    "wrong", [{"discount": "black"}, {"confidence": 1.0}, {"cap_share": 2.0}, {"rate_pa": -1.0}]
)
def test_wrong_terms_are_named(wrong):
    with pytest.raises(InvalidInput, match=next(iter(wrong))):
        pledge(replace(TERMS, **wrong))
