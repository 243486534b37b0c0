"""Income approach: the published vector, closed forms, a plain loop, and what must always hold."""

import math

import numba
import numpy as np
import pytest
from bench.patents_value import scalar_values, synthetic_case
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from techflow.basics import InvalidInput
from techflow.patents import IncomeCase, income_value, relief_from_royalty
from techflow.patents.value_draws import draw_values

SPANS = {
    "income_cny": (1.0, 1e7),
    "income_sigma": (0.0, 1.0),
    "growth_log": (-0.3, 0.3),
    "growth_sigma": (0.0, 0.2),
    "discount_rate_pa": (0.01, 0.4),
    "legal_life_years": (0.1, 20.0),
    "age_years": (0.0, 15.0),
    "scale_years": (1.0, 30.0),
    "shape": (0.5, 3.0),
}
CASES = st.builds(
    lambda **row: IncomeCase(**{name: np.array([value]) for name, value in row.items()}),
    **{name: st.floats(*span) for name, span in SPANS.items()},
)
KEY = np.array([11], np.uint64)


def plain(**changes):
    row = {
        "income_cny": 100.0,
        "income_sigma": 0.0,
        "growth_log": 0.03,
        "growth_sigma": 0.0,
        "discount_rate_pa": 0.12,
        "legal_life_years": 7.3,
        "age_years": 2.0,
        "scale_years": math.inf,
        "shape": 1.0,
    }
    return IncomeCase(**{name: np.array([value]) for name, value in (row | changes).items()})


def test_vector_of_the_rules_file():
    revenue = np.array([20.0, 24, 28, 30, 30])
    value = relief_from_royalty(revenue, royalty_rate=0.05, tax_rate=0.15, discount_rate_pa=0.18)
    assert value == pytest.approx(3.685, abs=5e-4)


def test_rates_outside_their_range_are_named():
    with pytest.raises(InvalidInput, match="tax_rate"):
        relief_from_royalty(np.ones(1), royalty_rate=0.05, tax_rate=15, discount_rate_pa=0.18)


@given(CASES)
def test_closed_form_equals_the_year_by_year_sum(case):
    income, growth, rate, legal = (float(case[i][0]) for i in (0, 2, 4, 5))
    total = 0.0
    for year in range(math.ceil(legal)):
        part = min(1.0, legal - year)
        total += part * income * math.exp(growth * year) / (1 + rate) ** (year + part / 2)
    assert income_value(case)[0] == pytest.approx(total, rel=1e-9)


def test_no_uncertainty_gives_the_closed_form():
    found = draw_values(plain(), KEY, draws_n=100, seed=0)[0]
    assert found == pytest.approx(np.full(4, income_value(plain())[0]), rel=1e-12)


def test_draws_equal_a_plain_loop_year_by_year():
    case, keys = synthetic_case(25), np.arange(25, dtype=np.uint64)
    found = draw_values(case, keys, draws_n=201, seed=5)
    assert found == pytest.approx(scalar_values(case, keys, 201, 5), rel=1e-9)


def test_uncertain_level_is_lognormal_with_the_mean_kept():
    found = draw_values(plain(income_sigma=0.6), KEY, draws_n=200_000, seed=3)[0]
    mean = income_value(plain())[0]
    exact = [mean * math.exp(0.6 * norm.ppf(p) - 0.18) for p in (0.05, 0.5, 0.95)]
    assert found == pytest.approx([*exact, mean], rel=0.01)


def test_survival_by_age_equals_the_integral_over_the_weibull_life():
    case = plain(scale_years=8.0, shape=1.7)
    found = draw_values(case, KEY, draws_n=200_000, seed=4)[0][3]
    years = np.linspace(0, 7.3, 20_001)
    alive = np.exp((2 / 8) ** 1.7 - ((2 + years) / 8) ** 1.7)
    value = income_value(
        IncomeCase(*(np.repeat(f, 20_001) for f in case))._replace(legal_life_years=years)
    )
    # Integrated by parts of the falling survival, the rest outlives the law.
    exact = np.sum((value[1:] + value[:-1]) / 2 * -np.diff(alive)) + value[-1] * alive[-1]
    assert found == pytest.approx(exact, rel=0.01)


def test_figures_do_not_depend_on_threads_or_chunks():
    case, keys = synthetic_case(101), np.arange(101, dtype=np.uint64)
    whole = draw_values(case, keys, draws_n=50, seed=2)
    threads = numba.get_num_threads()
    try:
        numba.set_num_threads(1)
        first = draw_values(IncomeCase(*(f[:40] for f in case)), keys[:40], draws_n=50, seed=2)
        rest = draw_values(IncomeCase(*(f[40:] for f in case)), keys[40:], draws_n=50, seed=2)
    finally:
        numba.set_num_threads(threads)
    assert np.array_equal(whole, np.vstack([first, rest]))
    assert not np.array_equal(whole, draw_values(case, keys, draws_n=50, seed=3))


@settings(max_examples=25)
@given(CASES, st.floats(0.01, 100))
def test_value_scales_with_revenue(case, factor):
    found = draw_values(case, KEY, draws_n=40, seed=0)
    more = draw_values(case._replace(income_cny=case.income_cny * factor), KEY, draws_n=40, seed=0)
    assert more == pytest.approx(found * factor, rel=1e-9)


@settings(max_examples=25)
@given(CASES, st.floats(0.01, 0.5))
def test_more_discount_is_less_value(case, step):
    dear = case._replace(discount_rate_pa=case.discount_rate_pa + step)
    found = draw_values(case, KEY, draws_n=40, seed=0)
    less = draw_values(dear, KEY, draws_n=40, seed=0)
    # A life that ends at once is worth nothing at any rate.
    assert ((less < found) | (found == 0)).all()


@given(CASES, st.floats(-30, 0))
def test_nothing_is_valued_after_its_legal_end(case, legal):
    ended = case._replace(legal_life_years=np.array([legal]))
    assert income_value(ended)[0] == 0
    assert (draw_values(ended, KEY, draws_n=20, seed=0) == 0).all()


@pytest.mark.parametrize("name", SPANS)
def test_missing_stays_missing(name):
    assert np.isnan(draw_values(plain(**{name: math.nan}), KEY, draws_n=20, seed=0)).all()


def test_too_few_draws_are_refused():
    with pytest.raises(InvalidInput, match="draws_n"):
        draw_values(plain(), KEY, draws_n=5, seed=0)
