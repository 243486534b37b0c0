"""The planted mechanism is found again, and the factors scatter default rates as they should."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from techflow.economy import (
    YARDSTICK,
    base_log_odds,
    default_index,
    draw_defaults,
    draw_firms,
    draw_outcomes,
    stream,
)
from techflow.economy.draws import sigmoid

FIRMS_N = 50_000
NO_FACTORS = replace(YARDSTICK, common_correlation=0.0, sector_correlation=0.0)


def fit_logit(x, y, steps_n=12):
    """Newton's method on the logistic likelihood; coefficients and standard errors."""
    x = np.column_stack([np.ones(len(y)), x])
    beta = np.zeros(x.shape[1])
    for _ in range(steps_n):
        p = sigmoid(x @ beta)
        hessian = (x * (p * (1 - p))[:, None]).T @ x
        beta = beta + np.linalg.solve(hessian, x.T @ (y - p))
    return beta, np.sqrt(np.diag(np.linalg.inv(hessian)))


def drawn(mechanism, seed=11):
    firms = draw_firms(mechanism, seed=seed, chunk=0)
    return {**firms, **draw_outcomes(mechanism, firms, seed=seed, chunk=0)}


@pytest.mark.parametrize("strength", [0.0, 1.0, 2.0])
def test_planted_strength_of_technology_flow_is_recovered(strength):
    mechanism = replace(NO_FACTORS, technology_strength=strength)
    firms = drawn(mechanism)
    alive = ~np.isnan(firms["defaulted_next"])
    stage = firms["stage"][:, None] == np.array([0, 2])
    x = np.column_stack([firms["technology"], firms["quality"], stage])[alive]
    beta, error = fit_logit(x, firms["defaulted_next"][alive])
    low, _, high = mechanism.stage_log_odds
    planted = [base_log_odds(mechanism), -strength, -mechanism.quality_strength, low, high]
    assert (np.abs(beta - planted) <= 3 * error).all(), (beta, planted, error)


@pytest.mark.parametrize("strength", [0.0, 1.0, 2.0])
def test_true_index_predicts_default_one_for_one(strength):
    mechanism = replace(NO_FACTORS, technology_strength=strength)
    firms = drawn(mechanism, seed=12)
    alive = ~np.isnan(firms["defaulted_next"])
    beta, error = fit_logit(firms["index"][alive, None], firms["defaulted_next"][alive])
    assert (np.abs(beta - [0.0, 1.0]) <= 3 * error).all(), (beta, error)


def test_conditional_probability_is_the_one_given_the_factors():
    """Vasicek 2002: Phi((Phi^-1(pd) - factor) / sqrt(1 - r)), factor part known."""
    firms = drawn(YARDSTICK)
    correlation = YARDSTICK.common_correlation + YARDSTICK.sector_correlation
    distance = (norm.ppf(firms["pd"]) - firms["factor_next"]) / np.sqrt(1 - correlation)
    given = norm.cdf(distance)
    alive = ~np.isnan(firms["defaulted_next"])
    beta, error = fit_logit(
        np.log(given / (1 - given))[alive, None], firms["defaulted_next"][alive]
    )
    assert (np.abs(beta - [0.0, 1.0]) <= 3 * error).all(), (beta, error)
    chance, fell = given[alive], firms["defaulted_next"][alive]
    level = (fell.sum() - chance.sum()) / np.sqrt((chance * (1 - chance)).sum())
    assert abs(level) <= 3, level


@pytest.mark.parametrize("strength", [0.0, 1.0, 2.0])
def test_intercept_gives_the_declared_default_rate(strength):
    mechanism = replace(YARDSTICK, technology_strength=strength)
    firms = draw_firms(mechanism, seed=3, chunk=0)
    pd = sigmoid(default_index(mechanism, firms))
    error = pd.std() / np.sqrt(len(pd))
    assert abs(pd.mean() - mechanism.default_rate_pa) <= 3 * error


def joint_default(pd, correlation):
    """Probability that two firms default together: the bivariate normal."""
    distance = norm.ppf(pd)
    return multivariate_normal.cdf([distance] * 2, cov=[[1, correlation], [correlation, 1]])


@pytest.mark.parametrize("correlation", [0.05, 0.2])
def test_default_rate_scatters_as_vasicek_says(correlation):
    """Var of the rate of n equal firms: joint - pd^2 + (pd - joint) / n."""
    pd, firms_n, scenarios_n = 0.03, 500, 2_000
    rng = stream(5, "vasicek")
    factor = np.sqrt(correlation) * rng.standard_normal((scenarios_n, 1))
    own = rng.standard_normal((scenarios_n, firms_n))
    rate = draw_defaults(np.full(firms_n, pd), factor, own, correlation).mean(axis=1)
    joint = joint_default(pd, correlation)
    expected = joint - pd**2 + (pd - joint) / firms_n
    level = (rate.mean() - pd) / np.sqrt(expected / scenarios_n)
    assert abs(level) <= 3, level
    squares = (rate - pd) ** 2
    z = (squares.mean() - expected) / (squares.std() / np.sqrt(scenarios_n))
    assert abs(z) <= 3, z


def test_firms_of_a_sector_default_together_more_than_others():
    """Pairs within a sector share both factors, pairs across sectors the common one only."""
    mechanism = replace(
        YARDSTICK,
        chunk_firms=1_200,
        outcome_years_n=0,
        default_rate_pa=0.05,
        quality_strength=0.0,
        technology_strength=0.0,
        stage_log_odds=(0.0, 0.0, 0.0),
    )
    pd, within, across = mechanism.default_rate_pa, [], []
    for seed in range(400):
        firms = drawn(mechanism, seed=seed)
        gap = firms["defaulted_next"] - pd
        size = np.bincount(firms["sector"], minlength=12)
        total = np.bincount(firms["sector"], weights=gap, minlength=12)
        square = np.bincount(firms["sector"], weights=gap**2, minlength=12)
        within.append((total**2 - square).sum() / (size * (size - 1)).sum())
        across.append((total.sum() ** 2 - (total**2).sum()) / (size.sum() ** 2 - (size**2).sum()))
    common = mechanism.common_correlation
    for found, correlation in (
        (np.array(within), common + mechanism.sector_correlation),
        (np.array(across), common),
    ):
        expected = joint_default(pd, correlation) - pd**2
        z = (found.mean() - expected) / (found.std() / np.sqrt(len(found)))
        assert abs(z) <= 3, (z, found.mean(), expected)
