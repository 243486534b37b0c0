"""Calibration: what a grade's record allows, and PDs moved to a long-run rate.

Needs SciPy (extra `train`); scoring does not import this module.
"""

from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from techflow.basics import Floats, Frame, InvalidInput, NotConverged, require_columns
from techflow.credit.low_default import low_default_pd

STEPS_MAX, GAP_MAX = 200, 1e-13


def jeffreys_interval(n: Floats, defaults_n: Floats, *, confidence: float) -> tuple[Floats, Floats]:
    """Two-sided Jeffreys interval of the PD of each grade.

    Quantiles of Beta(k + 1/2, n - k + 1/2). The lower end is 0 without a default, the upper end
    1 when all defaulted: otherwise the truth at the border would never be covered.

    Args:
        n: Firms of each grade, 1 or more; shape (grades,).
        defaults_n: Defaults of each grade, 0 to `n`; shape (grades,).
        confidence: Of the interval, in (0, 1); each tail holds half of the rest.

    Returns:
        Lower and upper ends, fractions, shape (grades,) each.

    Raises:
        InvalidInput: A value is out of range.

    Source:
        Brown, Cai and DasGupta (2001), Interval estimation for a binomial proportion,
        Statistical Science 16(2), section 3.1.

    Examples:
        >>> low, high = jeffreys_interval(np.array([7.0]), np.array([1.0]), confidence=0.95)
        >>> round(float(low[0]), 3), round(float(high[0]), 3)
        (0.016, 0.501)
    """
    n, k = np.asarray(n, np.float64), np.asarray(defaults_n, np.float64)
    fine = n.shape == k.shape and bool(np.all((n >= 1) & (k >= 0) & (k <= n)))
    if not (fine and 0.0 < confidence < 1.0):
        raise InvalidInput(
            "jeffreys_interval needs n >= 1 and 0 <= defaults_n <= n, one each per grade, and "
            f"0 < confidence < 1; got n {n}, defaults_n {k}, confidence {confidence}"
        )
    tail = 0.5 * (1.0 - confidence)
    low = np.where(k == 0, 0.0, _special().betaincinv(k + 0.5, n - k + 0.5, tail))
    high = np.where(k == n, 1.0, _special().betaincinv(k + 0.5, n - k + 0.5, 1.0 - tail))
    return low, high


def most_prudent_pds(
    n: Sequence[int], defaults_n: Sequence[int], *, confidence: float
) -> tuple[float, ...]:
    """Upper PD bounds of several grades with few defaults, most prudent estimation.

    A grade is at most as risky as the worse ones, so its bound is that of its own firms and
    all worse ones together: the bounds use the order of the grades and nothing else.

    Args:
        n: Firms per grade, best grade first; each 1 or more.
        defaults_n: Defaults per grade, same order; each 0 to `n`.
        confidence: In (0, 1), for every grade.

    Returns:
        PD bound per grade, fractions. Without defaults, or with defaults in the order of the
        grades, they rise; where a better grade holds more defaults they may not.

    Raises:
        InvalidInput: Lengths differ or a value is out of range.

    Source:
        Pluto and Tasche (2005), Estimating probabilities of default for low default portfolios,
        sections 2 and 3, independent case.

    Examples:
        >>> bounds = most_prudent_pds([100, 400, 300], [0, 0, 0], confidence=0.5)
        >>> [f"{pd:.2%}" for pd in bounds]
        ['0.09%', '0.10%', '0.23%']
    """
    if not n or len(n) != len(defaults_n):
        raise InvalidInput(
            f"give one number of firms and of defaults per grade; got {len(n)} and "
            f"{len(defaults_n)}"
        )
    if any(not 0 <= k <= m for m, k in zip(n, defaults_n, strict=True)):
        raise InvalidInput(f"defaults must lie in 0 to n; got n {[*n]}, defaults {[*defaults_n]}")
    pooled = zip(accumulate(reversed(n)), accumulate(reversed(defaults_n)), strict=True)
    bounds = [low_default_pd(m, k, confidence=confidence) for m, k in pooled]
    return tuple(reversed(bounds))


def log_odds_shift(pd: Floats, rate: float) -> float:
    """The one number that, added to every log-odds, brings the mean PD to a rate.

    It keeps the order of the firms and the odds ratio of any two, so AUC does not move.

    Args:
        pd: PDs of the firms, inside (0, 1), shape (n,), n at least 1.
        rate: Long-run default rate, inside (0, 1).

    Returns:
        The shift of log-odds; 0 if the mean is the rate already.

    Raises:
        InvalidInput: A PD or the rate is outside.
        NotConverged: The mean is not the rate within 1e-13 of it after 200 halvings.

    Source:
        King and Zeng (2001), Logistic regression in rare events data, Political Analysis 9(2),
        equation 7, solved for the mean of a finite sample.

    Examples:
        >>> round(log_odds_shift(np.array([0.5, 0.5]), 0.2), 6)  # log(0.2 / 0.8)
        -1.386294
    """
    if not (pd.size and bool(np.all((pd > 0) & (pd < 1))) and 0.0 < rate < 1.0):
        span = f"{pd.min()} to {pd.max()}" if pd.size else "none"
        raise InvalidInput(f"PDs and rate must be inside (0, 1); got PDs {span}, rate {rate}")
    logit, expit = _special().logit, _special().expit
    odds = logit(pd)
    # All firms at the riskiest (safest) one give the least (greatest) shift that can be needed.
    low, high = (
        float(logit(rate) - odds.max()),
        float(logit(rate) - odds.min()),
    )
    for _ in range(STEPS_MAX):
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        low, high = (middle, high) if expit(odds + middle).mean() < rate else (low, middle)
    if (gap := abs(float(expit(odds + middle).mean()) - rate)) > GAP_MAX:
        raise NotConverged(f"mean PD is {gap} from the rate {rate}; allowed {GAP_MAX}")
    return middle


def shift_firms(firms: Frame, *, shift: float, pd: str = "pd") -> Frame:
    """Add PDs moved by a shift of log-odds.

    Args:
        firms: Any table with the PD column.
        shift: Result of `log_odds_shift`, fitted on a sample that stands for the book.
        pd: Name of the PD column, fraction in [0, 1]; null stays null, 0 and 1 stay.

    Returns:
        The same rows plus `pd_long_run`.

    Raises:
        MissingColumn: The PD column is absent.

    Source:
        As `log_odds_shift`; odds are multiplied by exp(shift).
    """
    require_columns(firms, [pd], needed_by="shift_firms")
    up = nw.col(pd) * float(np.exp(shift))
    return firms.with_columns(pd_long_run=up / (1.0 - nw.col(pd) + up))


@cache
def _special() -> Any:
    """SciPy's special functions, which a core install lacks.

    Raises:
        InvalidInput: The extra `train` is not installed.
    """
    try:
        from scipy import special
    except ImportError as error:
        raise InvalidInput(
            "calibration needs SciPy, which is not installed; run pip install 'techflow[train]'"
        ) from error
    return special
