"""Ranks: against SciPy's ranks, and what must hold for any weights."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from techflow.basics import InvalidInput
from techflow.region.ranking import draw_weights, judge_incentive, rank_points, stand_among


@given(st.lists(st.integers(0, 9), min_size=2, max_size=31))
def test_standing_is_the_rank_of_scipy(values):
    found = stand_among(np.array(values, float))
    assert found == pytest.approx((rankdata(values) - 1) / (len(values) - 1))


def test_the_unknown_neither_stands_nor_is_stood_above():
    values = np.array([[1.0, np.nan, 3.0], [np.nan, np.nan, 5.0]])
    assert np.array_equal(stand_among(values), [[0, np.nan, 1], [np.nan] * 3], equal_nan=True)


def test_weights_have_the_moments_of_dirichlet():
    # Mean a_i / a, variance m (1 - m) / (a + 1).
    drawn = draw_weights(np.array([2.0, 1.0, 1.0]), concentration=19, draws_n=40_000, seed=3)
    assert drawn.mean(axis=0) == pytest.approx([0.5, 0.25, 0.25], abs=5e-3)
    assert drawn.var(axis=0) == pytest.approx([0.0125, 0.009375, 0.009375], rel=0.05)
    assert drawn.sum(axis=1) == pytest.approx(1.0)


@given(st.integers(0, 10**6))
def test_who_leads_everywhere_leads_under_any_weights(seed):
    values = np.random.default_rng(seed).normal(size=(9, 4))
    values[3], values[7] = values.max(axis=0) + 1, values.min(axis=0) - 1
    standing = np.repeat(stand_among(values.T).T[None], 50, axis=0)
    weights = draw_weights(np.ones(4), concentration=2, draws_n=50, seed=seed)
    points, ranks = rank_points(standing, weights, known_share_min=0.5)
    assert (ranks[:, 3] == 1).all() and (ranks[:, 7] == 9).all()
    assert ranks == pytest.approx(np.array([rankdata(-p.round(12)) for p in points]))


def test_too_little_known_has_no_rank_and_moves_nobody():
    standing = np.array([[[1.0, 0.5], [np.nan, 1.0], [0.0, 0.0]]])
    points, ranks = rank_points(standing, np.array([[0.7, 0.3]]), known_share_min=0.5)
    assert np.array_equal(ranks, [[1, np.nan, 2]], equal_nan=True) and np.isnan(points[0, 1])


def test_incentive_at_its_edge():
    now = np.array([[1.0, 2.0, 3.0, np.nan]] * 9 + [[3.0, 2.0, 1.0, np.nan]])
    before = np.array([[1.0, 2.0, 3.0, 4.0]] * 10)
    told = judge_incentive((now, now, before), top_share=1 / 3, chance_min=0.9)
    assert told.top_chance[:3].tolist() == [0.9, 0.0, 0.1]
    assert told.better_chance[:3].tolist() == [0.0, 0.0, 0.1]
    assert told.tier.tolist() == ["top", "none", "none", "unknown"]
    stricter = judge_incentive((now, now, before), top_share=1 / 3, chance_min=0.91)
    assert stricter.tier[0] == "none"


@pytest.mark.parametrize(
    ("weights", "how", "words"),
    [
        ([0.0, 0.0], {"concentration": 9, "draws_n": 2}, "not all 0"),
        ([1.0, -1.0], {"concentration": 9, "draws_n": 2}, "0 or more"),
        ([1.0, 1.0], {"concentration": 0, "draws_n": 2}, "concentration"),
    ],
)
def test_wrong_weights_say_what(weights, how, words):
    with pytest.raises(InvalidInput, match=words):
        draw_weights(np.array(weights), seed=1, **how)
