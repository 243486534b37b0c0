"""Tails. Oracles: the Basel formula in SciPy, quadrature by SciPy, the binomial, Monte Carlo."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import binom, norm

from techflow.basics import InvalidInput
from techflow.portfolio import measure_tail, tail_pd

PDS = np.array([0.001, 0.01, 0.05, 0.2])
AT = {"correlation": 0.12, "confidence": 0.99}


def vasicek(pd, share):
    return norm.cdf((norm.ppf(pd) + 0.12**0.5 * norm.ppf(share)) / 0.88**0.5)


def test_var_is_the_formula_and_es_its_mean_over_worse_states():
    assert tail_pd(PDS, measure="var", **AT) == pytest.approx(vasicek(PDS, 0.99), rel=1e-10)
    mean = [quad(lambda u, p=p: vasicek(p, u), 0.99, 1.0)[0] / 0.01 for p in PDS]
    assert tail_pd(PDS, measure="es", **AT) == pytest.approx(mean, rel=1e-6)
    assert tail_pd(PDS, measure="el", **AT) == pytest.approx(PDS)


def test_certain_and_impossible_defaults_stay_so():
    ends = tail_pd(np.array([0.0, 1.0]), measure="es", **AT)
    assert ends == pytest.approx([0.0, 1.0])


def test_without_correlation_the_tail_is_binomial():
    n, pd = 40, 0.05
    loss = np.full(n, 1e5)
    found = measure_tail(
        loss, np.full(n, pd), np.ones(n), correlation=0.0, confidence=0.99, unit=1e5
    )
    q = binom.ppf(0.99, n, pd)
    beyond = sum(k * binom.pmf(k, n, pd) for k in range(int(q) + 1, n + 1))
    es = (beyond + q * (binom.cdf(q, n, pd) - 0.99)) / 0.01
    assert found.el_cny == pytest.approx(1e5 * n * pd)
    assert found.var_cny == 1e5 * q
    assert found.es_cny == pytest.approx(1e5 * es, rel=1e-9)


def test_the_tail_of_a_mixed_book_is_that_of_a_simulation():
    random = np.random.default_rng(11)
    pd, stay = random.uniform(0.01, 0.15, 25), random.uniform(0.1, 0.9, 25)
    loss = 1e4 * random.integers(1, 40, 25)
    found = measure_tail(loss, pd, stay, unit=1e4, **AT)
    paths = 400_000
    asset = 0.12**0.5 * random.standard_normal((paths, 1)) + 0.88**0.5 * random.standard_normal(
        (paths, 25)
    )
    fell = (asset < norm.ppf(pd)) & (random.random((paths, 25)) < stay)
    losses = np.sort(fell @ loss)
    tail = losses[-paths // 100 :]
    assert found.el_cny == pytest.approx(losses.mean(), rel=0.01)
    # Four standard errors of the simulated mean of the tail, and one step of the grid for VaR.
    assert abs(found.es_cny - tail.mean()) < 4.0 * tail.std() / tail.size**0.5 + 1e3
    assert abs(found.var_cny - losses[-paths // 100]) <= 1e4


def test_a_book_of_this_size_has_a_tail_above_the_fine_grained_one():
    pd, loss, stay = np.full(30, 0.03), np.full(30, 1e5), np.full(30, 0.5)
    fine = float((loss * stay) @ tail_pd(pd, measure="es", **AT))
    assert measure_tail(loss, pd, stay, unit=1e5, **AT).es_cny > fine


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"measure": "worst"}, "es, var, el"),
        ({"measure": "es", "correlation": 1.0}, "correlation"),
        ({"measure": "es", "confidence": 1.0}, "confidence"),
    ],
)
def test_wrong_settings_are_refused(wrong, told):
    with pytest.raises(InvalidInput, match=told):
        tail_pd(PDS, **(AT | wrong))
