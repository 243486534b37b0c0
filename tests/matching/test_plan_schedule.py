"""The all-in rate against a root found by SciPy on the payments themselves; service by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from techflow.basics import InvalidInput
from techflow.matching.plan_schedule import (
    all_in_rate,
    first_year_service,
    outstanding_shares,
    repaid_shares,
)

RATES, FEES = st.floats(0.0, 0.5), st.floats(0.0, 0.1)


def payments(rate, term, at_end):
    """What a loan of 1 pays each month, one after the other."""
    owed, paid = 1.0, []
    for month in range(1, term + 1):
        back = (owed if month == term else 0.0) if at_end else 1.0 / term
        paid.append(owed * rate / 12 + back)
        owed -= back
    return paid


@settings(deadline=None, max_examples=16)
@given(RATES, FEES, st.integers(1, 120), st.booleans())
def test_all_in_rate_is_the_root(rate, fee, term, at_end):
    paid = payments(rate, term, at_end)

    def lacks(found):
        return sum(each / (1 + found / 12) ** (k + 1) for k, each in enumerate(paid)) - (1 - fee)

    wanted = brentq(lacks, -0.01, 50.0, xtol=1e-13) if fee else rate
    repaid = repaid_shares(term, at_end=at_end)[None, :]
    assert all_in_rate(np.array([rate]), np.array([fee]), repaid)[0] == pytest.approx(
        wanted, abs=1e-9
    )


@settings(deadline=None, max_examples=25)
@given(RATES, st.integers(1, 120), st.booleans())
def test_what_is_owed_and_paid_adds_up(rate, term, at_end):
    repaid = repaid_shares(term, at_end=at_end)
    interest = outstanding_shares(repaid) * rate / 12
    assert (interest + repaid).tolist() == pytest.approx(payments(rate, term, at_end))
    assert repaid.sum() == pytest.approx(1.0)


def test_service_of_the_first_year_by_hand():
    """24 equal parts at 12 %: 12/24 back, and 1 % a month on 24/24, 23/24, ... 13/24."""
    rate, parts = np.array([0.12]), repaid_shares(24, at_end=False)[None, :]
    wanted = 0.5 + 0.01 * sum(range(13, 25)) / 24
    assert first_year_service(rate, parts, np.zeros(1))[0] == pytest.approx(wanted)
    whole = repaid_shares(6, at_end=True)[None, :]
    assert first_year_service(rate, whole, np.ones(1))[0] == pytest.approx(0.06)


def test_wrong_input():
    with pytest.raises(InvalidInput, match="term_months must be at least 1; got 0"):
        repaid_shares(0, at_end=True)
    with pytest.raises(InvalidInput, match="fee_share must be in"):
        all_in_rate(np.array([0.05]), np.array([1.0]), np.ones((1, 1)))
