"""Differences in differences beside SciPy, Fisher's tea and a published table."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import permutation_test, ttest_ind

from techflow.basics import InvalidInput
from techflow.region.effects import compare_changes, doubt_design

TERMS = {"before_n_min": 3, "p_max": 0.05, "trend_p_min": 0.1}


def panel(seed, n=12, years_n=8):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 1)) * 3 + rng.normal(size=years_n) + rng.normal(size=(n, years_n))


def test_lady_tasting_tea():
    # Fisher 1935, ch. 2: 8 cups, 4 with milk first, all named rightly: 1 in 70, two-sided 2.
    milk = np.array([True] * 4 + [False] * 4)
    found = compare_changes(np.c_[np.zeros(8), milk.astype(float)], milk, before_n=1)
    assert found.p == pytest.approx(2 / 70) and found.p_least == pytest.approx(1 / 70)
    assert found.estimate == 1.0


@pytest.mark.parametrize("seed", range(4))
def test_error_and_p_as_scipy(seed):
    y, reached = panel(seed), np.arange(12) < 3
    found = compare_changes(y, reached, before_n=5)
    change = y[:, 5:].mean(axis=1) - y[:, :5].mean(axis=1)
    sides = change[reached], change[~reached]
    welch = ttest_ind(*sides, equal_var=False)
    assert found.estimate / found.se == pytest.approx(welch.statistic)
    test = permutation_test(
        sides,
        lambda a, b, axis: np.abs(a.mean(axis=axis) - b.mean(axis=axis)),
        n_resamples=np.inf,
        alternative="greater",
        vectorized=True,
    )
    assert found.p == pytest.approx(test.pvalue)
    slopes = [np.polyfit(range(5), row[:5], 1)[0] for row in y]
    assert found.trend == pytest.approx(np.mean(slopes[:3]) - np.mean(slopes[3:]))


@given(st.integers(0, 10**6), st.floats(-5, 5))
def test_shocks_of_years_and_levels_of_regions_do_not_matter(seed, effect):
    y, reached = panel(seed), np.arange(12) % 4 == 0
    plain = compare_changes(y, reached, before_n=5)
    moved = y + np.arange(12.0)[:, None] * 7 + np.arange(8.0) ** 2
    moved[np.ix_(reached, range(5, 8))] += effect
    found = compare_changes(moved, reached, before_n=5)
    assert found.estimate == pytest.approx(plain.estimate + effect, abs=1e-9)
    assert found.se == pytest.approx(plain.se, abs=1e-9)
    assert found.gaps[4] == 0 and found.trend == pytest.approx(plain.trend, abs=1e-9)


def test_without_an_effect_a_p_under_a_tenth_comes_a_tenth_of_the_time():
    rng, hits = np.random.default_rng(5), 0
    for _ in range(400):
        y = rng.normal(size=(9, 4))
        hits += compare_changes(y, np.arange(9) < 3, before_n=2).p <= 0.1
    assert 0.05 < hits / 400 < 0.15


def test_margin_holds_with_two_regions_where_the_cluster_error_does_not():
    rng, held, by_error = np.random.default_rng(6), 0, 0
    for _ in range(400):
        found = compare_changes(rng.normal(size=(25, 2)), np.arange(25) < 2, before_n=1)
        held += abs(found.estimate) <= found.margin
        by_error += abs(found.estimate) <= 1.96 * found.se
    assert 0.90 < held / 400 < 0.98 and by_error / 400 < 0.85


def test_many_choices_are_drawn_by_seed():
    y, reached = panel(1, n=40), np.arange(40) < 9
    one, same, other = (
        compare_changes(y, reached, before_n=5, draws_n=999, seed=s).p for s in (1, 1, 2)
    )
    assert one == same and one != other and one * 1000 == pytest.approx(round(one * 1000))


def test_doubts_are_told_apart():
    years = np.arange(8.0)
    reached = np.arange(12) < 3
    rng = np.random.default_rng(4)
    y = np.arange(12.0)[:, None] % 4 + rng.normal(size=(12, 8)) * 0.01
    y[3], y[4] = -9.0, 9.0  # the range of those not reached is wide

    def doubts(panel_, before_n=5, reached=reached):
        found = compare_changes(panel_, reached, before_n=before_n)
        return doubt_design(panel_, reached, found, before_n=before_n, terms=TERMS)

    assert doubts(y) == []
    apart = y + np.where(reached, 1.0, 0.0)[:, None] * years
    assert "trend" in doubts(apart)
    assert "unlike" in doubts(y + 100.0 * reached[:, None])
    assert "few_years" in doubts(y, before_n=2)
    assert "few_regions" in doubts(y, reached=np.arange(12) < 1)


@pytest.mark.parametrize(
    ("y", "reached", "before_n", "words"),
    [
        (np.full((2, 2), np.nan), [True, False], 1, "all cells known"),
        (np.ones((2, 2)), [True, True], 1, "2 of 2 regions reached"),
        (np.ones((2, 2)), [True, False], 2, "2 of 2 years before"),
    ],
)
def test_wrong_input_says_what(y, reached, before_n, words):
    with pytest.raises(InvalidInput, match=words):
        compare_changes(y, np.array(reached), before_n=before_n)
