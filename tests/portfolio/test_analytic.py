"""Closed forms against integrals, exact mixtures, SciPy's distributions and plain recursions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import multivariate_normal, nbinom, norm, poisson
from tests.portfolio.books import even_book
from tests.portfolio.exact import exact_default_counts, exact_tail

from techflow.basics import InvalidInput
from techflow.portfolio.analytic import (
    credit_risk_plus,
    one_factor_var,
    vasicek_cdf,
    vasicek_quantile,
)
from techflow.portfolio.factors import draw_factors
from techflow.portfolio.loss import simulate_losses
from techflow.portfolio.plan import Loans, plan_losses

NAMES = ("pd", "ead_cny", "lgd", "correlation")


@settings(max_examples=12, deadline=None)
@given(st.floats(0.005, 0.5), st.floats(0.02, 0.6))
def test_moments_of_vasicek(pd, correlation):
    def above(x):
        return 1 - vasicek_cdf(np.array([x]), pd=pd, correlation=correlation)[0]

    first = quad(above, 0, 1, limit=400, points=[pd])[0]
    second = quad(lambda x: 2 * x * above(x), 0, 1, limit=400, points=[pd])[0]
    joint = multivariate_normal(cov=[[1, correlation], [correlation, 1]])
    assert first == pytest.approx(pd, abs=1e-6)
    assert second == pytest.approx(joint.cdf([norm.ppf(pd)] * 2), abs=1e-4)


@given(st.floats(0.001, 0.999), st.floats(0.001, 0.5), st.floats(0.02, 0.6))
def test_quantile_undoes_the_cdf(level, pd, correlation):
    at = vasicek_quantile(level, pd=pd, correlation=correlation)
    if 1e-12 < at < 1 - 1e-12:
        found = vasicek_cdf(np.array([at]), pd=pd, correlation=correlation)[0]
        assert found == pytest.approx(level, abs=1e-6)


def test_a_simulated_large_book_has_the_quantiles_of_vasicek():
    n, runs_n, pd, correlation = 1_000_000, 4000, 0.02, 0.12
    plan = plan_losses(even_book(n, pd), np.array([[correlation**0.5]]))
    rates = simulate_losses(plan, draw_factors(runs_n, 1, seed=3), seed=3)[:, 0] / n
    for level in (0.5, 0.9, 0.99, 0.995):
        at = vasicek_quantile(level, pd=pd, correlation=correlation)
        score = ((rates <= at).mean() - level) / np.sqrt(level * (1 - level) / runs_n)
        assert abs(score) < 3.5


@pytest.mark.parametrize(("n", "pd", "correlation"), [(500, 0.01, 0.2), (1000, 0.02, 0.1)])
def test_granularity_takes_the_limit_within_one_percent_of_the_exact_mixture(n, pd, correlation):
    exact = exact_tail(exact_default_counts(n, pd, correlation), 0.999)[0]
    like = (np.full(n, x) for x in (pd, 1.0, 1.0, correlation))
    limit, added = one_factor_var(0.999, **dict(zip(NAMES, like, strict=True)))
    assert abs(limit + added - exact) <= max(0.01 * exact, 1.0)
    assert abs(limit - exact) > 2 * abs(limit + added - exact)


def test_one_factor_var_is_that_of_a_simulated_uneven_book():
    rng, n, runs_n = np.random.default_rng(4), 400, 200_000
    pd, ead = np.exp(rng.normal(-4, 0.7, n)), rng.lognormal(0, 1, n)
    zero = np.zeros(n, np.int64)
    plan = plan_losses(Loans(pd, ead, np.full(n, 0.45), zero, zero), np.array([[0.15**0.5]]))
    losses = simulate_losses(plan, draw_factors(runs_n, 1, seed=5), seed=5)[:, 0]
    arrays = zip(NAMES, (pd, ead, np.full(n, 0.45), np.full(n, 0.15)), strict=True)
    limit, added = one_factor_var(0.999, **dict(arrays))
    assert limit + added == pytest.approx(np.quantile(losses, 0.999), rel=0.05)


@pytest.mark.parametrize("variance", [0.3, 1.5])
def test_like_firms_in_one_sector_default_negative_binomially(variance):
    n = 300
    found = credit_risk_plus(
        np.full(n, 0.02),
        np.ones(n, int),
        sector=np.zeros(n, int),
        variance=np.array([variance]),
        units_max=200,
    )
    wanted = nbinom.pmf(np.arange(201), 1 / variance, 1 / (1 + variance * 6.0))
    assert found == pytest.approx(wanted, rel=1e-9, abs=1e-15)


def test_unlike_losses_in_several_sectors_against_a_transform():
    rng, n, size = np.random.default_rng(6), 40, 4096
    rate, units = rng.uniform(0.001, 0.05, n), rng.integers(1, 9, n)
    sector, variance = rng.integers(0, 3, n), np.array([0.5, 0.0, 2.0])
    found = credit_risk_plus(rate, units, sector=sector, variance=variance, units_max=120)
    z = np.exp(-2j * np.pi * np.arange(size) / size)
    series = np.ones(size, complex)
    for k, spread in enumerate(variance):
        here = sector == k
        gap = (rate[here, None] * (z[None, :] ** units[here, None] - 1)).sum(axis=0)
        series *= np.exp(gap) if spread == 0 else (1 - spread * gap) ** (-1 / spread)
    assert found == pytest.approx(np.fft.ifft(series).real[:121], abs=1e-12)


def test_a_poisson_sector_is_the_recursion_of_panjer():
    rate, units = np.array([0.4, 0.3, 0.2]), np.array([1, 2, 5])
    chance = [np.exp(-rate.sum())]
    for n in range(1, 31):
        pairs = zip(rate, units, strict=True)
        chance.append(sum(r * u * chance[n - u] for r, u in pairs if u <= n) / n)
    where = {"sector": np.zeros(3, int), "variance": np.zeros(1), "units_max": 30}
    assert credit_risk_plus(rate, units, **where) == pytest.approx(np.array(chance), rel=1e-12)
    one = credit_risk_plus(rate, np.ones(3, int), **where)
    assert one == pytest.approx(poisson.pmf(np.arange(31), 0.9), rel=1e-12)


def test_wrong_input_is_refused():
    with pytest.raises(InvalidInput, match="level must be inside"):
        vasicek_quantile(1.0, pd=0.1, correlation=0.1)
    with pytest.raises(InvalidInput, match="pd must be inside"):
        vasicek_cdf(np.array([0.1]), pd=0.0, correlation=0.1)
    where = {"sector": np.zeros(1, int), "variance": np.zeros(1), "units_max": 3}
    with pytest.raises(InvalidInput, match="whole numbers"):
        credit_risk_plus(np.ones(1), np.array([0.5]), **where)
    with pytest.raises(InvalidInput, match="0 or more"):
        credit_risk_plus(-np.ones(1), np.ones(1, int), **where)
