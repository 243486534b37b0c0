"""Reconciliation: the mixture by scipy, the law of total variance, and what must always hold."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from techflow.basics import InvalidInput
from techflow.patents.reconcile import Opinions, reconcile_values

Z = norm.ppf(0.95)
NONE = (math.nan, math.nan, math.nan)


def lognormal(median, sigma):
    return median * math.exp(-Z * sigma), median, median * math.exp(Z * sigma)


def brought(*methods, factors=(1.0, 1.0, 1.0), cap=1.0, floor=1e-3):
    low, median, high = (np.array([[m[i] for m in methods]]) for i in range(3))
    opinions = Opinions(low, median, high, np.array([factors]))
    return reconcile_values(opinions, sigma_min=floor, cost_weight_max_share=cap)


METHOD = st.builds(lognormal, st.floats(1e2, 1e7), st.floats(0.05, 1.5))
OWN = st.builds(
    lambda median, below, above: (median * math.exp(-below), median, median * math.exp(above)),
    st.floats(1e2, 1e7),
    st.floats(0.05, 3),
    st.floats(0.05, 3),
)


def half_normal_mixture(found, methods):
    """CDF of the mixture of two-piece normals in logs, written out with scipy."""
    weights = found.weights[0]

    def chance(log_value):
        total = 0.0
        for weight, (low, median, high) in zip(weights, methods, strict=True):
            away = log_value - math.log(median)
            s = math.log(median / low) / Z if away < 0 else math.log(high / median) / Z
            total += weight * norm.cdf(away / s)
        return total

    return chance


@given(st.lists(OWN, min_size=3, max_size=3))
def test_quantiles_meet_the_mixture(methods):
    found = brought(*methods)
    chance = half_normal_mixture(found, methods)
    for share, value in zip((0.05, 0.5, 0.95), found.quantiles_cny[0], strict=True):
        assert chance(math.log(value)) == pytest.approx(share, abs=1e-6)


@given(st.lists(METHOD, min_size=3, max_size=3))
def test_weights_are_inverse_variances(methods):
    force = [(2 * Z / math.log(high / low)) ** 2 for low, _, high in methods]
    assert brought(*methods).weights[0] == pytest.approx(np.array(force) / sum(force))


@given(st.lists(OWN, min_size=3, max_size=3))
def test_within_and_between_are_the_variance_of_the_mixture(methods):
    """Law of total variance: moments of the mixture by sums over its quantile function."""
    found = brought(*methods)
    steps = (np.arange(20_000) + 0.5) / 20_000
    z = norm.ppf(steps)
    mean = square = 0.0
    for weight, (low, median, high) in zip(found.weights[0], methods, strict=True):
        s = np.where(z < 0, math.log(median / low) / Z, math.log(high / median) / Z)
        log_value = math.log(median) + s * z
        mean += weight * log_value.mean()
        square += weight * (log_value**2).mean()
    parts = found.within_log[0] ** 2 + found.between_log[0] ** 2
    assert parts == pytest.approx(square - mean**2, rel=3e-3)


@given(OWN, st.integers(0, 2))
def test_one_method_alone_keeps_its_own_quantiles(method, place):
    methods = [NONE, NONE, NONE]
    methods[place] = method
    found = brought(*methods, cap=0.2)
    assert found.quantiles_cny[0] == pytest.approx(method, rel=1e-12)
    assert found.weights[0].tolist() == [float(i == place) for i in range(3)]
    assert found.between_log[0] == 0


def test_disagreement_widens():
    near = brought(lognormal(100, 0.3), lognormal(100, 0.3), NONE)
    far = brought(lognormal(100, 0.3), lognormal(400, 0.3), NONE)
    assert near.quantiles_cny[0] == pytest.approx(lognormal(100, 0.3))
    assert far.between_log[0] == pytest.approx(math.log(4) / 2)
    spread = [math.log(f.quantiles_cny[0, 2] / f.quantiles_cny[0, 0]) for f in (near, far)]
    assert spread[1] > spread[0] + math.log(4) / 2
    assert far.quantiles_cny[0, 1] == pytest.approx(200)


def test_cost_is_capped_only_beside_income():
    tight = lognormal(100, 0.1)
    wide = lognormal(100, 1.0)
    capped = brought(wide, wide, tight, cap=0.25)
    assert capped.weights[0] == pytest.approx([0.375, 0.375, 0.25]) and capped.capped[0]
    free = brought(NONE, wide, tight, cap=0.25)
    assert free.weights[0] == pytest.approx([0, 1 / 101, 100 / 101]) and not free.capped[0]


def test_factors_and_the_floor_of_precision_by_hand():
    # 1 / 0.5^2 = 4 and 0.5 / 0.5^2 = 2; the tighter one counts as 0.5 too.
    found = brought(
        lognormal(9, 0.5), NONE, lognormal(9, 0.01), factors=(1, 1, 0.5), cap=1, floor=0.5
    )
    assert found.weights[0] == pytest.approx([2 / 3, 0, 1 / 3])


@pytest.mark.parametrize("wrong", [(0.0, 1.0, 2.0), (3.0, 2.0, 4.0), (1.0, 2.0, math.inf), NONE])
def test_what_is_no_interval_does_not_count(wrong):
    alone = brought(wrong, NONE, NONE)
    assert np.isnan(alone.quantiles_cny).all() and alone.weights[0].tolist() == [0, 0, 0]
    with_market = brought(wrong, lognormal(5, 0.2), NONE)
    assert with_market.weights[0].tolist() == [0, 1, 0]


def test_parameters_out_of_range_are_named():
    with pytest.raises(InvalidInput, match="sigma_min"):
        brought(NONE, NONE, NONE, floor=0)
    with pytest.raises(InvalidInput, match="cost_weight_max_share"):
        brought(NONE, NONE, NONE, cap=2)
