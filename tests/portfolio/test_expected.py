"""Conditional means against SciPy's integrals; likeliest worlds against a general optimiser."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.special import ndtr, ndtri
from scipy.stats import norm
from tests.portfolio.books import even_book, mixed_book

from techflow.basics import InvalidInput
from techflow.portfolio.expected import expected_loss, worst_factors
from techflow.portfolio.plan import plan_losses
from techflow.portfolio.recovery import FIXED_LGD, LgdModel

LOADING = np.random.default_rng(1).normal(0.2, 0.1, (6, 3))
WORLDS = np.random.default_rng(2).normal(size=(5, 3))


def test_with_fixed_loss_rates_it_is_the_sum_of_conditional_pds():
    loans = mixed_book(200)
    rest = np.sqrt(1 - (LOADING**2).sum(axis=1))[loans.group]
    for z in WORLDS:
        chance = ndtr((ndtri(loans.pd) - (LOADING @ z)[loans.group]) / rest)
        found = expected_loss(plan_losses(loans, LOADING), z[None, :])[0]
        assert found == pytest.approx(chance @ (loans.ead_cny * loans.lgd), rel=1e-9)


def test_moving_loss_rates_are_integrated_out():
    plan = plan_losses(even_book(1, 0.1, 0.4), np.array([[0.5]]), lgd_model=LgdModel(0.7, 0.3))
    z = -1.3
    tilt, wobble = 0.7 * 0.3**0.5, 0.7 * 0.7**0.5
    rate = quad(
        lambda e: ndtr(plan.centre[0] - tilt * z - wobble * e) * norm.pdf(e), -9, 9, epsabs=1e-12
    )[0]
    chance = ndtr((ndtri(0.1) - 0.5 * z) / np.sqrt(0.75))
    assert expected_loss(plan, np.array([[z]]))[0] == pytest.approx(chance * rate, rel=1e-8)


@pytest.mark.parametrize("model", [FIXED_LGD, LgdModel(0.8, 0.4)])
@pytest.mark.parametrize("times", [1.5, 4.0, 8.0])
def test_no_nearer_world_loses_as_much(model, times):
    plan = plan_losses(mixed_book(200), LOADING, lgd_model=model)
    aim = times * expected_loss(plan, np.zeros((1, 3)))[0]
    found = worst_factors(plan, loss_cny=aim)
    assert expected_loss(plan, found[None, :])[0] == pytest.approx(aim, rel=1e-7)
    other = minimize(
        lambda z: z @ z,
        np.array([-1.0, -1.0, -1.0]),
        constraints={"type": "eq", "fun": lambda z: expected_loss(plan, z[None, :])[0] / aim - 1},
        method="SLSQP",
        options={"ftol": 1e-12, "maxiter": 500},
    )
    assert np.linalg.norm(found) <= np.linalg.norm(other.x) + 1e-5
    assert found == pytest.approx(other.x, abs=1e-3)


@pytest.mark.parametrize("loss", [0.0, 0.09, 1.1])
def test_a_loss_that_no_bad_world_brings_is_refused(loss):
    with pytest.raises(InvalidInput, match="above that of a normal world"):
        worst_factors(plan_losses(even_book(1, 0.1), np.array([[0.0001]])), loss_cny=loss)
