"""Efficiency beside textbooks and HiGHS; each score proved by its peers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from techflow.basics import InvalidInput
from techflow.region.bootstrap import bootstrap_efficiency, choose_bandwidth, smooth_distances
from techflow.region.efficiency import (
    ORIENTATIONS,
    RETURNS,
    measure_efficiency,
    measure_influence,
)

WAYS = [(returns, orientation) for returns in RETURNS for orientation in ORIENTATIONS]


def highs(x, y, xo, yo, returns, orientation):
    """The envelopment form by SciPy's HiGHS: an independent formulation and solver."""
    n, by_inputs = len(x), orientation == "inputs"
    cost = np.r_[1.0 if by_inputs else -1.0, np.zeros(n)]
    used = np.c_[-xo if by_inputs else np.zeros(len(xo)), x.T]
    made = np.c_[np.zeros(len(yo)) if by_inputs else yo, -y.T]
    bounds = np.r_[np.zeros(len(xo)) if by_inputs else xo, -yo if by_inputs else np.zeros(len(yo))]
    whole = np.r_[0.0, np.ones(n)][None] if returns == "variable" else None
    found = linprog(
        cost,
        np.r_[used, made],
        bounds,
        whole,
        None if whole is None else [1.0],
        method="highs",
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    if found.status == 2:
        return np.nan
    assert found.status == 0, found.message
    if by_inputs:
        return found.fun
    return -1.0 / found.fun if found.fun else np.nan  # nothing can be made of so little


def random_units(seed, n=31, inputs_n=3, outputs_n=2):
    rng = np.random.default_rng(seed)
    size = rng.lognormal(0, 1.5, (n, 1))
    x = size * rng.lognormal(8, 0.5, (n, inputs_n))
    return x, size**0.9 * rng.lognormal(3, 0.6, (n, outputs_n))


def test_six_stores_of_the_textbook():
    # Cooper, Seiford and Tone 2007, Data Envelopment Analysis, 2nd ed., Table 3.1 (Example 3.1).
    x = np.array([[4.0, 3], [7, 3], [8, 1], [4, 2], [2, 4], [10, 1]])
    found = measure_efficiency(x, np.ones((6, 1)), returns="constant")
    assert found.score.round(4).tolist() == [0.8571, 0.6316, 1.0, 1.0, 1.0, 1.0]
    # The reference set of A is D and E; that of B is C and D.
    assert found.peer_weights[0, [3, 4]].round(4).tolist() == [0.7143, 0.2857]
    assert set(np.flatnonzero(found.peer_weights[1] > 1e-12)) == {2, 3}


def test_scale_example_of_the_textbook():
    # Coelli, Rao, O'Donnell and Battese 2005, 2nd ed., Table 6.4.
    x, y = np.array([[2.0], [4], [3], [5], [6]]), np.array([[1.0], [2], [3], [4], [5]])
    constant = measure_efficiency(x, y, returns="constant").score
    variable = measure_efficiency(x, y, returns="variable").score
    assert constant.round(3).tolist() == [0.5, 0.5, 1.0, 0.8, 0.833]
    assert variable.round(3).tolist() == [1.0, 0.625, 1.0, 0.9, 1.0]


@pytest.mark.parametrize(("returns", "orientation"), WAYS)
@pytest.mark.parametrize("seed", range(4))
def test_same_as_highs(seed, returns, orientation):
    x, y = random_units(seed, inputs_n=1 + seed % 3, outputs_n=1 + seed // 2)
    own = measure_efficiency(x, y, returns=returns, orientation=orientation).score
    # HiGHS sees each programme in the unit's own scale, as it would not resolve 1e-9 otherwise.
    other = [
        highs(x / x[o], y / y[o], x[o] / x[o], y[o] / y[o], returns, orientation)
        for o in range(len(x))
    ]
    assert own == pytest.approx(np.array(other), abs=1e-9, rel=0)


@pytest.mark.parametrize(("returns", "orientation"), WAYS)
def test_outside_the_technology_as_highs_also_where_it_cannot_be_reached(returns, orientation):
    x, y = random_units(9, n=40)
    x[3, 1] = y[5, 0] = 0.0
    rest = (x[10:], y[10:])
    found = measure_efficiency(
        x[:10], y[:10], returns=returns, orientation=orientation, technology=rest
    )
    other = [highs(*rest, x[o], y[o], returns, orientation) for o in range(10)]
    assert found.score == pytest.approx(np.array(other), rel=1e-6, nan_ok=True)


@given(st.integers(0, 10**6), st.sampled_from(WAYS), st.booleans())
def test_peers_prove_the_score(seed, way, whole):
    """The weighted peers use no more and make no less: the score cannot be too high a bound."""
    returns, orientation = way
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 40))
    x, y = random_units(seed, n=n, inputs_n=int(rng.integers(1, 4)), outputs_n=2)
    if whole:  # many ties
        x, y = (rng.integers(1, 4, a.shape).astype(float) for a in (x, y))
    found = measure_efficiency(x, y, returns=returns, orientation=orientation)
    score, w = found.score, found.peer_weights
    assert (score > 0).all() and (score <= 1 + 1e-12).all() and (score > 1 - 1e-12).any()
    assert (w >= -1e-11).all()
    by_inputs = orientation == "inputs"
    if returns == "variable":
        # By outputs the programme is normed by v.x + w, so its prices come divided by phi.
        w = w if by_inputs else w / w.sum(axis=1, keepdims=True)
        assert w.sum(axis=1) == pytest.approx(1.0)
    elif not by_inputs:
        w = w / score[:, None]
    reach_x = score[:, None] * x if by_inputs else x
    reach_y = y if by_inputs else y / score[:, None]
    assert (w @ x <= reach_x * (1 + 1e-9)).all() and (w @ y >= reach_y * (1 - 1e-9)).all()


@given(st.integers(0, 10**6), st.sampled_from(WAYS), st.permutations(range(12)))
def test_units_of_measure_and_order_do_not_matter(seed, way, order):
    x, y = random_units(seed, n=12)
    how = dict(zip(("returns", "orientation"), way, strict=True))
    plain = measure_efficiency(x, y, **how).score
    moved = measure_efficiency(x[order] * [1e-8, 1.0, 1e4], y[order] * [1e7, 1e-3], **how).score
    assert moved == pytest.approx(plain[order], abs=1e-9)


def test_variable_returns_are_kinder():
    x, y = random_units(3)
    for orientation in ORIENTATIONS:
        constant, variable = (
            measure_efficiency(x, y, returns=r, orientation=orientation).score for r in RETURNS
        )
        assert (variable >= constant - 1e-12).all() and (variable > constant + 1e-3).any()
    both = [measure_efficiency(x, y, returns="constant", orientation=o).score for o in ORIENTATIONS]
    assert both[0] == pytest.approx(both[1], abs=1e-12)


@pytest.mark.parametrize(("returns", "orientation"), WAYS)
def test_bootstrap_as_highs_on_the_same_draws(returns, orientation):
    x, y = random_units(2, n=9, inputs_n=2)
    how = {"returns": returns, "orientation": orientation}
    found = bootstrap_efficiency(x, y, **how, draws_n=6, seed=5)
    own = measure_efficiency(x, y, **how).score
    distance = np.maximum(1 / own, 1.0)
    rng = np.random.default_rng(5)
    picks, noise = rng.random((6, 9)), rng.standard_normal((6, 9))
    drawn = smooth_distances(distance, picks, noise, choose_bandwidth(distance))
    assert (drawn >= 1).all()
    for b in range(6):
        move = (drawn[b] / distance)[:, None]
        xs, ys = (x * move, y) if orientation == "inputs" else (x, y / move)
        other = np.array([highs(xs / x[o], ys / y[o], x[o] / x[o], y[o] / y[o], *how.values())
                          for o in range(9)])  # fmt: skip
        assert found.draws[b] == pytest.approx(1 / (2 * distance - 1 / other), abs=1e-8)


def test_smoothing_keeps_spread_about_its_centre():
    # Silverman 1986, 6.4.1: the corrected draws have the second moment of the sample.
    distance = 1.0 + np.random.default_rng(1).gamma(9.0, 0.1, 200)
    rng = np.random.default_rng(2)
    draws = rng.random((2000, 200)), rng.standard_normal((2000, 200))
    drawn = smooth_distances(distance, *draws, 0.05)
    assert ((drawn - 1) ** 2).mean() == pytest.approx(((distance - 1) ** 2).mean(), rel=1e-2)
    published = smooth_distances(distance, *draws, 0.05, centre="mean")
    assert published.mean() == pytest.approx(distance.mean(), rel=2e-3)
    assert published.var() == pytest.approx(distance.var(), rel=2e-2)


def share_held(centre):
    """One input, one output, y = x exp(-u): the true efficiency is known."""
    held = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        x, truth = rng.uniform(1, 9, (40, 1)), np.exp(-np.abs(rng.normal(0, 0.4, 40)))
        found = bootstrap_efficiency(
            x, x * truth[:, None], returns="constant", draws_n=400, seed=seed, centre=centre
        )
        held += ((found.low <= truth) & (truth <= found.high)).sum()
        assert (found.score >= truth - 1e-12).all()
    return held / 2400


def test_intervals_hold_the_true_efficiency_where_the_published_correction_does_not():
    assert share_held("frontier") > 0.85
    assert share_held("mean") < 0.5


def test_influence_is_the_rise_without_the_unit():
    x, y = random_units(6, n=14)
    found = measure_influence(x, y)
    for unit in range(14):
        rest = np.arange(14) != unit
        with_it, without = (
            [highs(a / x[o], b / y[o], np.ones(3), np.ones(2), "variable", "inputs")
             for o in np.flatnonzero(rest)]
            for a, b in ((x, y), (x[rest], y[rest]))
        )  # fmt: skip
        assert found[unit] == pytest.approx(np.mean(without) - np.mean(with_it), abs=1e-9)


def test_seed_decides():
    x, y = random_units(1, n=8)
    one, same, other = (bootstrap_efficiency(x, y, draws_n=20, seed=s).draws for s in (1, 1, 2))
    assert (one == same).all() and (one != other).any()


@pytest.mark.parametrize(
    ("x", "y", "how", "words"),
    [
        (np.ones((2, 1)), np.ones((3, 1)), {}, "same units"),
        (np.array([[1.0], [np.nan]]), np.ones((2, 1)), {}, r"inputs must be finite.*\[1\]"),
        (np.ones((2, 1)), np.array([[0.0], [1]]), {}, r"outputs .* not all 0.*\[0\]"),
        (np.ones((2, 1)), np.ones((2, 1)), {"returns": "rising"}, "rising"),
        (np.ones((2, 1)), np.ones((2, 1)), {"draws_n": 1}, "draws_n"),
        (np.ones((2, 1)), np.ones((2, 1)), {"centre": "median"}, "median"),
    ],
)
def test_wrong_input_says_what(x, y, how, words):
    with pytest.raises(InvalidInput, match=words):
        bootstrap_efficiency(x, y, **how)
