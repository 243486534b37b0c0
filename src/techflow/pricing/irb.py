"""Capital of a loan by the internal-ratings formula, on arrays."""

import numpy as np

from techflow.basics import Floats, InvalidInput
from techflow.basics.normal import normal_cdf, normal_quantile

CHUNK_N = 8_192
"""Rows worked on at a time, so that what lies between stays in the nearest cache."""
STRESS = 3.090232306167813
"""Normal quantile of 99.9 %."""
WEIGHT_PER_CAPITAL = 12.5


def size_relief(sales: Floats, *, low: float, high: float, factor: float) -> Floats:
    """What the correlation of a small or medium firm is lower by.

    Args:
        sales: Yearly sales in any unit; NaN (unknown) gives no relief.
        low: Sales at and below which the relief is whole.
        high: Sales at and above which there is none.
        factor: Whole relief.

    Returns:
        `factor x (1 - (sales - low) / (high - low))`, within 0 and `factor`.

    Source:
        Basel Framework CRE31.8-31.9 (5 to 50 million euros, 0.04); in China 30 to 300 million
        yuan (policy `cn.irb_option`, unverified).

    Examples:
        >>> size_relief(np.array([5.0, 27.5, 50.0, np.nan]), low=5.0, high=50.0, factor=0.04)
        array([0.04, 0.02, 0.  , 0.  ])
    """
    known = np.where(np.isnan(sales), high, np.clip(sales, low, high))
    return factor * (1.0 - (known - low) / (high - low))


def irb_capital(
    pd: Floats,
    lgd: Floats,
    *,
    maturity_years: Floats | float = 2.5,
    relief: Floats | float = 0.0,
) -> Floats:
    """Capital K per unit of exposure to a firm, not in default.

    Args:
        pd: Probability of default, in (0, 1), shape (n,); floors are the caller's job. NaN
            stays NaN.
        lgd: Loss given default, fraction in [0, 1], shape (n,).
        maturity_years: Effective maturity; held within 1 and 5.
        relief: Lower correlation of small and medium firms, from `size_relief`.

    Returns:
        K as a fraction of exposure, at least 0, shape (n,).

    Raises:
        InvalidInput: A `pd` lies outside (0, 1).

    Source:
        Basel Framework CRE31.4-31.9; illustrative weights CRE99.

    Examples:
        >>> k = irb_capital(np.array([0.01]), np.array([0.45]))
        >>> (12.5 * k).round(4)  # 92.32 % in Annex 5 of Basel II
        array([0.9232])
    """
    if ((pd <= 0) | (pd >= 1)).any():
        raise InvalidInput(f"pd must be in (0, 1); got {np.nanmin(pd)} to {np.nanmax(pd)}")
    n = pd.shape[0]
    loss, maturity, lower = (np.broadcast_to(x, (n,)) for x in (lgd, maturity_years, relief))
    found = np.empty(n)
    for start in range(0, n, CHUNK_N):
        rows = slice(start, start + CHUNK_N)
        found[rows] = _capital(pd[rows], loss[rows], maturity[rows], lower[rows])
    return found


def _capital(pd: Floats, lgd: Floats, maturity_years: Floats, relief: Floats) -> Floats:
    near = np.expm1(-50.0 * pd) / np.expm1(-50.0)
    correlation = 0.24 - 0.12 * near - relief
    spread = normal_quantile(pd) + np.sqrt(correlation) * STRESS
    stressed = normal_cdf(spread / np.sqrt(1.0 - correlation))
    slope = np.square(0.11852 - 0.05478 * np.log(pd))
    held = np.clip(maturity_years, 1.0, 5.0)
    longer = (1.0 + (held - 2.5) * slope) / (1.0 - 1.5 * slope)
    return np.maximum(lgd * (stressed - pd) * longer, 0.0)
