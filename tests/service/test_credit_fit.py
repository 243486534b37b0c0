"""The numerics of training against scikit-learn and against brute force."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from techflow.basics import InvalidInput
from techflow.credit import auc
from techflow_service.training.fit import Shape, calibrate, fit_effects
from techflow_service.training.validate import grouped_folds

RANK = Shape(signs=(1, -1), knots_n=2, penalty=2.0, free=False, event_share=None)
FREE = Shape(signs=(1, -1), knots_n=6, penalty=0.5, free=True, event_share=0.5)


def draw(n=800, seed=0, slopes=(1.2, -0.8), level=-1.0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2))
    y = (rng.random(n) < 1.0 / (1.0 + np.exp(-level - x @ np.array(slopes)))).astype(float)
    return x, y


def test_equals_scikit_learn_where_no_sign_binds():
    """With two knots a feature the design is a clipped line: plain ridge logistic regression."""
    x, y = draw()
    fit = fit_effects(x, y, RANK)
    low, high = (np.array([grid[end] for grid in fit.knots]) for end in (0, -1))
    design = np.clip((x - low) / (high - low), 0.0, 1.0)
    design -= np.clip((np.array(fit.typical) - low) / (high - low), 0.0, 1.0)
    peer = LogisticRegression(C=1.0 / RANK.penalty, tol=1e-10, max_iter=10_000).fit(design, y)
    rises = [effects[-1] - effects[0] for effects in fit.effects]
    assert rises == pytest.approx(peer.coef_[0], abs=1e-4)
    assert fit.intercept == pytest.approx(peer.intercept_[0], abs=1e-4)
    assert fit.log_odds(x) == pytest.approx(peer.decision_function(design), abs=1e-4)


@pytest.mark.parametrize("shape", [RANK, FREE])
def test_effects_never_run_against_their_sign_even_where_the_data_do(shape):
    x, y = draw(slopes=(-1.0, 1.0))
    for sign, effects in zip(shape.signs, fit_effects(x, y, shape).effects, strict=True):
        assert (sign * np.diff(effects) >= 0.0).all()
        assert np.ptp(effects) < 0.05


def test_free_shape_finds_a_bend_a_line_misses():
    rng = np.random.default_rng(3)
    x = rng.uniform(-2.0, 2.0, (6000, 1))
    y = (rng.random(6000) < np.where(x[:, 0] > 0.5, 0.6, 0.1)).astype(float)
    free = fit_effects(x, y, Shape((1,), 9, 0.1, free=True, event_share=None))
    at = free.log_odds(np.array([[-2.0], [0.0], [1.5]]))
    assert at[1] - at[0] < 0.3
    assert at[2] == pytest.approx(np.log(0.6 / 0.4), abs=0.2)


def test_typical_and_unknown_rows_score_the_intercept():
    x, y = draw()
    x[::7, 0] = np.nan
    fit = fit_effects(x, y, FREE)
    rows = np.array([fit.typical, [np.nan, np.nan], [np.nan, fit.typical[1]]])
    assert fit.log_odds(rows) == pytest.approx([fit.intercept] * 3, abs=1e-12)


def test_calibration_meets_the_long_run_rate_and_keeps_the_order():
    x, y = draw()
    fit = fit_effects(x, y, FREE)
    moved = calibrate(fit, x, 0.02)
    pd = 1.0 / (1.0 + np.exp(-moved.log_odds(x)))
    assert pd.mean() == pytest.approx(0.02, rel=1e-9)
    assert auc(y, pd).value == auc(y, fit.log_odds(x)).value


@pytest.mark.parametrize("y", [np.zeros(50), np.ones(50)])
def test_one_class_cannot_be_fitted(y):
    with pytest.raises(InvalidInput, match="events and non-events"):
        fit_effects(np.ones((50, 2)), y, RANK)


def test_a_feature_nobody_has_cannot_be_fitted():
    x, y = draw(50)
    x[:, 1] = np.nan
    with pytest.raises(InvalidInput, match="never known"):
        fit_effects(x, y, RANK)


def test_folds_keep_firms_whole_and_deal_out_events():
    rng = np.random.default_rng(0)
    groups = [f"f{n}" for n in rng.integers(0, 60, 300)]
    y = np.isin(groups, [f"f{n}" for n in range(10)]) * (rng.random(300) < 0.7) * 1.0
    fold = grouped_folds(groups, y, folds_n=5, seed=1)
    homes = {group: {fold[i] for i, g in enumerate(groups) if g == group} for group in set(groups)}
    assert all(len(home) == 1 for home in homes.values())
    firms_with = {g for g, event in zip(groups, y, strict=True) if event}
    counts = np.bincount([fold[groups.index(g)] for g in firms_with], minlength=5)
    assert counts.max() - counts.min() <= 1
    assert (fold == grouped_folds(groups, y, folds_n=5, seed=1)).all()
    assert (fold != grouped_folds(groups, y, folds_n=5, seed=2)).any()
