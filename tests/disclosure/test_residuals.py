"""Expected residuals from scikit-learn's least squares and from planted coefficients."""

import numpy as np
import pytest

from techflow.basics import InvalidInput
from techflow.disclosure import accrual_residuals


def test_equal_to_scikit_learn_within_each_group():
    linear = pytest.importorskip("sklearn.linear_model")
    rng = np.random.default_rng(3)
    x, groups = rng.normal(size=(90, 3)), ["a", "b", "b"] * 30
    y = rng.normal(size=90) + x[:, 1]
    found = accrual_residuals(y, x, groups, rows_n_min=20)
    for name in ("a", "b"):
        rows = np.array([group == name for group in groups])
        fit = linear.LinearRegression().fit(x[rows], y[rows])
        assert found[rows] == pytest.approx(y[rows] - fit.predict(x[rows]), abs=1e-12)


def test_unknown_numbers_and_small_groups_stay_unknown():
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(40, 3)), rng.normal(size=40)
    y[0], x[1, 2] = np.nan, np.nan
    found = accrual_residuals(y, x, ["big"] * 30 + ["small"] * 10, rows_n_min=20)
    assert np.isnan(found[[0, 1]]).all() and np.isnan(found[30:]).all()
    assert np.isfinite(found[2:30]).all()


def test_flows_that_do_not_vary_have_no_answer():
    found = accrual_residuals(np.arange(30.0), np.ones((30, 3)), ["a"] * 30, rows_n_min=20)
    assert np.isnan(found).all()


def test_wrong_shapes_are_told():
    with pytest.raises(InvalidInput, match=r"flows \(n, 3\)"):
        accrual_residuals(np.zeros(2), np.zeros((2, 2)), ["a", "a"], rows_n_min=2)
