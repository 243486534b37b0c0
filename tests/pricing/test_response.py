"""Customers lost by rate. Oracles: SciPy's optimisers and finite differences."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import curve_fit, minimize_scalar

from techflow.basics import InvalidInput
from techflow.pricing import (
    Response,
    best_rate,
    churn_slope,
    fit_response,
    leave_one_out,
    stay_share,
)

RATES = np.linspace(0.04, 0.15, 20)
DECAY, START = st.floats(5.0, 60.0), st.floats(0.02, 0.06)


def one(*numbers):
    return [np.array([x]) for x in numbers]


def noisy(seed=4):
    noise = np.random.default_rng(seed).normal(0.0, 0.01, RATES.size)
    return np.clip(1.0 - np.exp(-20.0 * (RATES - 0.038)) + noise, 0.0, 0.99)


def test_the_fit_is_the_least_squares_fit_of_scipy():
    churn = noisy()
    found = fit_response(RATES, churn)
    curve = curve_fit(lambda r, k, s: 1.0 - np.exp(-k * (r - s)), RATES, churn, (15.0, 0.03))[0]
    assert [found.decay, found.start_rate_pa] == pytest.approx(list(curve), rel=1e-6)


def test_leave_one_out_is_a_fit_without_the_row():
    churn, place = noisy(), 7
    kept = np.arange(RATES.size) != place
    form = lambda r, k, s: 1.0 - np.exp(-k * (r - s))  # noqa: E731
    curve = curve_fit(form, RATES[kept], churn[kept], (15.0, 0.03))[0]
    expected = form(RATES[place], *curve) - churn[place]
    assert leave_one_out(RATES, churn)[place - 1] == pytest.approx(expected, abs=1e-8)


@given(DECAY, START, st.floats(0.0, 0.3), st.floats(0.0, 0.2))
def test_the_best_rate_beats_a_bounded_search(decay, start, pd, cost):
    def loss(rate):
        return -stay_share(*one(rate, decay, start))[0] * ((1.0 - pd) * rate - cost)

    mine = best_rate(*one(pd, cost, decay, start), rates=(0.04, 0.15))[0]
    assert 0.04 <= mine <= 0.15
    searched = minimize_scalar(loss, bounds=(0.04, 0.15), method="bounded")
    assert loss(mine) <= min(searched.fun, loss(0.04), loss(0.15)) + 1e-12


@given(DECAY, START, st.floats(0.0, 0.3), st.floats(0.0, 0.3))
def test_a_higher_rate_never_keeps_more_customers(decay, start, a, b):
    low, high = sorted((a, b))
    assert stay_share(*one(low, decay, start)) >= stay_share(*one(high, decay, start))


@given(DECAY, START, st.floats(0.061, 0.2))
def test_the_slope_is_the_finite_difference(decay, start, rate):
    step = 1e-6
    ends = [1.0 - stay_share(*one(rate + d, decay, start))[0] for d in (-step, step)]
    slope = churn_slope(*one(rate, decay, start))[0]
    assert slope == pytest.approx((ends[1] - ends[0]) / (2.0 * step), rel=1e-5)


@pytest.mark.parametrize(
    ("rates", "churn", "told"),
    [
        (RATES[:3], noisy()[:3], "4 or more"),
        (RATES[::-1], noisy(), "must rise"),
        (RATES, 100.0 * noisy(), "fraction"),
        (RATES, noisy()[::-1].copy(), "check the columns"),
    ],
)
def test_a_table_that_cannot_be_a_churn_table_is_refused(rates, churn, told):
    with pytest.raises(InvalidInput, match=told):
        fit_response(rates, churn)


@pytest.mark.parametrize("decay", [0.0, -3.0, float("nan")])
def test_a_curve_that_does_not_rise_is_refused(decay):
    with pytest.raises(InvalidInput, match="decay > 0"):
        Response.from_data({"decay": decay, "start_rate_pa": 0.04})
