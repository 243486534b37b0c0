"""Value of a firm's patents together: closed forms, the closed sum, and what must always hold."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import lognorm

from techflow.basics import InvalidInput
from techflow.patents import IncomeCase, firm_value, income_value
from techflow.patents.firm_value import draw_firm_values

PLAIN = {
    "income_cny": 100.0,
    "income_sigma": 0.0,
    "growth_log": 0.03,
    "growth_sigma": 0.0,
    "discount_rate_pa": 0.15,
    "legal_life_years": 7.4,
    "age_years": 3.0,
    "scale_years": math.inf,
    "shape": 1.5,
}


def case(n, **changes):
    return IncomeCase(**{k: np.full(n, float(v)) for k, v in (PLAIN | changes).items()})


def keys(firms_n, patents_n):
    return (np.arange(firms_n, dtype=np.uint64), np.arange(100, 100 + patents_n, dtype=np.uint64))


def draw(found, firm, draws_n=400, seed=3):
    place = np.asarray(firm)
    names = keys(int(place[-1]) + 1, len(place))
    return draw_firm_values(found, place, keys=names, draws_n=draws_n, seed=seed)


def test_without_uncertainty_the_value_is_the_geometric_series():
    """Oracle: `income_value`, the closed form."""
    each = income_value(case(1))[0]
    found = draw(case(3), [0, 0, 1])
    assert found.firms == pytest.approx(np.array([[2 * each] * 4, [each] * 4]), rel=1e-12)
    assert found.patents == pytest.approx(np.full(3, each), rel=1e-12)


def test_quantiles_are_those_of_the_lognormal_distribution():
    """Oracle: scipy's lognormal, with the mean where the closed form has it."""
    sigma, each = 0.6, income_value(case(1))[0]
    found = draw(case(2, income_sigma=sigma), [0, 0], draws_n=40_000).firms[0]
    exact = lognorm(s=sigma, scale=2 * each * math.exp(-sigma * sigma / 2))
    # Six standard errors of a sample quantile: sqrt(p (1 - p) / n) / density.
    for place, share in enumerate((0.05, 0.5, 0.95)):
        middle = exact.ppf(share)
        error = math.sqrt(share * (1 - share) / 40_000) / exact.pdf(middle)
        assert abs(found[place] - middle) < 6 * error
    assert abs(found[3] - 2 * each) < 6 * exact.std() / math.sqrt(40_000)


def test_life_without_money_is_the_mean_of_the_weibull_distribution():
    """Mean life from birth is scale x gamma(1 + 1 / shape): Weibull 1951."""
    one = case(
        1,
        income_cny=1,
        growth_log=0,
        discount_rate_pa=0,
        legal_life_years=1e6,
        age_years=0,
        scale_years=9,
    )
    found = draw(one, [0], draws_n=40_000).firms[0]
    mean, second = 9 * math.gamma(1 + 1 / 1.5), 81 * math.gamma(1 + 2 / 1.5)
    assert abs(found[3] - mean) < 6 * math.sqrt((second - mean**2) / 40_000)
    # The median of a life is scale x ln(2)^(1/shape).
    assert found[1] == pytest.approx(9 * math.log(2) ** (1 / 1.5), rel=0.03)


def test_patents_of_a_firm_share_its_money_and_have_their_own_lives():
    spread = draw(case(8, income_sigma=0.5), [0] * 8).firms[0]
    alone = draw(case(1, income_sigma=0.5), [0]).firms[0]
    assert spread == pytest.approx(8 * alone, rel=1e-12), "money moves together: no diversification"
    many = draw(case(8, scale_years=8), [0] * 8).firms[0]
    one = draw(case(1, scale_years=8), [0]).firms[0]
    assert many[0] / many[2] > one[0] / one[2], "lives are apart: the sum is surer than the parts"


def test_a_firm_is_the_same_wherever_it_stands(monkeypatch):
    uncertain = {"income_sigma": 0.4, "growth_sigma": 0.05, "scale_years": 11}
    both = draw(case(5, **uncertain), [0, 0, 1, 1, 1])
    monkeypatch.setattr(firm_value, "CELLS_MAX", 1)
    apart = draw(case(5, **uncertain), [0, 0, 1, 1, 1])
    assert (both.firms == apart.firms).all()
    assert (both.patents == apart.patents).all()
    second = draw_firm_values(
        case(3, **uncertain),
        np.zeros(3, np.int64),
        keys=(np.array([1], np.uint64), np.array([102, 103, 104], np.uint64)),
        draws_n=400,
        seed=3,
    )
    assert (second.firms[0] == both.firms[1]).all()


@settings(max_examples=20, deadline=None)
@given(
    st.floats(0.01, 1e4),
    st.floats(0.0, 1.0),
    st.floats(-0.2, 0.2),
    st.floats(1.0, 30.0),
    st.floats(-2.0, 20.0),
)
def test_values_scale_with_revenue_and_end_with_the_law(times, sigma, growth, scale, legal):
    found = case(
        2, income_sigma=sigma, growth_log=growth, scale_years=scale, legal_life_years=legal
    )
    more = found._replace(income_cny=found.income_cny * times)
    values, scaled = draw(found, [0, 0], 40), draw(more, [0, 0], 40)
    assert scaled.firms == pytest.approx(values.firms * times, rel=1e-9)
    low, median, high, mean = values.firms[0]
    assert 0 <= low <= median <= high
    assert values.patents.sum() == pytest.approx(mean, rel=1e-9)
    if legal <= 0:
        assert high == 0


def test_what_is_missing_is_missing_for_the_firm_alone():
    some = case(3)
    some.income_cny[1] = math.nan
    found = draw(some, [0, 0, 1])
    assert np.isnan(found.firms[0]).all()
    assert not np.isnan(found.firms[1]).any()


def test_no_patents_give_no_rows():
    found = draw_firm_values(case(0), np.array([], np.int64), keys=keys(0, 0), draws_n=20, seed=1)
    assert found.firms.shape == (0, 4)


@pytest.mark.parametrize("firm", [[1, 1], [0, 2], [0, 1, 0]])
def test_firms_out_of_order_are_refused(firm):
    with pytest.raises(InvalidInput, match="ascending"):
        draw(case(len(firm)), firm)


def test_too_few_draws_are_refused():
    with pytest.raises(InvalidInput, match="draws_n"):
        draw(case(1), [0], draws_n=19)
