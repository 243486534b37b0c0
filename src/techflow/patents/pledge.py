"""What a pledge brings when the borrower defaults, and what may be lent on it.

One factor: the log of the value and the health of the firm are jointly normal, the firm defaults
when its health is worst, with probability `pd`. The more the two move together, the less the
pledge is worth exactly when it is needed.
"""

import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from techflow.basics import InvalidInput

Array = NDArray[np.float64]
NORMAL = NormalDist()
NODES, WEIGHTS = np.polynomial.legendre.leggauss(64)
STEPS_N = 60
SERIES_N = 18
WIDE = 9.0


@lru_cache(maxsize=4096)  # a book has few default probabilities, and each takes milliseconds
def default_quantile(share: float, pd: float, correlation: float) -> float:
    """Quantile of the standardised log value, given default.

    Args:
        share: Share of defaults with a lower value, between 0 and 1.
        pd: Default probability within the horizon, above 0 and below 1.
        correlation: Correlation of log value and the health of the firm, -1 to 1 exclusive;
            positive means that the value is low when the firm fails.

    Returns:
        Standard deviations from the unconditional mean of log value.

    Raises:
        InvalidInput: An argument is outside its range.

    **Source** Bivariate normal distribution: P(X <= x | Z <= N^-1(pd)), solved by bisection over
    Gauss-Legendre quadrature.

    >>> round(default_quantile(0.5, 0.02, 0.0), 6) + 0.0
    0.0
    >>> default_quantile(0.5, 0.02, 0.5) < default_quantile(0.5, 0.02, 0.2)
    True
    """
    _check_open(share=share, pd=pd)
    if not -1 < correlation < 1:
        raise InvalidInput(f"correlation: expected between -1 and 1; got {correlation}")
    low, high = -2 * WIDE, 2 * WIDE
    for _ in range(STEPS_N):
        middle = (low + high) / 2
        if _below_given_default(middle, pd, correlation) < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def mean_given_default(sigma: float, pd: float, correlation: float) -> float:
    """Mean value given default, as a share of the unconditional mean.

    Args:
        sigma: Deviation of log value, 0 or more.
        pd: Default probability, above 0 and below 1.
        correlation: As in `default_quantile`.

    Returns:
        Share, 1 without correlation.

    Raises:
        InvalidInput: `pd` is not between 0 and 1.

    **Source** Moment generating function of the truncated bivariate normal:
    N(N^-1(pd) - correlation x sigma) / pd.

    >>> round(mean_given_default(0.5, 0.02, 0.0), 9)
    1.0
    """
    _check_open(pd=pd)
    return NORMAL.cdf(NORMAL.inv_cdf(pd) - correlation * sigma) / pd


def haircut_share(
    sigma: float, pd: float, correlation: float, *, confidence: float, sale_cost_share: float
) -> float:
    """Haircut on the median value that the sale after default covers with a confidence.

    Args:
        sigma: Deviation of log value from appraisal to sale, 0 or more.
        pd: Default probability, above 0 and below 1.
        correlation: As in `default_quantile`.
        confidence: Share of defaults in which the sale brings at least the rest, 0 to 1 exclusive.
        sale_cost_share: Costs and forced-sale discount, share of the value, 0 to 1.

    Returns:
        Share of the median value, never below 0: an expected rise is not lent on.

    Raises:
        InvalidInput: An argument is outside its range.

    **Source** Quantile of the lognormal value given default.

    >>> round(haircut_share(0.0, 0.02, 0.3, confidence=0.95, sale_cost_share=0.2), 9)
    0.2
    """
    if not sigma >= 0:
        raise InvalidInput(f"sigma: expected 0 or more; got {sigma}")
    if not 0 <= sale_cost_share <= 1:
        raise InvalidInput(f"sale_cost_share: expected 0 to 1; got {sale_cost_share}")
    worst = sigma * default_quantile(1 - confidence, pd, correlation)
    return max(0.0, 1 - (1 - sale_cost_share) * math.exp(worst))


def loan_to_value_share(haircut: Array, *, product_cap_share: Array, rate_pa: float) -> Array:
    """Loan to value: what the haircut leaves for principal and a year's interest, under the cap.

    Args:
        haircut: Haircut, share, shape (n,).
        product_cap_share: Cap of the product for the kind of right, share, shape (n,).
        rate_pa: Interest that runs until the sale, share a year, above -1.

    Returns:
        Share of the median value, shape (n,).

    **Source** Practice 10-60 %; one bank 25 (invention), 15 (utility model), 50 % (trademark).

    >>> loan_to_value_share(np.array([0.5, 0.9]), product_cap_share=np.array([0.25, 0.25]),
    ...                     rate_pa=0.0).round(9).tolist()
    [0.25, 0.1]
    """
    return np.minimum((1 - haircut) / (1 + rate_pa), product_cap_share)


def finnerty_discount(sigma: float, years: float) -> float:
    """Discount for lack of marketability of unlisted equity, average-strike put.

    Args:
        sigma: Volatility of the equity a year, 0 or more.
        years: Years until it can be sold, 0 or more.

    Returns:
        Share of the marketable value; never above about 0.3228, its published weakness.

    Raises:
        InvalidInput: An argument is below 0.

    **Source** Finnerty 2012, An average-strike put option model of the marketability discount,
    Journal of Derivatives 19(4), no dividends.

    >>> finnerty_discount(0.0, 2.0)
    0.0
    """
    variance = _variance(sigma, years)
    if variance == 0:
        return 0.0
    inside = _average_strike_variance(variance)
    spread = math.sqrt(inside)
    return NORMAL.cdf(spread / 2) - NORMAL.cdf(-spread / 2)


def chaffe_discount(sigma: float, years: float, rate_pa: float) -> float:
    """Discount for lack of marketability, as the cost of a European put at the money.

    Args:
        sigma: Volatility of the equity a year, 0 or more.
        years: Years until it can be sold, 0 or more.
        rate_pa: Riskless rate a year, continuously compounded.

    Returns:
        Share of the marketable value.

    Raises:
        InvalidInput: An argument is below 0.

    **Source** Chaffe 1993, Option pricing as a proxy for discount for lack of marketability,
    Business Valuation Review 12(4); Black and Scholes 1973.

    >>> round(chaffe_discount(0.6, 2.0, 0.0), 3)
    0.329
    """
    spread = math.sqrt(_variance(sigma, years))
    discount = math.exp(-rate_pa * years)
    if spread == 0:
        return max(discount - 1, 0.0)
    near = (rate_pa * years) / spread + spread / 2
    return discount * NORMAL.cdf(spread - near) - NORMAL.cdf(-near)


def _below_given_default(x: float, pd: float, correlation: float) -> float:
    """P(X <= x, Z <= z) / pd, integrated over the defaults."""
    # Substituted by the rank of the health among defaults, so that any pd is as exact.
    rank = (NODES + 1) / 2
    health = np.array([NORMAL.inv_cdf(pd * u) for u in rank])
    noise = math.sqrt(1 - correlation**2)
    below = [NORMAL.cdf((x - correlation * z) / noise) for z in health]
    return float(np.dot(WEIGHTS, below)) / 2


def _average_strike_variance(v: float) -> float:
    """Finnerty's v + ln 2(e^v - v - 1) - 2 ln(e^v - 1), for v above 0."""
    if v < 1:  # there the logarithms cancel: from their power series, without the v^2 they share
        powers = range(1, SERIES_N)
        up = sum(2 * v**k / math.factorial(k + 2) for k in powers)
        down = sum((-v) ** k / math.factorial(k + 1) for k in powers)
        return math.log1p(up) - v - 2 * math.log1p(down)
    # Divided through by e^v, so that no v overflows.
    decay = math.exp(-v)
    return math.log(2 * (1 - (v + 1) * decay)) - 2 * math.log1p(-decay)


def _variance(sigma: float, years: float) -> float:
    if not (sigma >= 0 and years >= 0):
        raise InvalidInput(f"sigma and years: expected 0 or more; got {sigma} and {years}")
    return sigma * sigma * years


def _check_open(**shares: float) -> None:
    for name, value in shares.items():
        if not 0 < value < 1:
            raise InvalidInput(f"{name}: expected above 0 and below 1; got {value}")
