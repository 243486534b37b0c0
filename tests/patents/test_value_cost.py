"""Cost approach against quadrature and closed forms; market estimate against a textbook form."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import linregress, norm, weibull_min

from techflow.basics import InvalidInput
from techflow.patents.cost import (
    CostCase,
    cost_new,
    cost_quantiles,
    cost_value,
    indexed_spending,
    left_years,
    remaining_share,
)
from techflow.patents.market import fit_prices, market_value

SPANS = {
    "rnd_cny": (1.0, 1e7),
    "direct_cny": (0.0, 1e6),
    "profit_share": (0.0, 0.5),
    "attribution_sigma": (0.05, 0.8),
    "age_years": (0.0, 15.0),
    "legal_life_years": (0.1, 20.0),
    "scale_years": (2.0, 30.0),
    "shape": (0.7, 3.0),
}
CASES = st.builds(
    lambda **row: CostCase(**{name: np.array([value]) for name, value in row.items()}),
    **{name: st.floats(*span) for name, span in SPANS.items()},
)


def plain(**changes):
    row = {
        "rnd_cny": 1e6,
        "direct_cny": 0.0,
        "profit_share": 0.2,
        "attribution_sigma": 0.4,
        "age_years": 5.0,
        "legal_life_years": 15.0,
        "scale_years": math.inf,
        "shape": 1.5,
    }
    return CostCase(**{name: np.array([value]) for name, value in (row | changes).items()})


def test_spending_by_hand():
    # 100 at index 80 and 50 at 100, in prices of index 120: 150 + 60.
    spent = np.array([[100.0, 50.0], [np.nan, 50.0], [np.nan, np.nan]])
    found = indexed_spending(spent, np.array([80.0, 100.0]), index_now=120)
    assert found == pytest.approx([210.0, 60.0, np.nan], nan_ok=True)


def test_a_year_with_spending_needs_its_index():
    spent = np.array([[100.0, 50.0], [np.nan, 50.0]])
    found = indexed_spending(spent, np.array([np.nan, 100.0]), index_now=120)
    assert found == pytest.approx([np.nan, 60.0], nan_ok=True)
    with pytest.raises(InvalidInput, match="price_index"):
        indexed_spending(spent, np.array([0.0, 100.0]), index_now=120)


def test_certain_life_gives_the_quantiles_of_a_lognormal():
    # (1e6 x 1.2) x 15 / 20, mean kept: median x exp(-sigma^2 / 2).
    middle = 9e5 * math.exp(-0.08)
    z = norm.ppf(0.95) * 0.4
    expected = [middle * math.exp(-z), middle, middle * math.exp(z), 9e5]
    assert cost_quantiles(plain())[0] == pytest.approx(expected, rel=2e-3)


@given(CASES)
def test_quantiles_meet_the_distribution_by_quadrature(case):
    rnd, direct, profit, sigma, age, legal, scale, shape = (float(field[0]) for field in case)
    chance = (np.arange(20_000) + 0.5) / 20_000
    life = weibull_min(shape, scale=scale)
    years = np.clip(life.isf((1 - chance) * life.sf(age)) - age, 1e-12, legal)

    def below(value):
        """P(cost <= value): lognormal given the years left, averaged over their quantiles."""
        due = value * (age + years) / years / (1 + profit) - direct
        with np.errstate(divide="ignore", invalid="ignore"):
            given_left = norm.cdf((np.log(due / rnd) + sigma**2 / 2) / sigma)
        return np.where(due > 0, given_left, 0.0).mean()

    found = cost_quantiles(case)[0]
    # The lattice has 987 points; 0.01 is what so many may miss.
    assert below(found[0] * (1 - 1e-6)) < 0.05 + 0.01
    assert below(found[0] * (1 + 1e-6)) > 0.05 - 0.01
    assert below(found[2] * (1 - 1e-6)) < 0.95 + 0.01
    assert below(found[2] * (1 + 1e-6)) > 0.95 - 0.01
    assert 0.49 < below(found[1]) < 0.51


@given(CASES, st.floats(0.01, 0.99))
def test_years_left_are_a_weibull_quantile_given_the_age(case, chance):
    age, legal, scale, shape = (float(case[i][0]) for i in (4, 5, 6, 7))
    life = weibull_min(shape, scale=scale)
    expected = min(life.isf((1 - chance) * life.sf(age)) - age, legal)
    assert left_years(case, np.array(chance))[0] == pytest.approx(expected, rel=1e-6, abs=1e-6)


@given(CASES)
def test_age_never_adds_and_the_legal_end_leaves_nothing(case):
    older = case._replace(age_years=case.age_years + 1, legal_life_years=case.legal_life_years - 1)
    certain = case._replace(scale_years=np.array([math.inf]))
    aged = older._replace(scale_years=np.array([math.inf]))
    assert cost_value(aged)[0] <= cost_value(certain)[0] <= cost_new(case)[0]
    assert cost_value(case._replace(legal_life_years=np.array([-1.0])))[0] == 0
    assert cost_quantiles(case._replace(legal_life_years=np.array([0.0])))[0].tolist() == [0.0] * 4
    low, middle, high, _ = cost_quantiles(case)[0]
    assert 0 <= low <= middle <= high


@pytest.mark.parametrize("name", CostCase._fields)
def test_missing_stays_missing(name):
    if name == "attribution_sigma":
        return
    case = plain(scale_years=9.0, **({} if name == "scale_years" else {name: np.nan}))
    if name == "scale_years":
        case = plain(scale_years=np.nan)
    assert np.isnan(cost_quantiles(case)).all()


def test_new_patent_has_all_its_cost_and_an_ended_one_none():
    assert remaining_share(np.array([0.0, 0.0, 20.0]), np.array([20.0, 0.0, 0.0])).tolist() == [
        1.0,
        0.0,
        0.0,
    ]


def test_market_estimate_is_the_textbook_prediction():
    # Prediction variance of a line: s^2 (1 + 1/n + (x0 - mean)^2 / Sxx); s by scipy.
    generator = np.random.default_rng(3)
    x = generator.normal(size=30)
    log_price = 2 + 0.7 * x + generator.normal(size=30)
    line = linregress(x, log_price)
    squares = ((x - x.mean()) ** 2).sum()
    s = line.stderr * math.sqrt(squares)
    fit = fit_prices(np.column_stack([np.ones(30), x]), np.exp(log_price))
    median, sigma = market_value(fit, np.array([[1.0, 1.5]]))
    assert math.log(median[0]) == pytest.approx(line.intercept + 1.5 * line.slope)
    assert sigma[0] == pytest.approx(s * math.sqrt(1 + 1 / 30 + (1.5 - x.mean()) ** 2 / squares))


def test_market_estimate_refuses_what_it_cannot_fit():
    with pytest.raises(InvalidInput, match="more than 2"):
        fit_prices(np.ones((2, 2)), np.ones(2))
    with pytest.raises(InvalidInput, match="follows"):
        fit_prices(np.ones((5, 2)), np.ones(5))
    with pytest.raises(InvalidInput, match="above 0"):
        fit_prices(np.ones((5, 1)), np.zeros(5))
