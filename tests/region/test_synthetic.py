"""Synthetic control: weights beside SciPy's SLSQP, closed forms, the size of the placebo test."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from techflow.basics import InvalidInput
from techflow.region.synthetic import doubt_twin, synthetic_control

TERMS = {"before_n_min": 6, "p_max": 0.05, "fit_ratio_max": 2.0}
BEFORE, YEARS = 9, 12


def panel(seed, n=8, noise=0.05):
    """Regions that mix three common paths (Abadie, Diamond and Hainmueller 2010, equation 1)."""
    rng = np.random.default_rng(seed)
    paths = rng.normal(size=(3, YEARS)).cumsum(axis=1)
    mix = rng.dirichlet(np.ones(3), size=n)
    return mix @ paths + noise * rng.normal(size=(n, YEARS))


def worst(y, weight):
    return float(((y[0, :BEFORE] - weight @ y[1:, :BEFORE]) ** 2).sum())


@pytest.mark.parametrize("seed", range(5))
def test_weights_are_the_best_on_the_simplex_as_slsqp_finds(seed):
    y = panel(seed)
    made = synthetic_control(y, 0, before_n=BEFORE)
    n = len(y) - 1
    other = minimize(
        lambda w: worst(y, w),
        np.full(n, 1 / n),
        method="SLSQP",
        bounds=[(0, 1)] * n,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
        options={"ftol": 1e-14, "maxiter": 1000},
    )
    assert made.weight.min() >= 0 and made.weight.sum() == pytest.approx(1)
    assert worst(y, made.weight) <= other.fun + 1e-6
    assert made.weight == pytest.approx(other.x, abs=5e-3)


def test_a_twin_by_hand_gives_back_the_planted_effect():
    """The first is half of each of two others before; 0.7 more after: gap 0.7, fit 0."""
    y = panel(3, noise=0.0, n=6)
    y[0] = 0.25 * y[1] + 0.75 * y[2]
    y[0, BEFORE:] += 0.7
    made = synthetic_control(y, 0, before_n=BEFORE)
    assert made.estimate == pytest.approx(0.7, abs=1e-3) and made.fit < 1e-4
    assert made.p == made.p_least == pytest.approx(1 / 6)


def test_p_is_as_often_small_as_it_says():
    """Without an effect every rank of the region among its placebos is as likely: p is uniform."""
    found = [synthetic_control(panel(k, n=10), 0, before_n=BEFORE).p for k in range(200)]
    share = np.mean([p <= 0.2 for p in found])
    assert abs(share - 0.2) < 4 * np.sqrt(0.2 * 0.8 / 200)


def test_interval_holds_zero_nineteen_times_in_twenty():
    held = [
        abs(made.estimate) <= made.margin
        for made in (synthetic_control(panel(k, n=20), 0, before_n=BEFORE) for k in range(150))
    ]
    assert abs(np.mean(held) - 0.95) < 4 * np.sqrt(0.95 * 0.05 / 150)
    assert synthetic_control(panel(1, n=19), 0, before_n=BEFORE).margin == np.inf


@given(st.integers(0, 10**6), st.floats(-5, 5), st.floats(0.1, 10))
def test_shocks_of_years_and_units_do_not_matter(seed, shock, scale):
    y = panel(seed)
    made = synthetic_control(y, 0, before_n=BEFORE)
    moved = scale * (y + shock * np.arange(YEARS))
    again = synthetic_control(moved, 0, before_n=BEFORE)
    assert again.estimate == pytest.approx(scale * made.estimate, abs=1e-4 * scale)


def test_no_twin_is_said():
    y = panel(2, n=30)
    y[0] += np.linspace(0, 30, YEARS)
    made = synthetic_control(y, 0, before_n=BEFORE)
    assert doubt_twin(made, before_n=BEFORE, terms=TERMS) == ["no_twin"]
    few = synthetic_control(panel(2), 0, before_n=3)
    assert doubt_twin(few, before_n=3, terms=TERMS)[:2] == ["few_years", "few_regions"]


def test_refuses():
    with pytest.raises(InvalidInput, match="three regions"):
        synthetic_control(np.zeros((2, 4)), 0, before_n=2)
    with pytest.raises(InvalidInput, match="years before and after"):
        synthetic_control(np.zeros((4, 4)), 0, before_n=4)
