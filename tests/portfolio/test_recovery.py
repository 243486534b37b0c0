"""The centre of the loss rate against the bivariate normal distribution of SciPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri
from scipy.stats import multivariate_normal

from techflow.basics import InvalidInput
from techflow.portfolio.recovery import LgdModel, lgd_centres


@settings(max_examples=10, deadline=None)
@given(
    st.floats(0.001, 0.5),
    st.floats(0.02, 0.98),
    st.floats(0.0, 0.6),
    st.floats(0.0, 1.5),
    st.floats(0.0, 1.0),
)
def test_defaulted_firms_lose_the_stated_share_on_average(pd, lgd, weight, spread, share):
    threshold = ndtri(pd)
    args = (np.array([x]) for x in (lgd, threshold, weight))
    centre = lgd_centres(*args, LgdModel(spread, share))[0]
    # E[Phi(m - s W); X < t] is the chance that X < t and V + s W < m, V a standard normal.
    width = np.sqrt(1 + spread**2)
    r = spread * np.sqrt(share) * weight / width
    joint = multivariate_normal(mean=[0, 0], cov=[[1, r], [r, 1]])
    assert joint.cdf([threshold, centre / width]) / pd == pytest.approx(lgd, abs=2e-5)


def test_nothing_and_all_stay_so():
    one = np.array([0.0, 1.0])
    found = lgd_centres(one, np.full(2, -2.0), np.full(2, 0.3), LgdModel(1.0, 0.5))
    assert found[0] < -25 and found[1] > 25


@pytest.mark.parametrize("model", [LgdModel(-0.1, 0.5), LgdModel(0.5, 1.1), LgdModel(np.nan, 0.5)])
def test_a_model_out_of_range_is_refused(model):
    with pytest.raises(InvalidInput, match="spread"):
        lgd_centres(np.array([0.5]), np.array([-2.0]), np.array([0.3]), model)
