"""Bins: the exact optimum against all partitions tried one by one, and what odd columns give."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, chi2_contingency

from techflow.basics import InvalidInput
from techflow.credit.binning import CHI_AT, SHAPES, Rules, bin_features, weights_of_evidence
from techflow.credit.binning_kernel import best_cuts


def follows(rates, shape):
    steps = np.diff(rates)
    turn = range(len(steps) + 1)
    up, down = steps >= 0.0, steps <= 0.0
    return {
        0: True,
        1: up.all(),
        -1: down.all(),
        2: any(up[:k].all() and down[k:].all() for k in turn),
        -2: any(down[:k].all() and up[k:].all() for k in turn),
    }[shape]


def brute_force(counts, size_min, bins_max, shape, chi_min):
    """Best information value over every partition that keeps the rules; SciPy's chi-square."""
    good_all, bad_all = counts.sum(axis=0)
    best, m = 0.0, len(counts)
    for n in range(1, min(bins_max, m)):
        for cuts in combinations(range(1, m), n):
            bins = np.add.reduceat(counts, [0, *cuts], axis=0)
            if (bins.sum(axis=1) < size_min).any() or (bins == 0).any():
                continue
            if not follows(bins[:, 1] / bins.sum(axis=1), shape):
                continue
            tests = [
                chi2_contingency(np.array(pair), correction=False).statistic
                for pair in pairwise(bins)
            ]
            if min(tests) < chi_min:
                continue
            shares = bins / [good_all, bad_all]
            value = ((shares[:, 0] - shares[:, 1]) * np.log(shares[:, 0] / shares[:, 1])).sum()
            best = max(best, value)
    return best


tables = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=2, max_size=8)


@given(tables, st.sampled_from([0, 1, -1, 2, -2]), st.integers(2, 5), st.sampled_from([0.0, 2.7]))
@settings(max_examples=25, deadline=None)
def test_no_partition_is_better(table, shape, bins_max, chi_min):
    counts = np.array(table, dtype=float)
    if (counts.sum(axis=0) == 0).any():
        return
    sums = np.zeros((1, len(table) + 2, 2))[:, :-1]  # a part of a longer table, as it is called
    sums[0, 1:] = counts.cumsum(axis=0)
    value, cuts = best_cuts(sums, 6.0, bins_max, shape, chi_min)
    assert value == pytest.approx(brute_force(counts, 6.0, bins_max, shape, chi_min), abs=1e-9)
    assert list(cuts) == sorted(cuts) and len(cuts) < bins_max


def test_quantiles_of_chi_square():
    for p, quantile in CHI_AT.items():
        assert quantile == pytest.approx(chi2.isf(p, 1), abs=1e-9)


def sample(n=3000, seed=1):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    return x, (rng.random(n) < 1.0 / (1.0 + np.exp(1.5 - x))).astype(float)


def test_rising_risk_gets_rising_bins_that_keep_the_rules():
    x, y = sample()
    (found,) = bin_features(x[:, None], y, ["a"], Rules(bins_max=6, size_share_min=0.1))
    rows = found.good_n + found.bad_n
    rates = (found.bad_n / np.where(rows > 0, rows, 1))[:-1]
    assert found.shape == "rising" and (np.diff(rates) > 0).all() and 2 <= rates.size <= 6
    assert rows.sum() == y.size and (rows[:-1] >= 0.1 * y.size).all()
    assert rates.size == found.edges.size + 1


def test_a_number_at_an_edge_lies_above_it():
    x = np.repeat([1.0, 2.0, 3.0], 100)
    y = np.concatenate(
        [np.zeros(95), np.ones(5), np.zeros(60), np.ones(40), np.zeros(30), np.ones(70)]
    )
    (found,) = bin_features(x[:, None], y, ["a"])
    assert found.edges.tolist() == [2.0, 3.0]
    assert found.bad_n.tolist() == [5.0, 40.0, 70.0, 0.0]


def test_unknown_and_special_numbers_have_their_own_bins():
    x, y = sample()
    x[:300], y[:300], y[:150] = -1.0, 0.0, 1.0
    x[300:500] = np.nan
    (found,) = bin_features(x[:, None], y, ["a"], Rules(special=(-1.0,)))
    assert found.good_n[-2:].tolist() == [150.0, float((1 - y[300:500]).sum())]
    assert found.bad_n[-2:].tolist() == [150.0, float(y[300:500].sum())]
    assert (found.good_n + found.bad_n).sum() == y.size


def test_bins_that_turn_over_in_time_are_refused():
    x = np.tile([0.0, 1.0], 400)
    period = np.repeat([0, 1], 400)
    rate = np.where(period == 0, np.where(x > 0, 0.5, 0.1), np.where(x > 0, 0.1, 0.2))
    y = (np.random.default_rng(1).random(800) < rate).astype(float)
    (blind,) = bin_features(x[:, None], y, ["a"])
    (aware,) = bin_features(x[:, None], y, ["a"], period=period.tolist())
    assert blind.edges.size == 1
    assert aware.edges.size == 0 and aware.reason == "no two bins keep the rules"


@pytest.mark.parametrize(
    ("column", "why"),
    [
        (np.full(200, np.nan), "never known"),
        (np.ones(200), "constant"),
        (
            np.where(np.arange(200) < 100, np.arange(200.0), np.nan),
            "known rows have one outcome only",
        ),
        (np.random.default_rng(5).normal(size=200), "no two bins keep the rules"),
    ],
)
def test_columns_that_cannot_be_cut_say_why(column, why):
    y = (np.arange(200) >= 100).astype(float)
    if why == "no two bins keep the rules":
        y = (np.arange(200) % 2).astype(float)
    (found,) = bin_features(column[:, None], y, ["a"], Rules(p_max=0.01))
    assert found.reason == why and found.edges.size == 0
    assert np.isfinite(found.woe).all()


def test_infinities_are_numbers():
    x, y = sample()
    x[:50], x[50:100] = np.inf, -np.inf
    (found,) = bin_features(x[:, None], y, ["a"])
    assert np.isfinite(found.edges).all() and found.good_n[-1] == found.bad_n[-1] == 0.0


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_kept(shape):
    x, y = sample()
    rng = np.random.default_rng(9)
    y = (rng.random(x.size) < np.exp(-(x**2))).astype(float)
    (found,) = bin_features(x[:, None], y, ["a"], Rules(shape=shape))
    rows = found.good_n + found.bad_n
    rates = found.bad_n[:-1] / rows[:-1]
    assert any(follows(rates, code) for code in SHAPES[shape])


def test_woe_by_hand():
    # 90 of 100 good and 5 of 10 bad in bin 1: log(0.9 / 0.5).
    woe = weights_of_evidence(np.array([90.0, 10.0, 0.0]), np.array([5.0, 5.0, 0.0]))
    assert woe.tolist() == pytest.approx([np.log(0.9 / 0.5), np.log(0.1 / 0.5), 0.0])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"shape": "round"}, "shape must be one of"),
        ({"p_max": 0.2}, "p_max must be one of"),
        ({"bins_max": 1}, "bins_max must be 2"),
    ],
)
def test_wrong_rules_are_refused(change, said):
    with pytest.raises(InvalidInput, match=said):
        Rules(**change)


@pytest.mark.parametrize("y", [np.zeros(10), np.ones(10), np.full(10, 0.5)])
def test_one_outcome_is_refused(y):
    with pytest.raises(InvalidInput, match="events"):
        bin_features(np.ones((10, 1)), y, ["a"])
