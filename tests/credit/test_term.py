"""Term structures against matrix powers, closed forms, a walk of the chain, published rates."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from techflow.basics import InvalidInput
from techflow.credit.term import (
    cumulative_pd_term,
    forward_pd,
    grade_pd_term,
    marginal_pd,
    read_migration,
    spread_withdrawn,
)

CHAIN = np.array(
    [[0.90, 0.08, 0.015, 0.005], [0.05, 0.85, 0.08, 0.02], [0.01, 0.09, 0.75, 0.15], [0, 0, 0, 1.0]]
)


def published(shared, name):
    return [np.array(m) for m in json.loads((shared / "rating_transitions" / name).read_text())]


def test_powers_of_the_published_matrix(shared):
    matrix = published(shared, "sp_NR_adjusted.json")[0]
    found = grade_pd_term(matrix, years_n=20)
    clean = matrix / matrix.sum(axis=1, keepdims=True)
    for year in (1, 2, 5, 20):
        powered = np.linalg.matrix_power(clean, year)[:-1, -1]
        assert found[:, year - 1] == pytest.approx(powered, abs=1e-12)


def test_one_year_matches_the_published_adjustment_for_withdrawn(shared):
    with_withdrawn = published(shared, "sp_1981-2016.json")[0]
    adjusted = published(shared, "sp_NR_adjusted.json")[0]
    # Four published decimals over five.
    assert spread_withdrawn(with_withdrawn[:8, :8]) == pytest.approx(adjusted, abs=1.1e-4)


def test_published_cumulative_rates_lie_near_the_chain_for_two_years_and_above_it_later(shared):
    # S&P 1981-2016, withdrawn spread at each horizon: firms rated to the end default more.
    many = published(shared, "sp_multiperiod.json")
    chain = grade_pd_term(many[0], years_n=10)
    assert many[1][:-1, -1] == pytest.approx(chain[:, 1], abs=0.021)
    assert np.all(many[9][:-1, -1] > chain[:, 9])


def test_a_walk_of_the_chain_meets_the_term():
    random = np.random.default_rng(7)
    n, steps = 200_000, CHAIN.cumsum(axis=1)
    # A PD of 0.05 lies between 0.02 and 0.15: 10/13 start in the second grade.
    state = np.where(random.random(n) < 10 / 13, 1, 2)
    expected = cumulative_pd_term(np.array([0.05]), CHAIN, years_n=5)[0]
    for year in range(5):
        state = (random.random(n)[:, None] > steps[state]).sum(axis=1)
        assert (state == 3).mean() == pytest.approx(expected[year], abs=4 * 0.5 / np.sqrt(n))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.integers(1, 30))
def test_terms_start_at_the_pd_rise_and_split_into_years(pds, years):
    pd = np.array(pds)
    found = cumulative_pd_term(pd, CHAIN, years_n=years)
    assert found.shape == (len(pd), years) and np.array_equal(found[:, 0], pd)
    assert np.all(np.diff(found, axis=1) >= -1e-12) and np.all((found >= 0) & (found <= 1))
    assert marginal_pd(found).sum(axis=1) == pytest.approx(found[:, -1])
    alive = np.cumprod(1 - np.nan_to_num(forward_pd(found), nan=0.0), axis=1)
    assert 1 - alive == pytest.approx(found, abs=1e-9)


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_worse_pd_gives_a_worse_term(one, other):
    low, high = sorted((one, other))
    found = cumulative_pd_term(np.array([low, high]), CHAIN, years_n=10)
    assert np.all(found[0] <= found[1] + 1e-12)


@given(st.floats(0, 1))
def test_one_grade_is_a_constant_hazard(pd):
    matrix = np.array([[0.9, 0.1], [0.0, 1.0]])
    found = cumulative_pd_term(np.array([pd]), matrix, years_n=6)[0]
    assert found == pytest.approx([1 - (1 - pd) ** t for t in range(1, 7)], abs=1e-9)


def test_unknown_stays_unknown_and_nobody_left_has_no_hazard():
    found = cumulative_pd_term(np.array([np.nan, 1.0]), CHAIN, years_n=3)
    assert np.isnan(found[0]).all() and found[1].tolist() == [1.0, 1.0, 1.0]
    assert np.isnan(forward_pd(found[1:])[0, 1:]).all()


@pytest.mark.parametrize(
    "matrix, says",
    [
        ([[1.0]], "square"),
        ([[0.9, 0.1]], "square"),
        ([[0.8, 0.1], [0, 1]], "spread_withdrawn"),
        ([[1.1, -0.1], [0, 1]], "shares"),
        ([[0.9, 0.1], [0.1, 0.9]], "never left"),
        ([[0.7, 0.1, 0.2], [0.1, 0.8, 0.1], [0, 0, 1]], "must not fall"),
        ([[0.9, np.nan], [0, 1]], "shares"),
    ],
)
def test_what_is_no_migration_matrix_is_refused(matrix, says):
    with pytest.raises(InvalidInput, match=says):
        read_migration(np.array(matrix))


def test_other_refusals():
    with pytest.raises(InvalidInput, match="years_n"):
        grade_pd_term(CHAIN, years_n=0)
    with pytest.raises(InvalidInput, match="pd must"):
        cumulative_pd_term(np.array([1.2]), CHAIN, years_n=1)
    with pytest.raises(InvalidInput, match="shares"):
        spread_withdrawn(np.array([[-0.1, 0.5], [0, 1]]))
