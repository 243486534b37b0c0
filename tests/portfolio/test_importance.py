"""Tails from shifted Sobol points against exact mixtures and plain runs."""

import sys

import numpy as np
import pytest
from tests.portfolio.books import even_book, mixed_book
from tests.portfolio.exact import exact_default_counts, exact_tail

from techflow.basics import InvalidInput
from techflow.portfolio.factors import draw_factors
from techflow.portfolio.importance import (
    shift_to_tail,
    sobol_normals,
    tail_risk,
    weighted_worlds,
)
from techflow.portfolio.loss import simulate_losses
from techflow.portfolio.measures import measure_losses
from techflow.portfolio.plan import plan_losses
from techflow.portfolio.recovery import LgdModel


@pytest.mark.parametrize("level", [0.99, 0.999, 0.9999])
def test_tail_is_that_of_the_exact_mixture(level):
    plan = plan_losses(even_book(1000, 0.02), np.array([[0.15**0.5]]))
    found = tail_risk(plan, level=level, points_n=1024, runs_n=16, seed=3)
    at, shortfall = exact_tail(exact_default_counts(1000, 0.02, 0.15), level)
    # A count can only be right to one; the error of the runs is beside it.
    assert abs(found.var_cny.value - at) < 1 + 4 * found.var_cny.error
    assert abs(found.es_cny.value - shortfall) < 4 * found.es_cny.error + 1e-9
    assert found.es_cny.error < 0.005 * shortfall


def test_tail_is_that_of_a_plain_run_with_many_factors_and_loss_rates():
    loading = np.random.default_rng(1).uniform(0.1, 0.3, (6, 3))
    plan = plan_losses(mixed_book(2000), loading, lgd_model=LgdModel(0.8, 0.4))
    found = tail_risk(plan, level=0.999, seed=5)
    losses = simulate_losses(plan, draw_factors(200_000, 3, seed=6), seed=6).sum(axis=1)
    plain = measure_losses(losses, level=0.999)
    for one, other in zip(found[1:], plain[1:], strict=True):
        assert abs(one.value - other.value) < 4 * np.hypot(one.error, other.error)
        assert one.error < 0.02 * one.value


def test_weights_keep_the_moments_of_the_factors():
    shift = np.array([-1.0, 0.5, -2.0])
    worlds = weighted_worlds(sobol_normals(2**16, 3, seed=1), shift)
    mean = worlds.weight[:, None] * worlds.factors
    square = (worlds.factors * worlds.weight[:, None]).T @ worlds.factors / 2**16
    assert worlds.weight.mean() == pytest.approx(1.0, abs=0.01)
    assert mean.mean(axis=0) == pytest.approx(np.zeros(3), abs=0.05)
    assert square == pytest.approx(np.eye(3), abs=0.15)
    assert worlds.factors.mean(axis=0) == pytest.approx(shift, abs=0.01)


def test_no_shift_changes_nothing():
    normals = sobol_normals(8, 2, seed=1)
    worlds = weighted_worlds(normals, np.zeros(2))
    assert np.array_equal(worlds.factors, normals) and (worlds.weight == 1).all()


def test_wrong_input_is_refused(monkeypatch):
    plan = plan_losses(even_book(10, 0.1), np.array([[0.4]]))
    with pytest.raises(InvalidInput, match="power of 2"):
        sobol_normals(100, 2, seed=1)
    with pytest.raises(InvalidInput, match=r"inside \(0.5, 1\)"):
        shift_to_tail(plan, level=0.4)
    with pytest.raises(InvalidInput, match="depends on a factor"):
        shift_to_tail(plan_losses(even_book(10, 0.1), np.zeros((1, 1))), level=0.999)
    monkeypatch.setitem(sys.modules, "scipy.stats", None)
    with pytest.raises(InvalidInput, match=r"techflow\[train\]"):
        sobol_normals(4, 2, seed=1)
