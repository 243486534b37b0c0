"""Many pledges at once: equal to the exact haircut of each, and what must always hold."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from techflow.patents.haircuts import Z_90, pledge_values
from techflow.patents.pledge import haircut_share

TERMS = {"correlation": 0.3, "confidence": 0.9, "sale_cost_share": 0.3, "rate_pa": 0.05}


def pledge(sigma, pd, cap=0.5, **changes):
    sigma, pd = np.atleast_1d(sigma), np.atleast_1d(pd)
    wide = np.exp(sigma * Z_90)
    values = (100 / wide, np.full(len(sigma), 100.0), 100 * wide)
    return pledge_values(values, pd, np.full(len(sigma), cap), **(TERMS | changes))


@pytest.mark.parametrize("n", [5, 400])
def test_equals_the_exact_haircut_one_by_one(n):
    """Oracle: `haircut_share`, which integrates and bisects for each; few and many PDs."""
    rng = np.random.default_rng(n)
    sigma, pd = rng.uniform(0, 1.5, n), np.exp(rng.uniform(math.log(1e-5), math.log(0.9), n))
    found = pledge(sigma, pd)
    some = range(0, n, max(1, n // 20))
    exact = [
        haircut_share(float(sigma[i]), float(pd[i]), 0.3, confidence=0.9, sale_cost_share=0.3)
        for i in some
    ]
    assert found.haircut_share[list(some)] == pytest.approx(exact, abs=1e-7)
    expected = np.minimum((1 - found.haircut_share) / 1.05, 0.5)
    assert found.loan_to_value_share == pytest.approx(expected, rel=1e-12)
    assert found.pledge_value_cny == pytest.approx(expected * 100, rel=1e-12)


@settings(max_examples=20, deadline=None)
@given(st.floats(0.05, 1.5), st.floats(0.001, 0.5), st.floats(-0.8, 0.75))
def test_less_is_lent_where_value_and_default_move_together(sigma, pd, correlation):
    free = {"cap": 1.0, "sale_cost_share": 0.0, "rate_pa": 0.0}
    one = pledge(sigma, pd, correlation=correlation, **free)
    more = pledge(sigma, pd, correlation=correlation + 0.2, **free)
    assert more.loan_to_value_share[0] <= one.loan_to_value_share[0] + 1e-12
    assert 0 <= one.haircut_share[0] <= 1


def test_what_is_missing_or_worth_nothing_has_no_haircut():
    nan = math.nan
    values = tuple(np.array([nan, 0.0, 50.0, 50.0]) * k for k in (1, 2, 4))
    found = pledge_values(values, np.array([0.02, 0.02, nan, 0.02]), np.full(4, 0.25), **TERMS)
    assert np.isnan(found.haircut_share).tolist() == [True, True, True, False]
    assert np.isnan(found.pledge_value_cny).tolist() == [True, True, True, False]
