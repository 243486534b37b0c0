"""Quantiles and shortfalls against closed forms, and stated errors against the spread of runs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from techflow.basics import InvalidInput
from techflow.portfolio.measures import measure_losses, measure_runs, tail_scenarios

LEVEL = 0.99
LOSSES = st.lists(st.integers(0, 30), min_size=40, max_size=80).map(lambda x: np.array(x, float))


def test_figures_and_errors_of_an_exponential_loss():
    rng, figures = np.random.default_rng(1), []
    for _ in range(400):
        found = measure_losses(rng.exponential(size=4000), level=LEVEL)
        wanted = 1.0, -np.log(1 - LEVEL), 1 - np.log(1 - LEVEL)
        pairs = zip(found, wanted, strict=True)
        figures.append([(figure.value - at) / figure.error for figure, at in pairs])
    scores = np.array(figures)
    assert np.abs(scores.mean(axis=0)).max() < 0.35
    assert (np.abs(scores.std(axis=0) - 1) < 0.2).all()


def test_draws_from_the_tail_give_the_tail_of_the_normal():
    x = np.random.default_rng(2).normal(3.0, 1.0, 50_000)
    found = measure_losses(x, level=0.999, weight=np.exp(4.5 - 3 * x))
    at = norm.ppf(0.999)
    assert abs(found.var_cny.value - at) < 4 * found.var_cny.error < 0.05
    assert abs(found.es_cny.value - norm.pdf(at) / 0.001) < 4 * found.es_cny.error < 0.05


@given(LOSSES, st.floats(0.5, 0.75))
def test_the_shortfall_is_the_weighted_mean_of_the_tail(losses, level):
    found, tail = measure_losses(losses, level=level), tail_scenarios(losses, level=level)
    assert tail.weight.sum() == pytest.approx(1.0)
    assert tail.weight @ losses[tail.scenario] == pytest.approx(found.es_cny.value)
    assert found.var_cny.value <= found.es_cny.value <= losses.max() + 1e-9
    # The definition: least loss that is exceeded with a chance of 1 - level or less.
    at = min(x for x in losses if (losses > x).mean() <= 1 - level + 1e-12)
    assert found.var_cny.value == at


def test_errors_of_runs_are_their_spread():
    losses = np.random.default_rng(3).exponential(size=(50, 2000))
    runs = measure_runs(losses, level=0.9, weight=np.ones_like(losses))
    whole = measure_losses(losses.ravel(), level=0.9)
    for one, other in zip(runs, whole, strict=True):
        assert one.value == other.value
        assert one.error == pytest.approx(other.error, rel=0.4)


def test_what_cannot_be_measured_is_refused():
    with pytest.raises(InvalidInput, match="10 or more must lie beyond"):
        measure_losses(np.arange(100.0), level=0.99)
    with pytest.raises(InvalidInput, match="level must be inside"):
        measure_losses(np.arange(100.0), level=1.0)
    with pytest.raises(InvalidInput, match="2 or more runs"):
        measure_runs(np.ones((1, 100)), level=0.9, weight=np.ones((1, 100)))
    with pytest.raises(InvalidInput, match="one shape"):
        tail_scenarios(np.ones(3), level=0.9, weight=np.ones(2))
