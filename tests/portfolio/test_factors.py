"""Loadings against the correlations they stand for; draws against integers and SciPy."""

import numpy as np
import pytest
from bench.patents_value import MASK, mix, uniform
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri
from scipy.stats import kstest

from techflow.basics import InvalidInput
from techflow.portfolio.factors import draw_factors, sector_region_loadings, tie_factors

SHARE = st.floats(0.0, 0.95)
GOLDEN = 0x9E3779B97F4A7C15


@given(st.tuples(SHARE, SHARE), SHARE, st.floats(-0.99, 0.99), st.integers(1, 4))
def test_firms_are_correlated_as_stated(weights, region_share, between, regions_n):
    rows = sector_region_loadings(
        np.array([[1.0, between], [between, 1.0]]),
        asset_correlation=np.array(weights),
        region_share=region_share,
        regions_n=regions_n,
    )
    for a in range(2 * regions_n):
        for b in range(2 * regions_n):
            (s, r), (t, q) = divmod(a, regions_n), divmod(b, regions_n)
            sector = 1.0 if s == t else between
            shared = (1 - region_share) * sector + region_share * (r == q)
            wanted = np.sqrt(weights[s] * weights[t]) * shared
            assert rows[a] @ rows[b] == pytest.approx(wanted, abs=1e-12)


def test_a_draw_is_splitmix_by_exact_integers_and_the_quantile_of_scipy():
    def key(scenario, seed=11):
        inner = mix(mix((seed + GOLDEN) & MASK) ^ mix((scenario + GOLDEN) & MASK))
        return mix(inner ^ GOLDEN)

    wanted = [[ndtri(uniform(key(s), k)) for k in range(3)] for s in range(50)]
    assert draw_factors(50, 3, seed=11) == pytest.approx(np.array(wanted), rel=1e-11)


@given(st.integers(0, 40), st.integers(0, 2**63))
def test_chunks_of_a_run_are_the_run(cut, seed):
    whole = draw_factors(40, 2, seed=seed)
    parts = draw_factors(cut, 2, seed=seed), draw_factors(40 - cut, 2, seed=seed, first=cut)
    assert np.array_equal(whole, np.vstack(parts))


def test_draws_are_normal_and_independent():
    draws = draw_factors(50_000, 3, seed=2)
    assert min(kstest(draws[:, k], "norm").pvalue for k in range(3)) > 1e-4
    assert np.abs(np.corrcoef(draws.T) - np.eye(3)).max() < 4 / np.sqrt(50_000)


def test_a_stress_moves_other_sectors_by_their_correlation():
    rows = sector_region_loadings(
        np.array([[1.0, 0.5], [0.5, 1.0]]),
        asset_correlation=np.array([0.2, 0.2]),
        region_share=0.0,
        regions_n=1,
    )
    tied = tie_factors(draw_factors(20_000, 3, seed=3), rows[0], -3.0)
    index = tied @ (rows / np.sqrt(0.2)).T
    assert index[:, 0] == pytest.approx(-3.0)
    # Conditional normal: mean 0.5 * -3, variance 1 - 0.25.
    assert abs(index[:, 1].mean() + 1.5) < 4 * np.sqrt(0.75 / 20_000)
    assert abs(index[:, 1].var() - 0.75) < 4 * 0.75 * np.sqrt(2 / 20_000)


@pytest.mark.parametrize(
    ("matrix", "weight", "share", "words"),
    [
        (np.eye(2), [0.1], 0.2, "one value in"),
        (np.eye(2), [0.1, 1.0], 0.2, "one value in"),
        (np.eye(2), [0.1, 0.1], 1.2, "region_share"),
        (np.ones((2, 2)) * 2, [0.1, 0.1], 0.2, "ones on the diagonal"),
        (np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]]), [0.1] * 3, 0.2, "negative"),
    ],
)
def test_what_is_no_correlation_is_refused(matrix, weight, share, words):
    with pytest.raises(InvalidInput, match=words):
        sector_region_loadings(
            matrix, asset_correlation=np.array(weight), region_share=share, regions_n=1
        )
    with pytest.raises(InvalidInput, match="only zeros"):
        tie_factors(np.zeros((1, 2)), np.zeros(2), -1.0)
