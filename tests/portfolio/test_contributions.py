"""Contributions against plain sums over each default, and against the whole."""

from functools import cache

import numba
import numpy as np
import pytest
from tests.portfolio.books import mixed_book

from techflow.basics import InvalidInput
from techflow.portfolio.contributions import contributions_by_bucket, contributions_by_firm
from techflow.portfolio.factors import draw_factors
from techflow.portfolio.importance import shift_to_tail, sobol_normals, weighted_worlds
from techflow.portfolio.loss import draw_defaults, simulate_losses
from techflow.portfolio.measures import Tail, measure_losses, tail_scenarios
from techflow.portfolio.plan import plan_losses
from techflow.portfolio.recovery import LgdModel

LOADING = np.random.default_rng(1).uniform(0.1, 0.3, (6, 3))
LOANS = mixed_book(300)
RUN = {"seed": 5, "first": 7}


@cache
def plan():
    """Made when first asked for: collecting the tests compiles nothing."""
    return plan_losses(LOANS, LOADING, lgd_model=LgdModel(0.8, 0.4))


def run(n=4000):
    worlds = weighted_worlds(draw_factors(n, 3, seed=5), shift_to_tail(plan(), level=0.99))
    losses = simulate_losses(plan(), worlds.factors, **RUN)
    tail = tail_scenarios(losses.sum(axis=1), level=0.99, weight=worlds.weight)
    return worlds, losses, tail


def test_firms_and_buckets_add_to_the_shortfall():
    worlds, losses, tail = run()
    shortfall = measure_losses(losses.sum(axis=1), level=0.99, weight=worlds.weight).es_cny.value
    firms = contributions_by_firm(plan(), worlds.factors, tail, **RUN)
    buckets = contributions_by_bucket(losses, tail)
    assert firms.value_cny.sum() == pytest.approx(shortfall, rel=1e-12)
    by_bucket = np.bincount(LOANS.bucket, firms.value_cny)
    assert buckets.value_cny == pytest.approx(by_bucket, rel=1e-9)


def test_values_and_errors_are_those_of_a_table_of_all_losses():
    worlds, _, tail = run(600)
    stream = draw_defaults(plan(), worlds.factors, **RUN)
    table = np.zeros((600, 300))
    table[np.repeat(np.arange(600), np.diff(stream.since)), stream.firm] = stream.loss_cny
    found = contributions_by_firm(plan(), worlds.factors, tail, **RUN)
    value = tail.weight @ table[tail.scenario]
    error = np.sqrt(tail.weight**2 @ (table[tail.scenario] - value) ** 2)
    assert found.value_cny == pytest.approx(value, rel=1e-9, abs=1e-12)
    assert found.error_cny == pytest.approx(error, rel=1e-6, abs=1e-9)


def test_stated_errors_are_the_spread_of_runs():
    values, errors = [], []
    for seed in range(60):
        worlds = draw_factors(2000, 3, seed=seed)
        losses = simulate_losses(plan(), worlds, seed=seed)
        tail = tail_scenarios(losses.sum(axis=1), level=0.95)
        found = contributions_by_bucket(losses, tail)
        values.append(found.value_cny)
        errors.append(found.error_cny)
    ratio = np.std(values, axis=0) / np.mean(errors, axis=0)
    # The tail itself varies too, which the stated error leaves out.
    assert (ratio > 0.7).all() and (ratio < 1.8).all()


def test_threads_change_no_figure():
    worlds, _, tail = run(1000)
    before = numba.get_num_threads()
    whole = contributions_by_firm(plan(), worlds.factors, tail, **RUN)
    numba.set_num_threads(1)
    try:
        alone = contributions_by_firm(plan(), worlds.factors, tail, **RUN)
    finally:
        numba.set_num_threads(before)
    assert np.array_equal(whole.value_cny, alone.value_cny)
    assert np.array_equal(whole.error_cny, alone.error_cny)


def test_sobol_points_will_do_as_well():
    worlds = weighted_worlds(sobol_normals(256, 3, seed=2), shift_to_tail(plan(), level=0.99))
    losses = simulate_losses(plan(), worlds.factors, seed=2)
    tail = tail_scenarios(losses.sum(axis=1), level=0.99, weight=worlds.weight)
    found = contributions_by_firm(plan(), worlds.factors, tail, seed=2)
    assert (found.value_cny >= 0).all() and (found.value_cny <= LOANS.ead_cny).all()


def test_a_tail_of_another_run_is_refused():
    with pytest.raises(InvalidInput, match="scenarios of a run of 2"):
        contributions_by_firm(plan(), np.zeros((2, 3)), Tail(np.array([2]), np.ones(1)), seed=1)
