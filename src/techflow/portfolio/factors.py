"""Factors that firms share: sector and region, and the worlds drawn from them.

Needs the extra `simulate`.
"""

import numba
import numpy as np

from techflow.basics import Floats, InvalidInput
from techflow.basics.lanes import mix, normal_quantile, uniform

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)

kernel = numba.njit(cache=True, error_model="numpy")


def sector_region_loadings(
    sector_correlation: Floats,
    *,
    asset_correlation: Floats,
    region_share: float,
    regions_n: int,
) -> Floats:
    """How each pair of sector and region hangs on independent standard normal factors.

    The asset value of a firm is its row times the factors, plus its own part. Two firms of one
    sector and region have the asset correlation of the sector; of one sector and two regions, the
    share that is not the region's; of two sectors, also times the correlation of the sectors.

    Args:
        sector_correlation: Correlation of the sector factors, shape (sectors, sectors).
        asset_correlation: Share of the variance of a firm's assets that the factors explain, by
            sector, in [0, 1), shape (sectors,).
        region_share: Part of that share which is due to the region, in [0, 1].
        regions_n: Regions, 1 or more.

    Returns:
        Shape (sectors * regions_n, sectors + regions_n); the row of a firm is
        `sector * regions_n + region`.

    Raises:
        InvalidInput: A share is out of range, or the matrix is no correlation matrix.

    Source:
        Multi-factor Gaussian copula: Gupton, Finger and Bhatia (1997), CreditMetrics, ch. 8.

    Examples:
        >>> rows = sector_region_loadings(
        ...     np.eye(1), asset_correlation=np.array([0.16]), region_share=0.25, regions_n=2
        ... )
        >>> (rows @ rows.T).round(2).tolist()
        [[0.16, 0.12], [0.12, 0.16]]
    """
    sectors_n = len(sector_correlation)
    weight = np.asarray(asset_correlation, np.float64)
    if weight.shape != (sectors_n,) or not bool(np.all((weight >= 0) & (weight < 1))):
        raise InvalidInput(
            f"asset_correlation: one value in [0, 1) for each of {sectors_n} sectors; got {weight}"
        )
    if not 0.0 <= region_share <= 1.0 or regions_n < 1:
        raise InvalidInput(
            f"region_share must be in [0, 1] and regions_n 1 or more; got {region_share} and "
            f"{regions_n}"
        )
    root = _root(sector_correlation) * np.sqrt(1.0 - region_share)
    region = np.eye(regions_n) * np.sqrt(region_share)
    pairs = np.hstack([np.repeat(root, regions_n, axis=0), np.tile(region, (sectors_n, 1))])
    return np.asarray(pairs * np.sqrt(np.repeat(weight, regions_n))[:, None], np.float64)


def _root(correlation: Floats) -> Floats:
    """A square root of a correlation matrix; eigenvalues, because it may be singular."""
    matrix = np.asarray(correlation, np.float64)
    square = matrix.ndim == 2 and matrix.shape[0] == matrix.shape[1]
    if not square or not np.allclose(matrix, matrix.T) or not np.allclose(np.diag(matrix), 1.0):
        raise InvalidInput(
            "sector_correlation must be square and symmetric with ones on the diagonal"
        )
    values, vectors = np.linalg.eigh(matrix)
    if values.min() < -1e-8:
        raise InvalidInput(
            f"sector_correlation has the negative eigenvalue {values.min():.4g}: no sectors move so"
        )
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)), np.float64)


def draw_factors(scenarios_n: int, factors_n: int, *, seed: int, first: int = 0) -> Floats:
    """Independent standard normal factors; each a function of seed, scenario and factor alone.

    Args:
        scenarios_n: Scenarios to draw.
        factors_n: Factors.
        seed: Seed, 0 or more.
        first: Number of the first scenario: chunks of a run are the run.

    Returns:
        Shape (scenarios_n, factors_n).

    Source:
        Random numbers as in `techflow.basics.lanes` (SplitMix64 by counter).

    Examples:
        >>> whole = draw_factors(4, 2, seed=1)
        >>> bool((whole[2:] == draw_factors(2, 2, seed=1, first=2)).all())
        True
    """
    out = np.empty((scenarios_n, factors_n))
    _fill_factors(np.uint64(seed), first, out)
    return out


def tie_factors(factors: Floats, direction: Floats, value: float) -> Floats:
    """The same worlds, given that one combination of the factors takes a value: a stress.

    The part along the direction is replaced; the rest stays, so that correlated factors follow
    as much as they do on average.

    Args:
        factors: Independent standard normal factors, shape (scenarios, factors).
        direction: Combination that is stressed (a row of the loadings stresses a sector and
            region), shape (factors,), not all 0.
        value: Its value in standard deviations; below 0 is bad.

    Returns:
        Shape (scenarios, factors), a draw from the conditional distribution.

    Raises:
        InvalidInput: The direction is 0.

    Source:
        Conditional distribution of a multivariate normal; Kupiec (1998), Stress testing in a
        value at risk framework, Journal of Derivatives 6(1).

    Examples:
        >>> tie_factors(np.array([[0.3, 1.0]]), np.array([2.0, 0.0]), -3.0).tolist()
        [[-3.0, 1.0]]
    """
    length = float(np.linalg.norm(direction))
    if length == 0:
        raise InvalidInput("direction: expected a factor with weight; got only zeros")
    unit = np.asarray(direction, np.float64) / length
    return np.asarray(factors + (value - factors @ unit)[:, None] * unit, np.float64)


@kernel
def scenario_key(seed, scenario):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Key of the random numbers of one scenario."""
    return mix(mix(seed + _GOLDEN) ^ mix(np.uint64(scenario) + _GOLDEN))


@kernel
def stream_key(key, stream):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Key of one of several streams of a scenario."""
    return mix(key ^ (np.uint64(stream + 1) * _GOLDEN))


@kernel
def _fill_factors(seed, first, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    for scenario in range(out.shape[0]):
        key = stream_key(scenario_key(seed, first + scenario), 0)
        for factor in range(out.shape[1]):
            out[scenario, factor] = normal_quantile(uniform(key, factor))
