"""Control limits of a share: how far a small unit may stray by chance alone."""

from math import lgamma

import numpy as np
from numpy.typing import NDArray

from techflow.basics import Floats, InvalidInput
from techflow.basics.normal import normal_quantile

INNER, OUTER = 0.95, 0.998
"""Usual levels of a funnel plot: two and three standard deviations."""


def binomial_limit(n: int, share: float, chance: float) -> float:
    """Value of an observed share that is not passed with a chance, interpolated.

    Args:
        n: Customers, 1 or more.
        share: Expected share, in [0, 1].
        chance: Chance of at most this value, in (0, 1).

    Returns:
        The limit as a share; below 0 or above 1 it cannot be passed.

    Raises:
        InvalidInput: A number is out of range.

    Source:
        Spiegelhalter 2005, Funnel plots for comparing institutional performance, Statistics in
        Medicine 24, 1185-1202, appendix A.1.1: exact binomial limits with interpolation.

    Examples:
        >>> round(binomial_limit(10, 0.5, 0.975), 4), round(binomial_limit(1000, 0.5, 0.975), 4)
        (0.7676, 0.5305)
    """
    if n < 1 or not 0 <= share <= 1 or not 0 < chance < 1:
        raise InvalidInput(
            f"n must be 1 or more, share in [0, 1], chance in (0, 1); got {n}, {share}, {chance}"
        )
    if share in (0.0, 1.0):
        return share
    below = np.cumsum(_chances(n, share))
    r = int(np.searchsorted(below, chance))
    if r > n:
        return 1.0
    before = below[r - 1] if r else 0.0
    return float((r - (below[r] - chance) / (below[r] - before)) / n)


def share_limits(n: Floats, share: Floats, level: float) -> tuple[Floats, Floats]:
    """Limits about expected shares.

    Args:
        n: Customers of each unit, shape (units,).
        share: Expected share of each; NaN is unknown.
        level: Chance to lie inside, in (0, 1).

    Returns:
        Low and high limits, cut to [0, 1]; NaN where unknown.

    Raises:
        InvalidInput: See `binomial_limit`.
    """
    tail = (1.0 - level) / 2.0
    ends = []
    for chance in (tail, 1.0 - tail):
        found = [
            binomial_limit(int(k), float(p), chance) if np.isfinite(p) and k >= 1 else np.nan
            for k, p in zip(n, share, strict=True)
        ]
        ends.append(np.clip(np.array(found, np.float64), 0.0, 1.0))
    return ends[0], ends[1]


def mean_limits(n: Floats, expected: Floats, spread: float, level: float) -> tuple[Floats, Floats]:
    """Limits about expected means of numbers with one standard deviation.

    Args:
        n: Customers of each unit, shape (units,).
        expected: Expected mean of each; NaN is unknown.
        spread: Standard deviation of one customer about what is expected, 0 or more.
        level: Chance to lie inside, in (0, 1).

    Returns:
        Low and high limits.

    Source:
        Normal limits: Spiegelhalter 2005, appendix A.2.

    Examples:
        >>> low, high = mean_limits(np.array([4.0]), np.array([0.04]), 0.01, 0.95)
        >>> round(float(high[0]), 4)
        0.0498
    """
    z = float(normal_quantile(np.array([1.0 - (1.0 - level) / 2.0]))[0])
    half = z * spread / np.sqrt(np.maximum(n, 1.0))
    return expected - half, expected + half


def binomial_tails(n: int, share: float, seen_n: int) -> tuple[float, float]:
    """Chance of at most, and of at least, so many by chance alone.

    Args:
        n: Customers, 1 or more.
        share: Expected share, in [0, 1].
        seen_n: What was seen, 0 to `n`.

    Returns:
        Both chances. Where customers differ in what is expected of them, the binomial with the
        mean share is the wider, so that nobody is blamed too soon (Hoeffding 1956).

    Raises:
        InvalidInput: A number is out of range.

    Examples:
        >>> [round(chance, 4) for chance in binomial_tails(2, 0.045, 1)]
        [0.998, 0.088]
    """
    if n < 1 or not 0 <= share <= 1 or not 0 <= seen_n <= n:
        raise InvalidInput(
            f"n must be 1 or more, share in [0, 1], seen_n in [0, n]; got {n}, {share}, {seen_n}"
        )
    chances = _chances(n, share)
    return float(chances[: seen_n + 1].sum()), float(chances[seen_n:].sum())


def _chances(n: int, share: float) -> Floats:
    """Chance of each count from 0 to n."""
    if share in (0.0, 1.0):
        return np.asarray(np.arange(n + 1) == (n if share else 0), np.float64)
    k = np.arange(n + 1)
    ways = lgamma(n + 1) - np.array([lgamma(i + 1) + lgamma(n - i + 1) for i in k])
    return np.asarray(np.exp(ways + k * np.log(share) + (n - k) * np.log1p(-share)), np.float64)


def judge_shares(n: Floats, expected: Floats, seen: Floats, level: float) -> NDArray[np.str_]:
    """What exact chances say of each unit: `low`, `within`, `high` or `unknown`.

    Args:
        n: Customers of each unit, shape (units,).
        expected: Expected share; NaN is unknown.
        seen: Share seen.
        level: Chance to lie inside, in (0, 1).

    Source:
        Exact binomial test. The interpolated limits of a funnel are for the eye: with two
        customers they would blame one.

    Examples:
        >>> judge_shares(np.array([2.0, 200.0]), np.full(2, 0.045), np.full(2, 0.5), 0.998).tolist()
        ['within', 'high']
    """
    tail, said = (1.0 - level) / 2.0, []
    for k, share, value in zip(n, expected, seen, strict=True):
        if not (k >= 1 and np.isfinite(share) and np.isfinite(value)):
            said.append("unknown")
            continue
        at_most, at_least = binomial_tails(int(k), float(share), round(value * k))
        said.append("low" if at_most < tail else "high" if at_least < tail else "within")
    return np.array(said, dtype=np.str_)


def judge_means(observed: Floats, low: Floats, high: Floats) -> NDArray[np.str_]:
    """What limits say of the mean of each unit: `low`, `within`, `high` or `unknown`.

    Examples:
        >>> judge_means(np.array([0.1, 0.5, np.nan]), np.full(3, 0.2), np.full(3, 0.6)).tolist()
        ['low', 'within', 'unknown']
    """
    known = np.isfinite(observed) & np.isfinite(low) & np.isfinite(high)
    said = [~known, observed < low, observed > high]
    return np.select(said, ["unknown", "low", "high"], "within")
