"""Forests as arrays. Oracle: LightGBM's own prediction and its own Shapley contributions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from techflow.basics import InvalidInput
from techflow.basics.lines import known
from techflow.basics.trees import Forest
from techflow_service.training.boosting import Growth, boost, forest_of

GROWTH = Growth((1, -1, 0, 0), 25, 0.2, 12, 5, 5, 1.0, 0.8, 1.0)


def sample(seed, unknown_share=0.1, n=400):
    """Rows with ties and unknown numbers, and an outcome that depends on them."""
    rng = np.random.default_rng(seed)
    x = np.round(rng.normal(size=(n, 4)), 1)
    y = (x[:, 0] - x[:, 1] + x[:, 2] ** 2 + rng.normal(size=n) > 0.5).astype(float)
    x[rng.random(x.shape) < unknown_share] = np.nan
    return x, y


def grown(seed, unknown_share=0.1):
    x, y = sample(seed, unknown_share)
    return boost(x, y, GROWTH, seed=seed, objective="binary"), x


@pytest.mark.parametrize("unknown_share", [0.0, 0.2])
def test_sums_are_those_of_lightgbm(unknown_share):
    booster, x = grown(3, unknown_share)
    fresh = np.vstack([x, sample(4, 0.3)[0], [[np.inf, -np.inf, np.nan, 0.0]]])
    expected = booster.predict(fresh, raw_score=True)
    assert np.abs(forest_of(booster.dump_model()).sums(fresh) - expected).max() < 1e-12


@pytest.mark.parametrize("unknown_share", [0.0, 0.2])
def test_contributions_are_those_of_lightgbm(unknown_share):
    booster, x = grown(5, unknown_share)
    forest, expected = forest_of(booster.dump_model()), booster.predict(x, pred_contrib=True)
    assert np.abs(forest.contributions(x) - expected[:, :-1]).max() < 1e-9
    assert np.abs(forest.mean - expected[:, -1]).max() < 1e-9


@given(st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_contributions_add_up_to_the_sum(seed):
    booster, x = grown(seed)
    forest = forest_of(booster.dump_model())
    total = forest.mean + forest.contributions(x).sum(axis=1)
    assert np.abs(total - forest.sums(x)).max() < 1e-9


def test_expression_is_the_sum_on_every_engine(make, rows):
    booster, x = grown(7)
    forest, fresh = forest_of(booster.dump_model()), sample(8, 0.3)[0]
    names = ["a", "b", "c", "d"]
    table = [
        {"row_n": i} | {n: None if np.isnan(v) else v for n, v in zip(names, row, strict=True)}
        for i, row in enumerate(fresh.tolist())
    ]
    scored = make(table).with_columns(total=forest.expression([known(name) for name in names]))
    found = [row["total"] for row in sorted(rows(scored), key=lambda row: row["row_n"])]
    assert np.abs(np.array(found) - forest.sums(fresh)).max() < 1e-12
    assert x.shape[1] == len(names)


def test_the_sum_follows_the_signs():
    booster, x = grown(9)
    forest = forest_of(booster.dump_model())
    steps = np.linspace(-3.0, 3.0, 61)
    for row in x[:20]:
        for place, sign in enumerate(GROWTH.signs[:2]):
            line = np.tile(row, (steps.size, 1))
            line[:, place] = steps
            assert (np.diff(forest.sums(line)) * sign >= -1e-12).all()


def test_data_round_trip():
    booster, x = grown(11)
    forest = forest_of(booster.dump_model())
    again = Forest.from_data(forest.to_data())
    assert (again.sums(x) == forest.sums(x)).all()


@pytest.mark.parametrize(
    ("change", "said"),
    [({"left": [0, -1, -1]}, "later nodes"), ({"value": [0.0]}, "one length")],
)
def test_a_broken_forest_is_refused(change, said):
    data = {
        "roots": [0],
        "feature": [0, -1, -1],
        "threshold": [1.5, 0, 0],
        "unknown_left": [True, False, False],
        "left": [1, -1, -1],
        "right": [2, -1, -1],
        "value": [0, -1.0, 2.0],
        "cover": [4, 3, 1],
    }
    with pytest.raises(InvalidInput, match=said):
        Forest.from_data(data | change)


def test_long_paths_have_no_reasons():
    x = np.random.default_rng(1).normal(size=(3000, 12))
    y = (x.sum(axis=1) > 0).astype(float)
    deep = Growth((0,) * 12, 3, 0.3, 200, 14, 2, 1.0, 1.0, 0.0)
    forest = forest_of(boost(x, y, deep, seed=1, objective="binary").dump_model())
    with pytest.raises(InvalidInput, match="smaller depth"):
        forest.contributions(x)
