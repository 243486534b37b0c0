"""Low-default PD against the closed form and SciPy's beta quantile (Clopper-Pearson)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from techflow.basics import InvalidInput
from techflow.credit import low_default_pd


@given(st.integers(1, 10**6), st.floats(0.01, 0.999))
def test_no_default_has_a_closed_form(n, confidence):
    expected = 1.0 - (1.0 - confidence) ** (1.0 / n)
    assert low_default_pd(n, 0, confidence=confidence) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("n", [1, 2, 10, 125, 1000, 40_000])
@pytest.mark.parametrize("share", [0.0, 0.003, 0.1, 0.5, 0.99, 1.0])
@pytest.mark.parametrize("confidence", [0.5, 0.75, 0.9, 0.99])
def test_equals_the_beta_quantile(n, share, confidence):
    k = round(share * n)
    expected = 1.0 if k == n else beta.ppf(confidence, k + 1, n - k)
    assert low_default_pd(n, k, confidence=confidence) == pytest.approx(expected, rel=1e-9)


def test_published_figures():
    # Pluto and Tasche (2005), table 1 and 3: 800 firms of grades A, B, C; no default, and three.
    assert low_default_pd(800, 0, confidence=0.5) == pytest.approx(0.0009, abs=5e-5)
    assert low_default_pd(800, 0, confidence=0.999) == pytest.approx(0.0086, abs=5e-5)
    assert low_default_pd(800, 3, confidence=0.5) == pytest.approx(0.0046, abs=5e-5)
    assert low_default_pd(800, 3, confidence=0.999) == pytest.approx(0.0162, abs=1e-4)


@given(st.integers(1, 500), st.data())
def test_more_firms_lower_it_more_defaults_and_confidence_raise_it(n, data):
    k = data.draw(st.integers(0, n))
    here = low_default_pd(n, k, confidence=0.75)
    assert low_default_pd(n + 1, k, confidence=0.75) < here or k == n
    assert low_default_pd(n + 1, k + 1, confidence=0.75) >= here - 1e-12
    assert low_default_pd(n, k, confidence=0.9) >= here
    assert here > k / n or k == n


@pytest.mark.parametrize(
    "n, k, confidence", [(0, 0, 0.5), (5, 6, 0.5), (5, -1, 0.5), (5, 0, 1.0), (5, 0, 0.0)]
)
def test_out_of_range_is_refused(n, k, confidence):
    with pytest.raises(InvalidInput, match="low_default_pd needs"):
        low_default_pd(n, k, confidence=confidence)
