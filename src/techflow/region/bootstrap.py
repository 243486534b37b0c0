"""Smoothed bootstrap of efficiency scores. Needs the extra `simulate`."""

import math
from typing import NamedTuple

import numpy as np

from techflow.basics import Floats, InvalidInput
from techflow.region.efficiency import check_units, choose_form, measure_efficiency
from techflow.region.simplex import solve_draws

FRONTIER = 1e-9
"""Distances within this of 1 lie on the frontier."""
CENTRES = ("frontier", "mean")


class Bootstrapped(NamedTuple):
    """Scores and what the bootstrap says of them.

    Attributes:
        score: Efficiency against the observed frontier, shape (units,); biased upwards.
        corrected: Less its bias: below the score, since the true frontier lies beyond the best
            that was seen.
        low: Lower end of the interval of the true efficiency.
        high: Upper end.
        draws: Draws of the true efficiency, shape (draws, units); for ranks.
        bandwidth: Width of the smoothing, on distances.
    """

    score: Floats
    corrected: Floats
    low: Floats
    high: Floats
    draws: Floats
    bandwidth: float


def choose_bandwidth(distance: Floats) -> float:
    """Width of the kernel by the normal reference rule on distances reflected at 1.

    Args:
        distance: One over efficiency, 1 or more, shape (units,).

    Returns:
        The width; 0 if all lie on the frontier.

    Source:
        Silverman 1986, Density Estimation, eq. 3.31; reflected without the units on the frontier
        and brought to the size and spread of the sample: Daraio and Simar 2007, Advanced Robust
        and Nonparametric Methods in Efficiency Analysis, section 3.4.

    Examples:
        >>> round(choose_bandwidth(np.array([1.0, 1.2, 1.5, 2.0])), 4)
        0.262
    """
    inside = distance[distance > 1.0 + FRONTIER]
    if inside.size == 0:
        return 0.0
    mirrored = np.concatenate([inside, 2.0 - inside])
    spread = float(mirrored.std(ddof=1))
    upper, lower = np.quantile(mirrored, [0.75, 0.25])
    width = 0.9 * min(spread, float(upper - lower) / 1.34) * mirrored.size**-0.2
    shrunk = (mirrored.size / distance.size) ** 0.2 * float(distance.std(ddof=1)) / spread
    return float(width * shrunk)


def smooth_distances(
    distance: Floats, picks: Floats, noise: Floats, width: float, *, centre: str = "frontier"
) -> Floats:
    """Distances drawn from the smoothed, reflected sample, with that sample's spread.

    Args:
        distance: One over efficiency, shape (units,).
        picks: Uniform draws that pick a unit, in [0, 1), shape (draws, units).
        noise: Standard normal draws, same shape.
        width: Result of `choose_bandwidth`.
        centre: `mean`: the published correction of the variance, about the mean of each draw.
            It moves the frontier inwards and claims too much bias. `frontier`: about 1, the
            middle of the reflected sample, which leaves the frontier where it is.

    Returns:
        Distances, 1 or more, same shape as the draws.

    Raises:
        InvalidInput: `centre` is another word.

    Source:
        Simar and Wilson 1998, Management Science 44(1), the algorithm of section 3, on distances
        instead of their inverses; correction about a centre: Silverman 1986, section 6.4.1.
    """
    if centre not in CENTRES:
        raise InvalidInput(f"centre must be one of {CENTRES}; got {centre!r}")
    taken: Floats = distance[(picks * distance.size).astype(np.int64)]
    moved: Floats = taken + width * noise
    moved = np.where(moved >= 1.0, moved, 2.0 - moved)
    if width == 0.0:
        return taken
    if centre == "frontier":
        square = float(np.mean((distance - 1.0) ** 2))
        return 1.0 + (moved - 1.0) / math.sqrt(1.0 + width**2 / square)
    middle: Floats = taken.mean(axis=1, keepdims=True)
    return middle + (moved - middle) / math.sqrt(1.0 + width**2 / float(distance.var()))


def bootstrap_efficiency(
    inputs: Floats,
    outputs: Floats,
    *,
    returns: str = "variable",
    orientation: str = "inputs",
    draws_n: int = 1000,
    level: float = 0.95,
    centre: str = "frontier",
    seed: int = 7,
) -> Bootstrapped:
    """Efficiency with an interval for the true one.

    Args:
        inputs: What is used, shape (units, inputs).
        outputs: What is made, shape (units, outputs).
        returns: `constant` or `variable`.
        orientation: `inputs` or `outputs`.
        draws_n: Draws, 2 or more.
        level: Level of the interval, in (0, 1).
        centre: See `smooth_distances`.
        seed: Seed of the draws.

    Returns:
        Scores, intervals and draws.

    Raises:
        InvalidInput: See `measure_efficiency`; or draws or level are out of range.

    Source:
        Simar and Wilson 1998, Management Science 44(1), 49-61; interval: Simar and Wilson 2000,
        Journal of Applied Statistics 27(6), 779-802. Assumes that inefficiency is spread alike
        over all units (homogeneous). Intervals are too narrow in small samples: docs/region.md.

    Examples:
        >>> x = np.array([[2.0], [3], [3], [4], [5], [5], [6], [8]])
        >>> y = np.array([[1.0], [3], [2], [3], [4], [2], [3], [5]])
        >>> found = bootstrap_efficiency(x, y, returns="constant", seed=1)
        >>> bool(np.all(found.corrected < found.score))
        True
    """
    if draws_n < 2 or not 0.0 < level < 1.0:
        raise InvalidInput(f"draws_n must be 2 or more and level in (0, 1); got {draws_n}, {level}")
    x, y = check_units(inputs, outputs)
    score = measure_efficiency(x, y, returns=returns, orientation=orientation).score
    distance = np.maximum(1.0 / score, 1.0)
    width = choose_bandwidth(distance)
    rng = np.random.default_rng(seed)
    size = (draws_n, len(x))
    drawn = smooth_distances(
        distance, rng.random(size), rng.standard_normal(size), width, centre=centre
    )
    by_outputs = orientation == "outputs"
    stretch = distance / drawn if by_outputs else drawn / distance
    found = np.empty(size)
    form = choose_form(returns, orientation)
    solve_draws((x, y), np.ascontiguousarray(stretch), form, by_outputs, found)
    return _summarise(distance, 1.0 / found, level, width)


def _summarise(distance: Floats, found: Floats, level: float, width: float) -> Bootstrapped:
    """Reflect the draws about the estimate: the true distance is as far beyond it."""
    beyond = 2.0 * distance - found
    tail = (1.0 - level) / 2.0
    far, near = np.quantile(beyond, [1.0 - tail, tail], axis=0)
    return Bootstrapped(
        score=1.0 / distance,
        corrected=1.0 / (2.0 * distance - found.mean(axis=0)),
        low=1.0 / far,
        high=1.0 / near,
        draws=1.0 / beyond,
        bandwidth=width,
    )
