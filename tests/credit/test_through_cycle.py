"""One factor: closed forms, the Basel worked example, moments of the Vasicek distribution."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, norm

from techflow.basics import InvalidInput
from techflow.credit.through_cycle import cycle_of_rate, point_in_time_pd, through_cycle_pd

PD, RHO = st.floats(1e-4, 0.5), st.floats(0.02, 0.6)
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(120)


def test_the_basel_worked_example():
    # Basel II, annex 5 via rules section 12: PD 1 %, LGD 45 %, M 2.5: R 0.192784, b 0.137486,
    # K 0.0738534.
    bad = point_in_time_pd(np.array([0.01]), cycle=-norm.ppf(0.999), correlation=0.192784)[0]
    capital = 0.45 * (bad - 0.01) / (1 - 1.5 * 0.137486)
    assert capital == pytest.approx(0.0738534, abs=2e-7)


@given(PD, RHO)
def test_the_mean_over_the_cycle_is_the_pd_and_its_square_two_firms_together(pd, rho):
    weights = WEIGHTS / WEIGHTS.sum()
    states = np.array(
        [point_in_time_pd(np.array([pd]), cycle=z, correlation=rho)[0] for z in NODES]
    )
    assert weights @ states == pytest.approx(pd, rel=1e-3)
    both = multivariate_normal([0, 0], [[1, rho], [rho, 1]]).cdf([norm.ppf(pd)] * 2)
    assert weights @ states**2 == pytest.approx(both, rel=2e-2, abs=1e-7)


@given(PD, st.floats(-3, 3), RHO)
def test_there_and_back(pd, cycle, rho):
    there = point_in_time_pd(np.array([pd]), cycle=cycle, correlation=rho)
    assert through_cycle_pd(there, cycle=cycle, correlation=rho)[0] == pytest.approx(pd, rel=1e-7)
    assert cycle_of_rate(there, pd=pd, correlation=rho)[0] == pytest.approx(cycle, abs=1e-6)


def test_good_years_lower_it_and_the_borders_stay():
    found = [
        point_in_time_pd(np.array([0.0, 0.02, 1.0]), cycle=z, correlation=0.12) for z in (-1, 0, 1)
    ]
    assert found[0][1] > found[1][1] > found[2][1]
    assert all(f[0] == 0 and f[2] == 1 for f in found)


def test_refusals():
    with pytest.raises(InvalidInput, match="pd must"):
        point_in_time_pd(np.array([1.1]), cycle=0.0, correlation=0.1)
    with pytest.raises(InvalidInput, match="correlation"):
        through_cycle_pd(np.array([0.1]), cycle=0.0, correlation=0.0)
    with pytest.raises(InvalidInput, match="default rates"):
        cycle_of_rate(np.array([0.0]), pd=0.1, correlation=0.1)
