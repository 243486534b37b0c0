"""Simulated losses against exact mixtures, and against themselves cut and threaded otherwise."""

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri
from tests.portfolio.books import even_book, mixed_book
from tests.portfolio.exact import exact_default_counts

from techflow.basics import InvalidInput
from techflow.portfolio.factors import draw_factors
from techflow.portfolio.loss import draw_defaults, simulate_losses
from techflow.portfolio.plan import plan_losses
from techflow.portfolio.recovery import FIXED_LGD, LgdModel

MOVING = LgdModel(0.8, 0.4)
LOADING = np.random.default_rng(1).normal(0, 0.25, (6, 3))


def mixed_plan(n=500, model=MOVING):
    return plan_losses(mixed_book(n), LOADING, lgd_model=model)


@pytest.mark.parametrize(("n", "pd", "correlation"), [(200, 0.02, 0.2), (50, 0.3, 0.05)])
def test_default_counts_are_those_of_the_exact_mixture(n, pd, correlation):
    plan = plan_losses(even_book(n, pd), np.array([[np.sqrt(correlation)]]))
    runs_n = 60_000
    found = simulate_losses(plan, draw_factors(runs_n, 1, seed=4), seed=4)[:, 0]
    exact = np.cumsum(exact_default_counts(n, pd, correlation))
    for level in (0.5, 0.9, 0.99, 0.999):
        k = int(np.searchsorted(exact, level))
        error = np.sqrt(exact[k] * (1 - exact[k]) / runs_n)
        assert abs((found <= k).mean() - exact[k]) < 3.5 * error


def test_each_firm_defaults_as_often_as_its_own_pd_says():
    loans, z = mixed_book(300), np.array([-1.0, 0.5, 0.3])
    plan, runs_n = plan_losses(loans, LOADING), 40_000
    stream = draw_defaults(plan, np.tile(z, (runs_n, 1)), seed=9)
    rest = np.sqrt(1 - (LOADING**2).sum(axis=1))[loans.group]
    chance = ndtr((ndtri(loans.pd) - (LOADING @ z)[loans.group]) / rest)
    seen = np.bincount(stream.firm, minlength=300) / runs_n
    z_scores = (seen - chance) / np.sqrt(chance * (1 - chance) / runs_n)
    assert np.abs(z_scores).max() < 4.5 and 0.85 < z_scores.std() < 1.15


@pytest.mark.parametrize("model", [FIXED_LGD, MOVING, LgdModel(0.8, 1.0), LgdModel(0.8, 0.0)])
def test_the_mean_is_the_expected_loss_whatever_the_loss_rate_does(model):
    loans = mixed_book(500)
    plan = plan_losses(loans, LOADING, lgd_model=model)
    found = simulate_losses(plan, draw_factors(40_000, 3, seed=6), seed=6).sum(axis=1)
    wanted = (loans.pd * loans.lgd * loans.ead_cny).sum()
    assert abs(found.mean() - wanted) < 4 * found.std() / np.sqrt(len(found))


def test_a_shared_loss_rate_is_higher_where_defaults_are_many():
    worlds = draw_factors(20_000, 3, seed=8)
    runs = {m: draw_defaults(mixed_plan(model=m), worlds, seed=8) for m in (FIXED_LGD, MOVING)}
    tails = {m: np.add.reduceat(np.append(s.loss_cny, 0.0), s.since[:-1]) for m, s in runs.items()}
    assert np.quantile(tails[MOVING], 0.999) > 1.05 * np.quantile(tails[FIXED_LGD], 0.999)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 100), st.integers(0, 2**63), st.sampled_from([1, 2]))
def test_neither_chunks_nor_threads_change_a_figure(cut, seed, threads):
    plan, worlds = mixed_plan(), draw_factors(100, 3, seed=seed)
    whole = simulate_losses(plan, worlds, seed=seed)
    before = numba.get_num_threads()
    numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
    try:
        parts = [
            simulate_losses(plan, worlds[:cut], seed=seed),
            simulate_losses(plan, worlds[cut:], seed=seed, first=cut),
        ]
    finally:
        numba.set_num_threads(before)
    assert np.array_equal(whole, np.vstack(parts))


@pytest.mark.parametrize("model", [MOVING, FIXED_LGD])
def test_the_stream_of_defaults_adds_to_the_losses(model):
    """Rates that stay are summed by a kernel of their own; the stream goes default by default."""
    loans, worlds = mixed_book(500), draw_factors(200, 3, seed=3)
    plan = plan_losses(loans, LOADING, lgd_model=model)
    losses, stream = simulate_losses(plan, worlds, seed=3), draw_defaults(plan, worlds, seed=3)
    scenario = np.repeat(np.arange(200), np.diff(stream.since))
    key = scenario * 3 + loans.bucket[stream.firm]
    summed = np.bincount(key, stream.loss_cny, 600).reshape(200, 3)
    assert losses == pytest.approx(summed, rel=1e-12)
    assert (stream.loss_cny <= loans.ead_cny[stream.firm]).all() and (stream.loss_cny >= 0).all()
    firms = list(zip(scenario.tolist(), stream.firm.tolist(), strict=True))
    assert len(firms) == len(set(firms))


def test_certain_and_impossible_defaults():
    loans = even_book(10, 0.0)._replace(pd=np.repeat([0.0, 1.0], 5))
    plan = plan_losses(loans, np.array([[0.5]]))
    assert (simulate_losses(plan, np.array([[-8.0], [0.0], [8.0]]), seed=1) == 5.0).all()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("pd", np.array([0.1, np.nan]), r"pd must be in \[0, 1\] and known; got nan for firm 1"),
        ("lgd", np.array([0.1, 1.1]), "lgd must be"),
        ("ead_cny", np.array([-1.0, 1.0]), "ead_cny must be"),
        ("group", np.array([0, 1]), "group: expected whole numbers from 0 to below 1"),
        ("bucket", np.array([0.0, 1.0]), "bucket: expected whole numbers"),
        ("pd", np.array([0.1]), "arrays of one length"),
    ],
)
def test_wrong_books_are_refused(field, value, words):
    with pytest.raises(InvalidInput, match=words):
        plan_losses(even_book(2, 0.1)._replace(**{field: value}), np.array([[0.4]]))


def test_wrong_worlds_and_loadings_are_refused():
    with pytest.raises(InvalidInput, match="below 1"):
        plan_losses(even_book(2, 0.1), np.array([[1.0]]))
    with pytest.raises(InvalidInput, match=r"shape \(scenarios, 1\)"):
        simulate_losses(plan_losses(even_book(2, 0.1), np.array([[0.4]])), np.zeros((3, 2)), seed=1)
