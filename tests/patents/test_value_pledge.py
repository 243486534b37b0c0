"""Pledge: closed forms, the bivariate normal of SciPy, and a plain simulation."""

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, norm

from techflow.basics import InvalidInput
from techflow.patents.pledge import (
    chaffe_discount,
    default_quantile,
    finnerty_discount,
    haircut_share,
    loan_to_value_share,
    mean_given_default,
)

PD = st.floats(0.001, 0.3)
RHO = st.floats(-0.9, 0.9)


@given(st.floats(0.01, 0.99), PD, RHO)
def test_quantile_inverts_the_bivariate_normal(share, pd, rho):
    x = default_quantile(share, pd, rho)
    joint = multivariate_normal([0, 0], [[1, rho], [rho, 1]]).cdf([x, norm.ppf(pd)])
    assert joint / pd == pytest.approx(share, abs=2e-3)


def test_quantile_and_mean_equal_a_simulation():
    rng = np.random.default_rng(5)
    health = rng.standard_normal(4_000_000)
    value = 0.4 * health + math.sqrt(1 - 0.16) * rng.standard_normal(4_000_000)
    failed = value[health < norm.ppf(0.05)]
    assert default_quantile(0.05, 0.05, 0.4) == pytest.approx(np.quantile(failed, 0.05), abs=0.02)
    share = np.exp(0.6 * failed - 0.18).mean()
    assert mean_given_default(0.6, 0.05, 0.4) == pytest.approx(share, rel=0.01)


def test_without_correlation_default_tells_nothing():
    assert default_quantile(0.05, 0.03, 0.0) == pytest.approx(norm.ppf(0.05), abs=1e-9)


@given(st.floats(0.05, 1.5), PD, st.floats(-0.9, 0.8), st.floats(0.01, 0.1))
def test_loan_to_value_falls_as_correlation_rises(sigma, pd, rho, step):
    low, high = (
        haircut_share(sigma, pd, r, confidence=0.95, sale_cost_share=0.3) for r in (rho, rho + step)
    )
    # At a haircut of 0 a rise is not lent on, so there it may stay.
    assert high > low or low == high == 0
    uncapped = loan_to_value_share(
        np.array([low, high]), product_cap_share=np.ones(2), rate_pa=0.05
    )
    assert uncapped[1] <= uncapped[0]


def test_cap_of_the_product_binds():
    found = loan_to_value_share(
        np.array([0.2, 0.2, 0.95]), product_cap_share=np.array([0.25, 0.15, 0.5]), rate_pa=0.0
    )
    assert found == pytest.approx([0.25, 0.15, 0.05])


def test_haircut_without_uncertainty_is_the_cost_of_sale():
    assert haircut_share(0, 0.02, 0.5, confidence=0.95, sale_cost_share=0.25) == pytest.approx(0.25)


def test_finnerty_tends_to_its_published_ceiling_and_starts_at_nothing():
    assert finnerty_discount(20, 10) == pytest.approx(2 * norm.cdf(math.sqrt(math.log(2)) / 2) - 1)
    # Small v: the log ratio is v / 3 to first order.
    assert finnerty_discount(0.1, 1) == pytest.approx(
        2 * norm.cdf(0.1 / math.sqrt(12)) - 1, rel=0.01
    )


@pytest.mark.parametrize("v", ["1e-18", "1e-9", "1e-4", "0.3", "0.999", "1.001", "9"])
def test_finnerty_keeps_its_digits_where_the_formula_cancels(v):
    with localcontext() as context:
        context.prec = 80
        exact = Decimal(v)
        inside = exact + (2 * (exact.exp() - exact - 1)).ln() - 2 * (exact.exp() - 1).ln()
        spread = float(inside.sqrt())
    found = finnerty_discount(math.sqrt(float(v)), 1.0)
    assert found == pytest.approx(math.erf(spread / 2 / math.sqrt(2)), rel=1e-6, abs=1e-16)


def test_chaffe_equals_the_discounted_payoff_of_a_put():
    draws = np.random.default_rng(2).standard_normal(2_000_000)
    price = np.exp((0.03 - 0.5**2 / 2) * 2 + 0.5 * math.sqrt(2) * draws)
    exact = math.exp(-0.06) * np.maximum(1 - price, 0).mean()
    assert chaffe_discount(0.5, 2, 0.03) == pytest.approx(exact, rel=5e-3)


@pytest.mark.parametrize("pd", [0.0, 1.0, math.nan])
def test_impossible_default_probability_is_named(pd):
    with pytest.raises(InvalidInput, match="pd"):
        default_quantile(0.05, pd, 0.2)
