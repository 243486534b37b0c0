"""Premiums: SciPy's integrals and laws, Panjer's recursion, Loss Models, and what must hold."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad

from techflow.basics import InvalidInput
from techflow.pricing.premium import Loadings, payments_quantile, price_premium
from techflow.pricing.severity import Cover, Severity

means, cvs = st.floats(1e4, 1e7), st.floats(0.2, 5.0)
ratios, laws = st.floats(0.0, 5.0), st.sampled_from(["lognormal", "gamma"])
PLAIN = Loadings()


def one(value):
    return np.array([float(value)])


def severity(law="lognormal", mean=1e6, cv=1.5):
    return Severity(law, one(mean), one(cv))


def cover(deductible=1e5, limit=2e6, share=0.9):
    return Cover(one(deductible), one(limit), one(share))


def scipy_law(law, mean, cv):
    if law == "gamma":
        return stats.gamma(cv**-2.0, scale=mean * cv**2)
    variance = np.log1p(cv**2)
    return stats.lognorm(np.sqrt(variance), scale=mean * np.exp(-variance / 2))


@settings(max_examples=12, deadline=None)
@given(laws, means, cvs, ratios, st.floats(0.01, 10.0), st.floats(0.1, 1.0))
def test_moments_by_integration(law, mean, cv, low, width, share):
    """E[Y^k] is the integral of k y^(k-1) S(d + y) up to the limit, by SciPy's quadrature."""
    deductible, limit = low * mean, width * mean
    found = cover(deductible, limit, share).moments(severity(law, mean, cv))
    alive = scipy_law(law, mean, cv).sf
    edges = np.unique(np.concatenate([[0.0], np.geomspace(1e-6, 1.0, 14)])) * limit
    for k in (1, 2):
        exact = sum(
            quad(lambda y, k=k: k * y ** (k - 1) * alive(deductible + y), a, b, epsrel=1e-11)[0]
            for a, b in pairwise(edges)
        )
        assert found[k - 1][0] == pytest.approx(
            share**k * exact, rel=1e-7, abs=1e-12 * mean**k * (1 + cv**2) * (1 + low)
        )


def test_loss_models_lognormal_deductible():
    """Klugman, Panjer and Willmot, Loss Models, chapter 8, exercise with mu 7 and sigma 2.

    Deductible 2,000: the loss elimination ratio is 0.139; ten losses, 20 % inflation and an
    unchanged deductible make 4.16 payments.
    """
    mean, cv = np.exp(9.0), np.sqrt(np.expm1(4.0))
    plain = cover(2000.0, np.inf, 1.0)
    assert plain.loss_elimination(severity("lognormal", mean, cv))[0] == pytest.approx(
        0.139, abs=5e-4
    )
    dear = severity("lognormal", 1.2 * mean, cv)
    steps = [dear.limited_moment(one(2000.0 + h), 1)[0] for h in (-0.5, 0.5)]
    assert 10 * (steps[1] - steps[0]) == pytest.approx(4.16, abs=0.015)


def test_exponential_loss_elimination():
    """Gamma with CV 1 is exponential: the ratio is 1 - e^(-d / mean)."""
    found = cover(5e5, np.inf, 1.0).loss_elimination(severity("gamma", 1e6, 1.0))
    assert found[0] == pytest.approx(-np.expm1(-0.5), rel=1e-13)


def test_parts_by_hand():
    """Deterministic enough to do by hand: whole losses, no limit, CV 2, four claims a year."""
    whole = cover(0.0, np.inf, 1.0)
    loadings = Loadings(risk_ratio=0.1, expense_share=0.2, profit_share=0.05, expense_cny=1000.0)
    found = price_premium(one(4), severity(cv=2.0), whole, loadings)
    risk = 0.1 * np.sqrt(4 * 1e12 * (1 + 4))
    gross = (4e6 + risk + 1000) / 0.75
    assert found.pure_cny[0] == pytest.approx(4e6)
    assert found.risk_cny[0] == pytest.approx(risk)
    assert found.premium_cny[0] == pytest.approx(gross)
    assert found.expense_cny[0] == pytest.approx(1000 + 0.2 * gross)
    assert found.profit_cny[0] == pytest.approx(0.05 * gross)


@settings(max_examples=13, deadline=None)
@given(laws, means, cvs, ratios, st.floats(0.01, 5.0), st.floats(0.0, 3.0), st.floats(0.0, 1.0))
def test_parts_add_up_and_premium_rises_with_limit(law, mean, cv, low, width, claims, risk):
    loadings = Loadings(risk_ratio=risk, expense_share=0.25, profit_share=0.05, expense_cny=500.0)

    def priced(deductible, limit, often=claims):
        loss = severity(law, mean, cv)
        return price_premium(one(often), loss, cover(deductible, limit), loadings)

    found = priced(low * mean, width * mean)
    parts = (found.pure_cny, found.risk_cny, found.expense_cny, found.profit_cny)
    assert sum(part[0] for part in parts) == pytest.approx(found.premium_cny[0], rel=1e-12)
    assert all(part[0] >= 0 for part in parts)
    # The square of a payment is a difference: its root may be off by 1e-8 of the largest.
    slack = 1e-6 * mean * (1 + low) * (1 + cv)
    wider = priced(low * mean, 2 * width * mean).premium_cny[0]
    assert wider >= found.premium_cny[0] - slack
    assert priced(2 * low * mean, width * mean).premium_cny[0] <= found.premium_cny[0] + slack
    assert priced(low * mean, width * mean, claims + 1).premium_cny[0] >= found.premium_cny[0]
    assert found.pure_cny[0] <= claims * 0.9 * min(mean, width * mean) + slack


def test_premium_rises_strictly_where_the_limit_binds():
    limits = np.geomspace(1e5, 1e8, 12)
    loss = Severity("lognormal", np.full(12, 1e6), np.full(12, 1.5))
    covers = Cover(np.full(12, 1e5), limits, np.ones(12))
    assert (np.diff(price_premium(np.full(12, 0.2), loss, covers, PLAIN).premium_cny) > 0).all()


def panjer(claims, masses, points_n):
    """Panjer (1981), ASTIN Bulletin 12: recursion for compound Poisson, plain Python."""
    total = [np.exp(claims * (masses[0] - 1.0))]
    for s in range(1, points_n):
        width = min(s, len(masses) - 1)
        total.append(claims / s * sum(j * masses[j] * total[s - j] for j in range(1, width + 1)))
    return np.cumsum(total)


@pytest.mark.parametrize(("claims", "share"), [(0.05, 0.99), (0.5, 0.995), (4.0, 0.9)])
def test_quantile_is_panjers(claims, share):
    """Rounded losses of SciPy's law through the recursion; both grids are fine, not the same."""
    found = payments_quantile(one(claims), severity(), cover(), share=share)[0]
    law, step, points_n = scipy_law("lognormal", 1e6, 1.5), 4e4, 600
    edges = (np.arange(46) + 0.5) * step
    cdf = np.where(edges >= 1.8e6, 1.0, law.cdf(1e5 + edges / 0.9))
    sums = panjer(claims, np.diff(cdf, prepend=0.0), points_n)
    exact = step * int(np.searchsorted(sums, share))
    assert found == pytest.approx(exact, abs=1.5 * step)


@pytest.mark.parametrize(("claims", "share"), [(0.3, 0.99), (2.0, 0.995), (30.0, 0.999)])
def test_quantile_of_exponential_sums(claims, share):
    """n exponential losses are gamma: the law of the sum is a Poisson mixture, by SciPy."""
    found = payments_quantile(
        one(claims), severity("gamma", 1.0, 1.0), cover(0.0, np.inf, 1.0), share=share
    )[0]
    counts = np.arange(1, 200)
    weights = stats.poisson(claims).pmf(counts)

    def law(x):
        return stats.poisson(claims).pmf(0) + weights @ stats.gamma(counts).cdf(x)

    step = (claims + (1 + np.sqrt(share / (1 - share))) * np.sqrt(2 * claims)) / 4095
    assert law(found + step) >= share >= law(found - step)


def test_quantile_principle_charges_the_capital():
    loadings = Loadings(principle="quantile", risk_ratio=0.08, quantile_share=0.99)
    found = price_premium(one(0.5), severity(), cover(), loadings)
    top = payments_quantile(one(0.5), severity(), cover(), share=0.99)
    assert found.risk_cny[0] == pytest.approx(0.08 * (top[0] - found.pure_cny[0]))
    rare = price_premium(one(0.001), severity(), cover(), loadings)
    assert rare.risk_cny[0] == 0.0  # no claim at all in 99 years of 100


def test_many_at_once_is_one_by_one():
    loss = Severity("lognormal", np.array([1e5, 1e6]), np.array([1.0, 2.0]))
    covers = Cover(np.array([0.0, 1e5]), np.array([np.inf, 1e6]), np.array([1.0, 0.8]))
    loadings = Loadings(principle="quantile", risk_ratio=0.1)
    many = price_premium(np.array([0.2, 3.0]), loss, covers, loadings)
    alone = price_premium(one(3), severity("lognormal", 1e6, 2.0), cover(1e5, 1e6, 0.8), loadings)
    assert alone.premium_cny[0] == pytest.approx(many.premium_cny[1], rel=1e-13)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: severity("pareto"), "law must be one of lognormal, gamma; got 'pareto'"),
        (lambda: severity(mean=0.0), "mean_cny must be above 0"),
        (lambda: severity(cv=np.inf), "cv_ratio must be above 0 and finite"),
        (lambda: cover(deductible=-1.0), "deductible_cny must be 0 or more"),
        (lambda: cover(limit=0.0), "limit_cny must be above 0; got 0.0"),
        (lambda: cover(share=1.5), r"paid_share must be in \(0, 1\]"),
        (lambda: Loadings(principle="variance"), "principle must be one of"),
        (lambda: Loadings(risk_ratio=-0.1), "risk_ratio must be 0 or more"),
        (lambda: Loadings(expense_share=0.7, profit_share=0.3), "together must be below 1"),
        (lambda: Loadings(quantile_share=1.0), "quantile_share must be in"),
        (
            lambda: price_premium(one(-1), severity(), cover(), PLAIN),
            "claims_per_year must be 0 or more",
        ),
        (
            lambda: payments_quantile(one(1), severity(), cover(), share=0.0),
            r"share must be in \(0, 1\)",
        ),
    ],
)
def test_wrong_input(act, words):
    with pytest.raises(InvalidInput, match=words):
        act()
