"""Twisted draws against exact mixtures, and against draws that are not twisted."""

import numpy as np
import pytest
from scipy.stats import binom
from tests.portfolio.books import even_book, mixed_book
from tests.portfolio.exact import exact_default_counts

from techflow.basics import InvalidInput
from techflow.portfolio.expected import expected_loss
from techflow.portfolio.factors import draw_factors
from techflow.portfolio.importance import (
    Worlds,
    shift_to_tail,
    sobol_normals,
    weighted_worlds,
)
from techflow.portfolio.loss import simulate_losses
from techflow.portfolio.measures import measure_losses, measure_runs
from techflow.portfolio.plan import plan_losses
from techflow.portfolio.recovery import LgdModel
from techflow.portfolio.twist import twisted_losses


def z_score(sample, wanted):
    return (sample.mean() - wanted) / (sample.std() / np.sqrt(len(sample)))


def test_rare_counts_of_independent_firms_are_binomial():
    plan = plan_losses(even_book(50, 0.01), np.array([[0.0]]))
    worlds = Worlds(np.zeros((20_000, 1)), np.ones(20_000))
    loss, weight = twisted_losses(plan, worlds, loss_cny=6.0, seed=2)
    assert abs(loss.mean() - 6.0) < 4 * loss.std() / np.sqrt(20_000)
    for k in (4, 6, 8):
        sample = weight * (loss >= k)
        assert abs(z_score(sample, binom.sf(k - 1, 50, 0.01))) < 4
        assert sample.std() / np.sqrt(20_000) < 0.05 * binom.sf(k - 1, 50, 0.01)


def test_a_small_book_in_many_worlds_has_the_tail_of_the_exact_mixture():
    n, pd, correlation = 60, 0.01, 0.1
    plan = plan_losses(even_book(n, pd), np.array([[correlation**0.5]]))
    shift = shift_to_tail(plan, level=0.9999)
    worlds = weighted_worlds(draw_factors(40_000, 1, seed=3), shift)
    loss, weight = twisted_losses(plan, worlds, loss_cny=8.0, seed=3)
    exact = np.cumsum(exact_default_counts(n, pd, correlation)[::-1])[::-1]
    for k in (6, 8, 10):
        assert abs(z_score(weight * (loss >= k), exact[k])) < 4


def test_a_lumpy_book_with_moving_loss_rates_has_the_tail_of_plain_draws():
    loading = np.random.default_rng(1).uniform(0.1, 0.3, (6, 3))
    loans = mixed_book(100)
    loans = loans._replace(ead_cny=loans.ead_cny**2)
    plan = plan_losses(loans, loading, lgd_model=LgdModel(0.8, 0.4))
    plain = simulate_losses(plan, draw_factors(300_000, 3, seed=4), seed=4).sum(axis=1)
    wanted = measure_losses(plain, level=0.999)
    shift = shift_to_tail(plan, level=0.999)
    losses, weights = [], []
    for run in range(8):
        worlds = weighted_worlds(sobol_normals(1024, 3, seed=run), shift)
        aim = wanted.var_cny.value
        found = twisted_losses(plan, worlds, loss_cny=aim, seed=run, first=run * 1024)
        losses.append(found[0])
        weights.append(found[1])
    found = measure_runs(np.stack(losses), level=0.999, weight=np.stack(weights))
    for one, other in zip(found[1:], wanted[1:], strict=True):
        assert abs(one.value - other.value) < 4 * np.hypot(one.error, other.error)


def test_worlds_that_lose_enough_by_themselves_are_not_twisted():
    plan = plan_losses(mixed_book(100), np.full((6, 3), 0.3))
    worlds = Worlds(np.full((50, 3), -2.0), np.full(50, 0.7))
    aim = 0.9 * expected_loss(plan, worlds.factors)[0]
    assert twisted_losses(plan, worlds, loss_cny=aim, seed=1)[1] == pytest.approx(0.7, rel=1e-12)


@pytest.mark.parametrize("aim", [0.0, 60.0, np.nan])
def test_an_aim_that_cannot_be_is_refused(aim):
    plan = plan_losses(even_book(50, 0.01), np.array([[0.3]]))
    with pytest.raises(InvalidInput, match="below all exposure"):
        twisted_losses(plan, Worlds(np.zeros((1, 1)), np.ones(1)), loss_cny=aim, seed=1)
