"""Calibration against published tables, the beta integral, coverage and closed forms."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binom

from techflow.basics import InvalidInput, MissingColumn
from techflow.credit.calibration import (
    jeffreys_interval,
    log_odds_shift,
    most_prudent_pds,
    shift_firms,
)

GAMMAS = (0.5, 0.75, 0.9, 0.95, 0.99, 0.999)
FIRMS = (100, 400, 300)
# Pluto and Tasche (2005), table 1: no defaults; percent, grades A, B, C.
NO_DEFAULTS = ((0.09, 0.17, 0.29, 0.37, 0.57, 0.86), (0.10, 0.20, 0.33, 0.43, 0.66, 0.98))
NO_DEFAULTS += ((0.23, 0.46, 0.76, 0.99, 1.52, 2.28),)


def test_pluto_tasche_table_without_defaults():
    for column, gamma in enumerate(GAMMAS):
        found = most_prudent_pds(FIRMS, (0, 0, 0), confidence=gamma)
        expected = [row[column] for row in NO_DEFAULTS]
        assert [100 * pd for pd in found] == pytest.approx(expected, abs=0.0051), gamma


@pytest.mark.parametrize("gamma", GAMMAS)
def test_few_defaults_are_beta_quantiles_of_the_pooled_record(gamma):
    # Their second case: two defaults in B, one in C; Clopper-Pearson (1934) by SciPy's beta.
    found = most_prudent_pds(FIRMS, (0, 2, 1), confidence=gamma)
    expected = [beta.ppf(gamma, k + 1, n - k) for n, k in ((800, 3), (700, 3), (300, 1))]
    assert found == pytest.approx(expected, rel=1e-9)


@given(st.lists(st.integers(1, 2000), min_size=1, max_size=8), st.sampled_from(GAMMAS))
def test_bounds_rise_with_the_grade_without_defaults(n, gamma):
    found = most_prudent_pds(n, [0] * len(n), confidence=gamma)
    assert sorted(found) == list(found)
    assert found[-1] == pytest.approx(1 - (1 - gamma) ** (1 / n[-1]))


@pytest.mark.parametrize("n, k", [([], []), ([5], [0, 0]), ([5], [6]), ([5], [-1]), ([0], [0])])
def test_impossible_records_are_refused(n, k):
    with pytest.raises(InvalidInput):
        most_prudent_pds(n, k, confidence=0.9)


def test_jeffreys_published_limits():
    # Brown, Cai and DasGupta (2001), table 5, n = 7, 95 %.
    low, high = jeffreys_interval(np.full(4, 7.0), np.arange(4.0), confidence=0.95)
    assert low == pytest.approx([0, 0.016, 0.065, 0.139], abs=6e-4)
    assert high == pytest.approx([0.292, 0.501, 0.648, 0.766], abs=6e-4)


@given(st.integers(1, 5000), st.data(), st.floats(0.5, 0.999))
def test_jeffreys_ends_hold_the_tails_of_the_beta(n, data, confidence):
    k = data.draw(st.integers(0, n))
    low, high = jeffreys_interval(np.array([n]), np.array([k]), confidence=confidence)
    tail = (1 - confidence) / 2
    posterior = beta(k + 0.5, n - k + 0.5)
    assert low[0] == 0 if k == 0 else posterior.cdf(low[0]) == pytest.approx(tail, abs=1e-8)
    assert high[0] == 1 if k == n else posterior.sf(high[0]) == pytest.approx(tail, abs=1e-8)
    assert low[0] <= k / n <= high[0]


@pytest.mark.parametrize("n", [100, 1000])
def test_jeffreys_covers_on_average_what_it_says(n):
    k = np.arange(n + 1.0)
    low, high = jeffreys_interval(np.full(n + 1, float(n)), k, confidence=0.95)
    rates = np.linspace(0.01, 0.2, 400)
    covered = [binom.pmf(k, n, p)[(low <= p) & (p <= high)].sum() for p in rates]
    assert 0.945 < np.mean(covered) < 0.955


@pytest.mark.parametrize("n, k, c", [([0], [0], 0.9), ([5], [6], 0.9), ([5], [1], 1.0)])
def test_jeffreys_refuses(n, k, c):
    with pytest.raises(InvalidInput, match="jeffreys_interval needs"):
        jeffreys_interval(np.array(n, float), np.array(k, float), confidence=c)


PDS = st.lists(st.floats(1e-6, 1 - 1e-6), min_size=1, max_size=50)


@given(PDS, st.floats(1e-4, 0.9999))
def test_shift_meets_the_rate_and_keeps_odds_ratios(pds, rate):
    pd = np.array(pds)
    shift = log_odds_shift(pd, rate)
    odds = pd / (1 - pd) * math.exp(shift)
    assert (odds / (1 + odds)).mean() == pytest.approx(rate, rel=1e-9)


def test_shift_of_equal_firms_is_the_prior_correction():
    # King and Zeng (2001), equation 7: log(rate / (1 - rate)) - log(mean / (1 - mean)).
    expected = math.log(0.02 / 0.98) - math.log(0.3 / 0.7)
    assert log_odds_shift(np.full(5, 0.3), 0.02) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("pds, rate", [([], 0.1), ([0.0, 0.5], 0.1), ([1.0], 0.1), ([0.5], 0.0)])
def test_shift_refuses(pds, rate):
    with pytest.raises(InvalidInput, match="inside"):
        log_odds_shift(np.array(pds), rate)


def test_shift_firms_on_each_engine(make, rows):
    frame = make({"n": [0, 1, 2, 3], "pd": [0.0, 0.5, 1.0, None]})
    found = sorted(rows(shift_firms(frame, shift=math.log(0.25))), key=lambda row: row["n"])
    assert [row["pd_long_run"] for row in found] == [0.0, pytest.approx(0.2), 1.0, None]
    with pytest.raises(MissingColumn):
        shift_firms(frame, shift=0.0, pd="x")
