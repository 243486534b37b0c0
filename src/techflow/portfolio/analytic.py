"""Closed forms for what a book can lose: the large-book limit, its correction, CreditRisk+.

Needs SciPy (extra `train`). They check the simulation, and the first guess is free.
"""

import numpy as np
from scipy.special import ndtr, ndtri

from techflow.basics import Floats, InvalidInput

STEP = 1e-4


def vasicek_quantile(level: float, *, pd: float, correlation: float) -> float:
    """Default rate of an endless book of like firms that is exceeded with chance 1 - level.

    Args:
        level: Inside (0, 1).
        pd: Default probability, inside (0, 1).
        correlation: Asset correlation, inside (0, 1).

    Returns:
        Share of the book.

    Raises:
        InvalidInput: A value is out of range.

    Source:
        Vasicek (2002), The distribution of loan portfolio value, Risk 15(12).

    Examples:
        >>> round(vasicek_quantile(0.999, pd=0.01, correlation=0.2), 4)
        0.1455
    """
    _check(level, np.array([pd]), np.array([correlation]))
    return float(_conditional(ndtri(level), np.array([pd]), np.array([correlation]))[0])


def vasicek_cdf(share: Floats, *, pd: float, correlation: float) -> Floats:
    """Chance that the default rate of an endless book of like firms is at most `share`.

    Args:
        share: Inside (0, 1), any shape.
        pd: Default probability, inside (0, 1).
        correlation: Asset correlation, inside (0, 1).

    Returns:
        The same shape.

    Raises:
        InvalidInput: A value is out of range.

    Source:
        Vasicek (2002), as `vasicek_quantile`.

    Examples:
        >>> at = vasicek_quantile(0.99, pd=0.02, correlation=0.1)
        >>> round(float(vasicek_cdf(np.array([at]), pd=0.02, correlation=0.1)[0]), 9)
        0.99
    """
    _check(0.5, np.array([pd]), np.array([correlation]))
    root = np.sqrt(1.0 - correlation) * ndtri(share)
    return np.asarray(ndtr((root - ndtri(pd)) / np.sqrt(correlation)), np.float64)


def one_factor_var(
    level: float, *, pd: Floats, ead_cny: Floats, lgd: Floats, correlation: Floats
) -> tuple[float, float]:
    """Value at risk with one factor and a fixed loss rate: the limit, and what firms add to it.

    Args:
        level: Inside (0, 1).
        pd: Default probabilities, inside (0, 1), shape (n,).
        ead_cny: Exposures, shape (n,).
        lgd: Loss given default, shape (n,).
        correlation: Asset correlations, inside (0, 1), shape (n,).

    Returns:
        Value at risk of the endless book, and the granularity adjustment to add, yuan.

    Raises:
        InvalidInput: A value is out of range.

    Source:
        Limit: Gordy (2003), A risk-factor model foundation for ratings-based bank capital rules,
        Journal of Financial Intermediation 12(3). Adjustment: Martin and Wilde (2002),
        Unsystematic credit risk, Risk 15(11): minus half the slope of density times conditional
        variance over the slope of the mean, by the density. The slope is a central difference.

    Examples:
        >>> like = [np.full(100, x) for x in (0.02, 1.0, 1.0, 0.1)]
        >>> names = ("pd", "ead_cny", "lgd", "correlation")
        >>> found = one_factor_var(0.999, **dict(zip(names, like, strict=True)))
        >>> [round(x, 2) for x in found]  # the exact mixture: 15
        [12.82, 2.4]
    """
    _check(level, pd, correlation)
    loss = ead_cny * lgd

    def mean(x: float) -> float:
        return float(loss @ _conditional(x, pd, correlation))

    def spread(x: float) -> float:
        chance = _conditional(x, pd, correlation)
        slope = (mean(x + STEP) - mean(x - STEP)) / (2 * STEP)
        return float(np.exp(-x * x / 2) * (loss**2 @ (chance * (1 - chance))) / slope)

    x = float(ndtri(level))
    bend = (spread(x + STEP) - spread(x - STEP)) / (2 * STEP)
    return mean(x), float(-bend / (2 * np.exp(-x * x / 2)))


def credit_risk_plus(
    default_rate: Floats, units: Floats, *, sector: Floats, variance: Floats, units_max: int
) -> Floats:
    """Distribution of the loss in whole units, with gamma-distributed default rates by sector.

    Args:
        default_rate: Expected defaults of each firm, 0 or more, shape (n,).
        units: Loss of each firm in whole units, 1 or more, shape (n,).
        sector: Sector of each firm, from 0, shape (n,).
        variance: Variance of each sector's factor (mean 1), 0 or more, shape (sectors,).
        units_max: Largest loss wanted.

    Returns:
        Chance of a loss of 0, 1, ..., units_max units, shape (units_max + 1,).

    Raises:
        InvalidInput: A value is out of range.

    Source:
        Credit Suisse First Boston (1997), CreditRisk+. The power series of the generating
        function by logarithm and exponential, as stable as it is short: Haaf, Reiss and
        Schoenmakers (2004), Numerically stable computation of CreditRisk+.

    Examples:
        >>> one = np.array([2.0])
        >>> where = {"sector": np.zeros(1, int), "variance": np.zeros(1), "units_max": 2}
        >>> credit_risk_plus(one, np.ones(1, int), **where).round(6).tolist()  # Poisson
        [0.135335, 0.270671, 0.270671]
    """
    if bool(np.any(default_rate < 0)) or bool(np.any(variance < 0)) or units_max < 1:
        raise InvalidInput("default_rate and variance must be 0 or more, units_max 1 or more")
    size, place = np.asarray(units).astype(np.int64), np.asarray(sector).astype(np.int64)
    if bool(np.any(size != units)) or bool(np.any(size < 1)):
        raise InvalidInput("units must be whole numbers of 1 or more; choose a smaller unit")
    total = np.zeros(units_max + 1)
    for k, spread in enumerate(np.asarray(variance, np.float64)):
        here = (place == k) & (size <= units_max)
        rate = np.asarray(np.bincount(size[here], default_rate[here], units_max + 1), np.float64)
        mean = float(default_rate[place == k].sum())
        total += _sector_log(rate, mean, float(spread))
    return _exp_series(total)


def _sector_log(rate: Floats, mean: float, variance: float) -> Floats:
    """Logarithm of the generating function of one sector, as a power series."""
    if variance == 0:
        return np.concatenate([[rate[0] - mean], rate[1:]])
    # -1/v * log(1 + v * mean - v * rate(z)): a negative binomial number of defaults.
    base = 1 + variance * mean
    share, log = variance * rate / base, np.zeros(len(rate))
    ranks = np.arange(len(rate))
    for n in range(1, len(rate)):
        log[n] = share[n] + (ranks[1:n] * log[1:n]) @ share[n - 1 : 0 : -1] / n
    log[0] = -np.log(base)
    return log / variance


def _exp_series(series: Floats) -> Floats:
    """Exponential of a power series; Panjer's recursion when the series is one Poisson sector."""
    out, ranks = np.zeros(len(series)), np.arange(len(series))
    out[0] = np.exp(series[0])
    for n in range(1, len(series)):
        out[n] = (ranks[1 : n + 1] * series[1 : n + 1]) @ out[n - 1 :: -1][:n] / n
    return out


def _conditional(x: float, pd: Floats, correlation: Floats) -> Floats:
    """PD where the factor is at its bad quantile `x`."""
    tilt = ndtri(pd) + np.sqrt(correlation) * x
    return np.asarray(ndtr(tilt / np.sqrt(1.0 - correlation)), np.float64)


def _check(level: float, pd: Floats, correlation: Floats) -> None:
    for name, values in (("level", np.array([level])), ("pd", pd), ("correlation", correlation)):
        if not bool(np.all((values > 0) & (values < 1))):
            raise InvalidInput(
                f"{name} must be inside (0, 1); got {np.min(values)} to {np.max(values)}"
            )
