"""Sensitivity against closed forms, scikit-learn, and intervals that cover as often as they say."""

import math
from statistics import NormalDist

import numpy as np
import pytest
from sklearn.inspection import permutation_importance
from sklearn.metrics import roc_auc_score

from techflow.credit import Card, auc
from techflow.credit.metrics import auc_change, auc_parts
from techflow.credit.sensitivity import (
    SHOCKS,
    Answers,
    partial_response,
    permute,
    respond,
    shock_numbers,
)
from techflow_service.cards import load_card


@pytest.fixture(scope="module")
def lines():
    """A card of lines, rows with every input known now and then, and outcomes its PD draws."""
    card, rng = load_card("korea-distress"), np.random.default_rng(3)
    x = np.column_stack([rng.uniform(f.points[0][0], f.points[-1][0], 2000) for f in card.features])
    x[rng.random(x.shape) < 0.1] = np.nan
    answers = Answers.of(card, x)
    y = (rng.random(2000) < 1.0 / (1.0 + np.exp(-answers.log_odds))).astype(float)
    return answers, y


def one_line(names, slopes):
    """A card of lines with straight effects."""
    card = load_card("korea-distress")
    features = tuple(
        type(f)(f.name, f.label, 0, f.why, f.show, 0.0, ((-9.0, -9.0 * b), (9.0, 9.0 * b)), 0.0)
        for f, b in zip(card.features[: len(names)], slopes, strict=True)
    )
    kept = {n: getattr(card, n) for n in Card.__dataclass_fields__} | {"features": features}
    return Card(**kept)


@pytest.mark.parametrize("card_id", ["us-bankruptcy", "polish-bankruptcy", "sba-default"])
def test_changing_one_input_is_asking_the_whole_forest_again(card_id):
    card, rng = load_card(card_id), np.random.default_rng(4)
    x = rng.normal(size=(60, len(card.features)))
    x[rng.random(x.shape) < 0.2] = np.nan
    answers = Answers.of(card, x)
    for place in range(0, x.shape[1], 5):
        other = x.copy()
        other[:, place] = rng.permutation(x[:, place])
        expected = card.forest.sums(other)
        assert np.abs(answers.change(place, other[:, place]) - expected).max() < 1e-12


def test_shocks_are_a_deviation_and_a_tenth():
    numbers = np.array([0.0, 2.0, np.nan])
    found = shock_numbers(numbers)
    step = np.std(np.clip([0.0, 2.0], 0.02, 1.98))
    assert tuple(found) == SHOCKS and np.isnan(found["unknown"]).all()
    assert found["plus_sd"][:2].tolist() == [step, 2.0 + step]
    assert found["minus_tenth"][:2].tolist() == [0.0, 1.8]
    assert tuple(shock_numbers(np.array([np.nan, np.nan]))) == ("unknown",)


def test_a_few_extremes_do_not_set_the_step():
    numbers = np.random.default_rng(1).normal(size=10_000)
    plain = shock_numbers(numbers)["plus_sd"] - numbers
    spoilt = numbers.copy()
    spoilt[:50] = 1e9
    assert (shock_numbers(spoilt)["plus_sd"] - spoilt)[-1] == pytest.approx(plain[-1], rel=0.05)


def test_responses_are_the_cards_own(lines):
    answers, _ = lines
    found = respond(answers, 0)
    f = answers.card.features[0]
    known = ~np.isnan(answers.x[:, 0])
    own = np.interp(answers.x[known, 0], *np.array(f.points).T)
    gone = answers.log_odds[known] - own + f.missing
    assert np.abs(found["unknown"][known] - gone).max() < 1e-12
    assert np.abs(found["unknown"][~known] - answers.log_odds[~known]).max() < 1e-12


def test_codes_are_only_made_unknown():
    card = load_card("sba-default")
    place = next(j for j, f in enumerate(card.features) if f.codes)
    answers = Answers.of(card, np.zeros((4, len(card.features))))
    assert tuple(respond(answers, place)) == ("unknown",)


def test_partial_response_of_a_straight_line_is_the_line():
    card, rng = one_line(("a", "b"), (0.7, -0.4)), np.random.default_rng(2)
    answers = Answers.of(card, rng.normal(size=(500, 2)))
    at, found = partial_response(answers, 0, (0.1, 0.9))
    mean = -0.4 * answers.x[:, 1].mean() + card.intercept
    assert [f.mean() for f in found] == pytest.approx((0.7 * at + mean).tolist(), abs=1e-12)
    empty = Answers.of(card, np.full((3, 2), np.nan))
    assert partial_response(empty, 0, (0.5,))[1] == ()


def test_importance_is_that_of_scikit_learn(lines):
    answers, y = lines

    def score(_, x, y):
        return roc_auc_score(y, Answers.of(answers.card, x).log_odds)

    class Asked:
        def fit(self):
            """scikit-learn asks for it."""

    oracle = permutation_importance(
        Asked(), answers.x, y, scoring=score, n_repeats=40, random_state=0
    )
    for place in range(answers.x.shape[1]):
        found = permute(answers, place, y, repeats_n=40)
        error = 4.0 * math.hypot(oracle.importances_std[place], oracle.importances_std[place])
        assert abs(found.value - oracle.importances_mean[place]) < error / math.sqrt(40) + 1e-12


def test_an_input_the_card_ignores_has_no_importance():
    card, rng = one_line(("a", "b"), (1.0, 0.0)), np.random.default_rng(2)
    answers = Answers.of(card, rng.normal(size=(400, 2)))
    found = permute(answers, 1, (rng.random(400) < 0.3).astype(float))
    assert (found.value, found.low, found.high) == (0.0, 0.0, 0.0)


def test_the_interval_covers_the_truth_as_often_as_it_says():
    # One normal input, events one unit higher: the AUC is Phi(1 / sqrt 2), and 1/2 when shuffled.
    card, truth, hits = one_line(("a",), (1.0,)), NormalDist().cdf(1 / math.sqrt(2)) - 0.5, 0
    runs = 400
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        y = (np.arange(600) < 60).astype(float)
        answers = Answers.of(card, (rng.normal(size=600) + y)[:, None])
        found = permute(answers, 0, y, seed=seed)
        hits += found.low <= truth <= found.high
    assert 0.92 <= hits / runs <= 0.99


def test_paired_error_is_that_of_the_difference():
    # The same ranks: no change and no error; independent scores: variances add.
    rng = np.random.default_rng(8)
    y = (np.arange(4000) < 1000).astype(float)
    one, two = rng.normal(size=4000) + y, rng.normal(size=4000) + y
    same = auc_change(auc_parts(y, one), auc_parts(y, 2.0 * one + 1.0))
    assert (same.value, same.se) == (0.0, 0.0)
    apart = auc_change(auc_parts(y, one), auc_parts(y, two))
    assert apart.value == pytest.approx(auc(y, two).value - auc(y, one).value, abs=1e-12)
    assert apart.se == pytest.approx(math.hypot(auc(y, one).se, auc(y, two).se), rel=0.05)
