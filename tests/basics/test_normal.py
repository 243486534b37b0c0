"""The normal distribution and its inverse against SciPy."""

import math

import numpy as np
import pytest
from scipy.stats import norm

from techflow.basics.normal import normal_cdf, normal_quantile


def test_normal_distribution_and_quantile_against_scipy():
    x = np.linspace(-38.0, 38.0, 100_001)
    assert np.abs(normal_cdf(x) - norm.cdf(x)).max() < 1e-14
    p = np.concatenate([10.0 ** np.linspace(-300, -1, 10_001), np.linspace(1e-6, 1 - 1e-6, 10_001)])
    assert normal_quantile(p) == pytest.approx(norm.ppf(p), rel=1e-13, abs=1e-13)


def test_infinite_and_missing_numbers():
    found = normal_cdf(np.array([-math.inf, math.inf, math.nan, -41.0, 41.0]))
    assert found[:2].tolist() == [0.0, 1.0]
    assert math.isnan(found[2])
    assert found[3:].tolist() == [0.0, 1.0]
