"""Tails at a small cost: worlds drawn where the losses are, by Sobol points.

Needs the extra `train` (SciPy and Numba).
"""

from typing import NamedTuple

import numpy as np

from techflow.basics import Floats, InvalidInput
from techflow.portfolio.expected import book_direction, expected_loss, worst_factors
from techflow.portfolio.loss import simulate_losses
from techflow.portfolio.measures import TailRisk, measure_runs
from techflow.portfolio.plan import LossPlan
from techflow.portfolio.recovery import normal_quantiles

_EDGE = 1e-15


class Worlds(NamedTuple):
    """Draws of the factors that are more often bad than they should be.

    Attributes:
        factors: Shape (scenarios, factors).
        weight: Likelihood ratio of each; the mean of weight times anything is its mean.
    """

    factors: Floats
    weight: Floats


def sobol_normals(points_n: int, factors_n: int, *, seed: int) -> Floats:
    """Standard normal factors from scrambled Sobol points.

    Args:
        points_n: Points, a power of 2.
        factors_n: Factors.
        seed: Seed of the scrambling; runs of other seeds are independent.

    Returns:
        Shape (points_n, factors_n).

    Raises:
        InvalidInput: No power of 2, or SciPy is not installed.

    Source:
        Joe and Kuo (2008), Constructing Sobol sequences with better two-dimensional projections,
        SIAM Journal on Scientific Computing 30(5), as in SciPy; scrambled after Matousek (1998).

    Examples:
        >>> abs(float(sobol_normals(1024, 3, seed=1).mean())) < 0.001
        True
    """
    if points_n < 1 or points_n & (points_n - 1):
        raise InvalidInput(f"points: expected a power of 2, such as 1024; got {points_n}")
    try:
        from scipy.stats import qmc
    except ImportError as error:
        raise InvalidInput(
            "Sobol points need SciPy; install techflow[train], or use draw_factors"
        ) from error
    rule = qmc.Sobol(factors_n, scramble=True, rng=np.random.default_rng(seed))
    points = rule.random_base2(points_n.bit_length() - 1).clip(_EDGE, 1 - _EDGE)
    return normal_quantiles(points.ravel()).reshape(points.shape)


def shift_to_tail(plan: LossPlan, *, level: float) -> Floats:
    """Where the worlds that make the tail at a level lie most densely.

    Args:
        plan: The book.
        level: Such as 0.999, inside (0.5, 1).

    Returns:
        Mean of the factors to draw around, shape (factors,).

    Raises:
        InvalidInput: The level is out of range.

    Source:
        Glasserman and Li (2005), Importance sampling for portfolio credit risk, Management
        Science 51(11), section 5: the mode of the conditional probability times the density,
        here with the conditional mean in place of the probability.
    """
    if not 0.5 < level < 1.0:
        raise InvalidInput(f"level must be inside (0.5, 1), such as 0.999; got {level}")
    far = float(normal_quantiles(np.array([level]))[0])
    direction = book_direction(plan)
    aim = expected_loss(plan, (direction * far)[None, :])[0]
    return worst_factors(plan, loss_cny=float(aim))


def weighted_worlds(normals: Floats, shift: Floats) -> Worlds:
    """Shift standard normal draws, and weigh them so that means stay.

    The first column of the draws, which is the best of Sobol points, goes along the shift.

    Args:
        normals: Standard normal draws, shape (scenarios, factors).
        shift: New mean, shape (factors,).

    Returns:
        Factors and weights.

    Source:
        Change of the mean of a normal distribution: Glasserman and Li (2005), section 5.

    Examples:
        >>> found = weighted_worlds(np.array([[0.0, 0.0]]), np.array([0.0, -2.0]))
        >>> found.factors.tolist(), float(found.weight[0]) == float(np.exp(-2.0))
        ([[0.0, -2.0]], True)
    """
    length = float(np.linalg.norm(shift))
    if length == 0:
        return Worlds(normals, np.ones(len(normals)))
    first = np.column_stack([shift, np.eye(len(shift))])
    turn, upper = np.linalg.qr(first)
    turn = turn * np.where(upper[0, 0] < 0, -1.0, 1.0)
    weight = np.exp(-length * normals[:, 0] - length**2 / 2)
    return Worlds(np.asarray(normals @ turn.T + shift, np.float64), weight)


def tail_risk(
    plan: LossPlan, *, level: float, points_n: int = 128, runs_n: int = 8, seed: int
) -> TailRisk:
    """Value at risk and expected shortfall deep in the tail.

    Args:
        plan: The book.
        level: Such as 0.999, inside (0.5, 1).
        points_n: Sobol points of each run, a power of 2.
        runs_n: Independent runs, 2 or more; their spread is the error.
        seed: Seed, 0 or more.

    Returns:
        Each figure with its standard error. The mean is poor here: the draws are in the tail.

    Raises:
        InvalidInput: A value is out of range, or SciPy is not installed.

    Source:
        Glasserman and Li (2005); the factors by randomised Sobol points, the defaults given the
        factors as in `simulate_losses`.
    """
    shift, losses, weights = shift_to_tail(plan, level=level), [], []
    for run in range(runs_n):
        normals = sobol_normals(points_n, len(shift), seed=seed + run)
        worlds = weighted_worlds(normals, shift)
        found = simulate_losses(plan, worlds.factors, seed=seed, first=run * points_n)
        losses.append(found.sum(axis=1))
        weights.append(worlds.weight)
    return measure_runs(np.stack(losses), level=level, weight=np.stack(weights))
