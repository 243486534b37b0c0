"""Scorecards: weights against scikit-learn, points against a lookup, exports against the kernel."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from techflow.basics import InvalidInput, NotConverged
from techflow.credit.binning import Rules, bin_features
from techflow.credit.scorecard import (
    FACTOR,
    OFFSET,
    Scorecard,
    fit_scorecard,
    odds_to_pd,
)

NAMES = ["a", "b", "c"]


def sample(n=4000, seed=2):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    x[:, 2] = np.round(x[:, 2])
    y = (rng.random(n) < 1.0 / (1.0 + np.exp(1.5 - x[:, 0] + 0.7 * x[:, 1]))).astype(float)
    x[rng.random(x.shape) < 0.05] = np.nan
    x[:200, 1] = -9.0
    return x, y


def fitted(**more):
    x, y = sample()
    rules = [Rules(), Rules(special=(-9.0,)), Rules()]
    return fit_scorecard(x, y, bin_features(x, y, NAMES, rules), **more), x, y


def lookup(card, row):
    """Points by reading the bins, in plain Python."""
    total = card.base
    for f in card.features:
        value = row[NAMES.index(f.name)]
        if np.isnan(value):
            place = len(f.points) - 1
        elif value in f.special:
            place = len(f.edges) + 1 + f.special.index(value)
        else:
            place = int(np.searchsorted(f.edges, value, side="right"))
        total += f.points[place]
    return total


def columns(card, x):
    return np.ascontiguousarray(x[:, [NAMES.index(f.name) for f in card.features]].T)


def test_weights_are_those_of_scikit_learn():
    card, x, y = fitted(penalty=1.0, iv_min=0.0)
    rules = [Rules(), Rules(special=(-9.0,)), Rules()]
    binned = bin_features(x, y, NAMES, rules)
    kept = [NAMES.index(f.name) for f in card.features]
    design = np.empty((y.size, len(kept)))
    for place, j in enumerate(kept):
        b = binned[j]
        codes = np.searchsorted(b.edges, x[:, j], side="right")
        for k, number in enumerate(b.special):
            codes[x[:, j] == number] = b.edges.size + 1 + k
        codes[np.isnan(x[:, j])] = b.woe.size - 1
        design[:, place] = -b.woe[codes]
    oracle = LogisticRegression(C=1.0, tol=1e-12, max_iter=1000, solver="newton-cholesky")
    expected = oracle.fit(design, y).predict_proba(design)[:, 1]
    assert np.abs(card.pd(columns(card, x)) - expected).max() < 1e-6


numbers = st.one_of(st.floats(-4, 4), st.sampled_from([np.nan, np.inf, -np.inf, -9.0, 0.0, 1.0]))


@given(st.lists(st.tuples(numbers, numbers, numbers), min_size=1, max_size=20))
@settings(max_examples=10, deadline=None)
def test_points_are_those_of_a_lookup(rows):
    card, _, _ = fitted(iv_min=0.0)
    x = np.array(rows)
    assert card.score(columns(card, x)).tolist() == [lookup(card, row) for row in x]


def test_numbers_at_an_edge_are_above_it():
    card, _, _ = fitted(iv_min=0.0)
    for f in card.features:
        x = np.full((len(f.edges), 3), 0.5)
        x[:, NAMES.index(f.name)] = f.edges
        assert card.score(columns(card, x)).tolist() == [lookup(card, row) for row in x]


def test_twenty_points_double_the_odds():
    # Siddiqi (2006), ch. 6: 600 points at 50 to 1, 20 to double.
    pd = odds_to_pd(np.array([600.0, 620.0, 580.0]))
    assert ((1 - pd) / pd).tolist() == pytest.approx([50.0, 100.0, 25.0])
    assert (
        pytest.approx(20 / np.log(2)) == FACTOR
        and pytest.approx(600 - FACTOR * np.log(50)) == OFFSET
    )


def test_one_row_as_many():
    card, x, _ = fitted(iv_min=0.0)
    many = card.score(columns(card, x[:100]))
    for row, expected in zip(x[:100], many, strict=True):
        points, reasons = card.score_one(dict(zip(NAMES, row.tolist(), strict=True)))
        assert points == expected and set(reasons) <= set(NAMES)


def test_reasons_are_the_points_lost():
    card, _, _ = fitted(iv_min=0.0)
    best = {}
    for f in (f for f in card.features if f.edges):
        middle = [f.edges[0] - 1.0, *f.edges]
        best[f.name] = middle[int(np.argmax(f.points[: len(f.edges) + 1]))]
    assert "a" not in card.score_one(best)[1]
    assert card.score_one(best | {"a": 4.0})[1][0] == "a"


def test_a_weight_against_its_bins_is_left_out():
    rng = np.random.default_rng(4)
    a = rng.normal(size=5000)
    b = a + rng.normal(size=5000)
    y = (rng.random(5000) < 1.0 / (1.0 + np.exp(2.0 - 4.0 * a + b))).astype(float)
    x = np.column_stack([a, b, rng.normal(size=5000)])
    card = fit_scorecard(x, y, bin_features(x, y, NAMES), penalty=0.0)
    assert card.dropped["b"] == "its weight would run against its bins"
    assert "information value" in card.dropped["c"] or "no two bins" in card.dropped["c"]
    assert [f.name for f in card.features] == ["a"]


def test_a_perfect_feature_without_penalty_does_not_settle():
    x = np.linspace(-1, 1, 2000)[:, None]
    y = (x[:, 0] > 0).astype(float)
    y[0] = 1.0
    x[0] = np.nan
    with pytest.raises((NotConverged, np.linalg.LinAlgError)):
        fit_scorecard(
            np.hstack([x, x]),
            y,
            bin_features(np.hstack([x, x]), y, ["a", "b"]),
            penalty=0.0,
            iv_min=-1.0,
        )


def test_data_round_trip():
    card, x, _ = fitted()
    again = Scorecard.from_data(json.loads(json.dumps(card.to_data())))
    assert (again.score(columns(card, x)) == card.score(columns(card, x))).all()


@pytest.mark.parametrize(
    ("change", "said"),
    [({"edges": [2.0, 1.0, 0.0]}, "must rise"), ({"points": [1.0]}, "points")],
)
def test_broken_data_is_refused(change, said):
    data = {
        "base": 0.0,
        "features": [{"name": "a", "edges": [1.0], "special": [], "points": [0.0, 1.0, 2.0]}],
    }
    data["features"][0] |= change
    with pytest.raises(InvalidInput, match=said):
        Scorecard.from_data(data)


def test_a_wrong_shape_is_refused():
    card, x, _ = fitted()
    with pytest.raises(InvalidInput, match="rows, one a feature"):
        card.score(x)
