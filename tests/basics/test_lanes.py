"""Branch-free exp, log, normal quantile and uniforms against NumPy, SciPy and integers."""

import math

import numba
import numpy as np
import pytest
from bench.patents_value import scalar_values, synthetic_case, uniform
from scipy.stats import norm

from techflow.basics import lanes
from techflow.patents.value_draws import draw_values


def over(function):
    return numba.vectorize(lambda x: function(x))


def test_exp_is_that_of_numpy_to_the_last_places():
    x = np.concatenate([np.linspace(-700, 700, 100_001), np.linspace(-1e-6, 1e-6, 1001)])
    assert over(lanes.exp)(x) == pytest.approx(np.exp(x), rel=1e-15, abs=0)


def test_exp_stays_a_number_at_any_argument():
    found = over(lanes.exp)(np.array([-1e9, 1e9]))
    assert (found > 0).all() and np.isfinite(found).all()


def test_log_is_that_of_numpy_to_the_last_places():
    x = np.concatenate([np.geomspace(1e-300, 1e300, 100_001), np.linspace(0.5, 2, 1001)])
    assert over(lanes.log)(x) == pytest.approx(np.log(x), rel=1e-15, abs=1e-15)


def test_normal_quantile_is_within_its_published_error():
    centre, tail = np.linspace(0.02425, 0.97575, 10_001), np.geomspace(1e-16, 0.02425, 10_001)
    assert over(lanes.normal_centre)(centre) == pytest.approx(norm.ppf(centre), rel=1.15e-9)
    assert over(lanes.normal_tail)(tail) == pytest.approx(norm.ppf(tail), rel=1.15e-9)


def test_uniforms_are_those_of_exact_integers():
    draw = numba.njit(lambda key, count: lanes.uniform(key, count))
    key = 2**64 - 3
    found = [draw(np.uint64(key), count) for count in range(1000)]
    assert found == [uniform(key, count) for count in range(1000)]
    assert 0 < min(found) < 0.01 < 0.99 < max(found) < 1


def test_quantiles_are_those_of_sorting_when_many_draws_are_equal():
    zero = np.zeros(25)
    case = synthetic_case(25)._replace(income_sigma=zero, growth_sigma=zero)
    keys = np.arange(25, dtype=np.uint64)
    found = draw_values(case, keys, draws_n=199, seed=1)
    assert found == pytest.approx(scalar_values(case, keys, 199, 1), rel=1e-9)
    assert any(math.isclose(row[1], row[2]) for row in found)


def test_normal_cdf_is_that_of_scipy():
    x = np.linspace(-7, 7, 20_001)
    found = over(lanes.normal_cdf)(x)
    assert found == pytest.approx(norm.cdf(x), rel=3e-9, abs=0)
    assert found == pytest.approx(norm.cdf(x), rel=0, abs=3e-16)


def test_normal_quantile_is_that_of_scipy():
    p = np.concatenate([np.geomspace(1e-12, 0.5, 10_001), 1 - np.geomspace(1e-9, 0.5, 10_001)])
    assert over(lanes.normal_quantile)(p) == pytest.approx(norm.ppf(p), rel=0, abs=1e-9)
    p = np.linspace(0.001, 0.999, 10_001)
    assert over(lanes.normal_quantile)(p) == pytest.approx(norm.ppf(p), rel=0, abs=2e-14)


def test_normal_quantile_stays_a_number_at_the_ends():
    assert over(lanes.normal_quantile)(np.array([0.0, 1.0])).tolist() == [-37.0, 37.0]
