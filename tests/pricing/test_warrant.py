"""Warrants: Black-Scholes, Merton's jump to ruin, published American values, bounds, order."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from techflow.basics import InvalidInput
from techflow.pricing.hazard import Curve, Hazards
from techflow.pricing.warrant import (
    Warrant,
    bullet_duration,
    forecast_terms,
    loan_uplift,
    strike_share,
    value_european,
)
from techflow.pricing.warrant_tree import tree_values, value_american

BASE = {
    "equity_cny": 2e8,
    "equity_share": 0.015,
    "subscription_cny": 1.5e6,
    "term_years": 4.0,
    "volatility": 0.5,
    "growth_rate_pa": 0.02,
    "rate_pa": 0.02,
    "exit_cost_share": 0.1,
}
spots, strikes = st.floats(1e7, 1e9), st.floats(1e4, 3e7)
shares, sigmas = st.floats(0.001, 0.3), st.floats(0.1, 1.2)
years, growths = st.floats(0.5, 5.0), st.floats(-0.05, 0.1)
hazard_rows = st.lists(st.floats(0.0, 0.3), min_size=5, max_size=5)


def warrants(**changed):
    return Warrant(**{name: np.atleast_1d(value) for name, value in (BASE | changed).items()})


def hazards(rates=(0.03,)):
    return Hazards(np.arange(1.0, len(rates) + 1), np.array([list(rates)]))


def call(spot, strike, carry, rate, sigma, term):
    """Black-Scholes with SciPy's normal distribution; `carry` is the growth of the asset."""
    d1 = (np.log(spot / strike) + (carry + sigma**2 / 2) * term) / (sigma * np.sqrt(term))
    paid = spot * np.exp(carry * term) * norm.cdf(d1)
    return np.exp(-rate * term) * (paid - strike * norm.cdf(d1 - sigma * np.sqrt(term)))


def test_black_scholes_published():
    """Hull (2012), 8th ed., example 14.6: S 42, K 40, r 10 %, sigma 20 %, half a year: 4.76.

    A share of half and a subscription of 40 make the strike 40 and the holder's part a half.
    """
    terms = {"equity_cny": 42.0, "subscription_cny": 40.0, "equity_share": 0.5}
    rates = {"term_years": 0.5, "volatility": 0.2, "growth_rate_pa": 0.1, "rate_pa": 0.1}
    one = warrants(**terms, **rates, exit_cost_share=0.0)
    assert value_european(one, hazards([0.0]))[0] / 0.5 == pytest.approx(4.76, abs=0.005)


@settings(max_examples=10, deadline=None)
@given(spots, strikes, shares, sigmas, years, growths, st.floats(0.0, 0.3))
def test_jump_to_ruin(spot, paid, share, sigma, term, growth, hazard):
    """Merton (1976): Black-Scholes with the hazard added to growth and discount rate."""
    one = warrants(
        equity_cny=spot,
        subscription_cny=paid,
        equity_share=share,
        volatility=sigma,
        term_years=term,
        growth_rate_pa=growth,
        exit_cost_share=0.0,
    )
    strike = paid * (1 - share) / share
    merton = share * call(spot, strike, growth + hazard, 0.02 + hazard, sigma, term)
    found = value_european(one, hazards([hazard]))[0]
    assert found == pytest.approx(merton, rel=1e-9, abs=1e-9 * share * spot)


@pytest.mark.parametrize("cost", [0.0, 0.2])
def test_payoff_by_quadrature(cost):
    """Holder sells his part of the firm with his money in it; nothing after default."""
    rates = [0.01, 0.05, 0.02, 0.04]
    one, alive = warrants(exit_cost_share=cost), np.exp(-sum(rates))
    spread = 0.5 * 2.0
    mean = np.log(2e8) + 0.02 * 4 - np.log(alive) - spread**2 / 2

    def gain(z):
        after = np.exp(mean + spread * z) + 1.5e6
        return max((1 - cost) * 0.015 * after - 1.5e6, 0.0) * norm.pdf(z)

    edge = (np.log(1.5e6 * (1 - 0.015 * (1 - cost)) / (0.015 * (1 - cost))) - mean) / spread
    exact = np.exp(-0.08) * alive * quad(gain, edge, 12, epsabs=1e-8, epsrel=1e-12)[0]
    assert value_european(one, hazards(rates))[0] == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize("rates", [(0.0,), (0.03, 0.08, 0.02)])
def test_tree_converges_with_order_one(rates):
    one, alive = warrants(), hazards(rates)
    exact, steps = value_european(one, alive)[0], np.array([25, 50, 100, 200, 400])
    errors = [abs(tree_values(one, alive, steps_n=n)[0][0] - exact) for n in steps]
    order = -np.polyfit(np.log(steps), np.log(errors), 1)[0]
    assert 0.9 < order < 1.2
    assert errors[-1] < 1e-3 * exact


@pytest.mark.parametrize(
    ("spot", "sigma", "term", "european", "american"),
    [
        (36.0, 0.2, 1, 3.844, 4.478),
        (36.0, 0.2, 2, 3.763, 4.840),
        (36.0, 0.4, 1, 6.711, 7.101),
        (40.0, 0.2, 1, 2.066, 2.314),
        (44.0, 0.4, 2, 5.202, 5.647),
    ],
)
def test_american_published(spot, sigma, term, european, american):
    """Longstaff and Schwartz (2001), Review of Financial Studies 14, table 1: puts, K 40, r 6 %.

    Fifty exercise days a year, finite differences. A put is a call with spot and strike, rate
    and yield exchanged (McDonald and Schroder 1998, Journal of Computational Finance 1).
    """
    one = warrants(
        equity_cny=40.0,
        subscription_cny=spot,
        equity_share=0.5,
        volatility=sigma,
        term_years=float(term),
        growth_rate_pa=-0.06,
        rate_pa=0.0,
        exit_cost_share=0.0,
    )
    assert value_european(one, hazards([0.0]))[0] / 0.5 == pytest.approx(european, abs=6e-4)
    found = value_american(one, hazards([0.0]), steps_n=50 * term)[0] / 0.5
    assert found == pytest.approx(american, abs=6e-3)


@settings(max_examples=25, deadline=None)
@given(spots, strikes, shares, sigmas, years, growths, hazard_rows)
def test_bounds(spot, paid, share, sigma, term, growth, rates):
    one = warrants(
        equity_cny=spot,
        subscription_cny=paid,
        equity_share=share,
        volatility=sigma,
        term_years=term,
        growth_rate_pa=growth,
    )
    alive = hazards(rates)
    european, american = value_european(one, alive)[0], value_american(one, alive, steps_n=60)[0]
    part, strike = one.part[0], one.strike_cny[0]
    asset = part * spot * np.exp((growth - 0.02) * term)
    lives = alive.survival(one.term_years)[0, 0]
    least = asset - part * strike * lives * np.exp(-0.02 * term)
    slack = 1e-9 * part * spot
    assert max(least, 0.0) - slack <= european <= asset + slack
    assert european - slack <= american <= max(part * spot, asset) + slack
    assert american >= part * (spot - strike) - slack
    if growth >= 0.02:  # nothing is paid out on the shares: waiting never costs
        end, any_step = tree_values(one, alive, steps_n=60)
        assert american == european
        assert any_step[0] == pytest.approx(end[0], rel=1e-9, abs=slack)


@settings(max_examples=10, deadline=None)
@given(hazard_rows)
def test_many_at_once_is_one_by_one(rates):
    table = np.outer(np.linspace(0.2, 1.0, 4), rates)
    terms, sigma = np.array([3.0, 3.5, 4.0, 5.0]), np.array([0.2, 0.4, 0.6, 0.8])
    many = Warrant(
        **{name: np.full(4, value) for name, value in BASE.items()}
        | {"term_years": terms, "volatility": sigma, "growth_rate_pa": np.full(4, -0.05)}
    )
    found = value_american(many, Hazards(np.arange(1.0, 6.0), table), steps_n=40)
    for i in range(4):
        one = warrants(term_years=terms[i], volatility=sigma[i], growth_rate_pa=-0.05)
        assert value_american(one, hazards(table[i]), steps_n=40)[0] == pytest.approx(
            found[i], rel=1e-12
        )


def test_firm_that_outgrows_its_volatility_in_a_step_is_unknown_alone():
    terms = {name: np.full(2, value) for name, value in BASE.items()}
    terms |= {"volatility": np.array([0.01, 0.5]), "growth_rate_pa": np.full(2, 0.01)}
    pair = Warrant(**terms)
    table = Hazards(np.array([1.0]), np.array([[0.5], [0.5]]))
    assert np.isnan(value_american(pair, table, steps_n=10)).tolist() == [True, False]


def test_free_subscription_is_a_part_of_the_firm():
    one = warrants(subscription_cny=0.0, exit_cost_share=0.0)
    assert value_european(one, hazards())[0] == pytest.approx(0.015 * 2e8, rel=1e-12)
    assert value_american(one, hazards(), steps_n=20)[0] == pytest.approx(0.015 * 2e8, rel=1e-12)


def test_duration_and_uplift():
    """Closed form (1 - e^-(r + h)T) / (r + h); a margin of the uplift is worth the warrant."""
    found = bullet_duration(hazards(), Curve.flat(0.02), np.array([3.0]))
    assert found[0] == pytest.approx(-np.expm1(-0.05 * 3) / 0.05, rel=1e-14)
    pieces = Curve(np.array([1.0, 2.0]), np.array([0.02, 0.02]))
    assert bullet_duration(hazards([0.03] * 5), pieces, np.array([3.0])) == pytest.approx(found)
    uplift = loan_uplift(np.array([2e5]), np.array([1e7]), found)
    assert uplift[0] * 1e7 * found[0] == pytest.approx(2e5)


def test_forecast_has_the_quantiles_of_the_card():
    low, median, high = 0.0, 0.3, 0.6
    growth, sigma = forecast_terms(
        *(np.array([x]) for x in (median, low, high)), interval_share=0.9, horizon_years=3.0
    )
    law = norm((growth[0] - sigma[0] ** 2 / 2) * 3, sigma[0] * np.sqrt(3))
    assert law.ppf([0.05, 0.5, 0.95]) == pytest.approx([low, median, high], abs=1e-12)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"equity_cny": 0.0}, "equity_cny must be above 0; got 0.0"),
        ({"equity_share": 1.0}, r"equity_share must be in \(0, 1\)"),
        ({"subscription_cny": -1.0}, "subscription_cny must be 0 or more"),
        ({"volatility": float("nan")}, "volatility must be above 0; got nan"),
        ({"exit_cost_share": 1.0}, "exit_cost_share"),
    ],
)
def test_wrong_input(changed, words):
    with pytest.raises(InvalidInput, match=words):
        warrants(**changed)


def test_wrong_steps_and_interval():
    with pytest.raises(InvalidInput, match="steps_n must be 2 or more"):
        tree_values(warrants(), hazards(), steps_n=1)
    flat = np.array([0.1])
    with pytest.raises(InvalidInput, match="upper end"):
        forecast_terms(flat, flat, flat, interval_share=0.9, horizon_years=1.0)
    with pytest.raises(InvalidInput, match="interval_share"):
        forecast_terms(flat, flat, flat + 1, interval_share=1.0, horizon_years=1.0)


def test_terms_at_the_last_round():
    """A subscription of 1 m at a valuation of 99 m buys 1 %; the strike is the valuation."""
    share = strike_share(np.array([1e6]), np.array([9.9e7]))
    one = warrants(subscription_cny=1e6, equity_share=share, exit_cost_share=0.0)
    assert one.strike_cny[0] == pytest.approx(9.9e7)
