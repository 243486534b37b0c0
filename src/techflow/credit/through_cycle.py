"""Through the cycle and point in time: one factor moves all PDs (Vasicek).

Needs SciPy (extra `train`); scoring does not import this module.
"""

import numpy as np
from scipy.special import ndtr, ndtri

from techflow.basics import Floats, InvalidInput


def point_in_time_pd(pd: Floats, *, cycle: float, correlation: float) -> Floats:
    """PD given the state of the economy.

    Args:
        pd: Through-the-cycle PD, fraction in [0, 1], any shape.
        cycle: State of the economy in standard deviations; above 0 is a good year.
        correlation: Asset correlation, in (0, 1).

    Returns:
        PD in that state, same shape; its mean over a standard normal `cycle` is `pd`.

    Raises:
        InvalidInput: A value is out of range.

    Source:
        Vasicek (2002), The distribution of loan portfolio value, Risk 15(12); with cycle
        -3.09 (the 99.9 % quantile) it is the conditional PD of the Basel IRB formula.

    Examples:
        >>> bad_year = point_in_time_pd(np.array([0.01]), cycle=-2.0, correlation=0.12)
        >>> round(float(bad_year[0]), 4)
        0.0408
    """
    _check(pd, correlation)
    tilt = np.sqrt(correlation) * cycle
    return np.asarray(ndtr((ndtri(pd) - tilt) / np.sqrt(1.0 - correlation)), np.float64)


def through_cycle_pd(pd: Floats, *, cycle: float, correlation: float) -> Floats:
    """PD freed of the state of the economy in which it was measured.

    Args:
        pd: Point-in-time PD, fraction in [0, 1], any shape.
        cycle: State of the economy in that year, see `cycle_of_rate`.
        correlation: Asset correlation, in (0, 1).

    Returns:
        Through-the-cycle PD, same shape; undoes `point_in_time_pd`.

    Raises:
        InvalidInput: A value is out of range.

    Source:
        Inverse of Vasicek (2002), Risk 15(12).

    Examples:
        >>> pd = point_in_time_pd(np.array([0.01]), cycle=-2.0, correlation=0.12)
        >>> round(float(through_cycle_pd(pd, cycle=-2.0, correlation=0.12)[0]), 6)
        0.01
    """
    _check(pd, correlation)
    tilt = np.sqrt(correlation) * cycle
    return np.asarray(ndtr(ndtri(pd) * np.sqrt(1.0 - correlation) + tilt), np.float64)


def cycle_of_rate(default_rate: Floats, *, pd: float, correlation: float) -> Floats:
    """State of the economy that a year's default rate of a large book speaks of.

    Args:
        default_rate: Defaults over firms in each year, inside (0, 1); shape (years,).
        pd: Long-run PD of the book, inside (0, 1).
        correlation: Asset correlation, in (0, 1).

    Returns:
        Standard deviations, shape (years,); above 0 is a good year.

    Raises:
        InvalidInput: A value is out of range: a year without defaults names no state.

    Source:
        Vasicek (2002), Risk 15(12), large-portfolio limit solved for the factor.

    Examples:
        >>> round(float(cycle_of_rate(np.array([0.0408]), pd=0.01, correlation=0.12)[0]), 2)
        -2.0
    """
    _check(default_rate, correlation)
    if bool(np.any((default_rate <= 0) | (default_rate >= 1))) or not 0.0 < pd < 1.0:
        raise InvalidInput(
            f"default rates and pd must be inside (0, 1); got rates {default_rate}, pd {pd}"
        )
    gap = ndtri(pd) - np.sqrt(1.0 - correlation) * ndtri(default_rate)
    return np.asarray(gap / np.sqrt(correlation), np.float64)


def _check(pd: Floats, correlation: float) -> None:
    if bool(np.any((pd < 0) | (pd > 1))) or not 0.0 < correlation < 1.0:
        raise InvalidInput(
            f"pd must be in [0, 1] and correlation inside (0, 1); got pd {np.min(pd)} to "
            f"{np.max(pd)}, correlation {correlation}"
        )
