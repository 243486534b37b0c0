"""Haircut and loan to value of many pledges at once."""

import math
from typing import NamedTuple

import numpy as np
from numpy.polynomial import Chebyshev

from techflow.basics.normal import normal_cdf, normal_quantile
from techflow.patents.pledge import NORMAL, default_quantile, loan_to_value_share
from techflow.patents.value import Array

Z_90 = NORMAL.inv_cdf(0.95)
PD_LOW, PD_HIGH = 1e-6, 0.999
"""Default probabilities outside are taken at the end: there the quantile hardly moves."""
DEGREE_N = 32


class Pledged(NamedTuple):
    """One entry per pledge, shape (n,); NaN where an input is missing or no value has a spread."""

    haircut_share: Array
    loan_to_value_share: Array
    pledge_value_cny: Array
    """Loan to value times the median value, yuan."""


def pledge_values(
    values: tuple[Array, Array, Array],
    pd: Array,
    cap_share: Array,
    *,
    correlation: float,
    confidence: float,
    sale_cost_share: float,
    rate_pa: float,
) -> Pledged:
    """Haircut on the median value, loan to value, and what may be lent.

    Args:
        values: 5 % quantile, median and 95 % quantile of the value, yuan, each shape (n,).
        pd: Default probability within the year, above 0 and below 1, shape (n,).
        cap_share: Cap of the product on the loan to value, share, shape (n,).
        correlation: Of log value and the health of the firm, -1 to 1 exclusive.
        confidence: Share of defaults in which the sale brings at least the rest.
        sale_cost_share: Costs and forced-sale discount, share.
        rate_pa: Interest that runs until the sale, share a year.

    Returns:
        One entry per pledge.

    **Source** `haircut_share` for a lognormal value; the quantile given default is interpolated
    over the default probability by Chebyshev polynomials (Trefethen 2013, ch. 8).

    >>> value = (np.array([50.0]), np.array([100.0]), np.array([200.0]))
    >>> found = pledge_values(value, np.array([0.02]), np.array([0.25]), correlation=0.3,
    ...                       confidence=0.9, sale_cost_share=0.3, rate_pa=0.05)
    >>> found.loan_to_value_share.tolist(), found.pledge_value_cny.tolist()
    ([0.25], [25.0])
    """
    low, median, high = values
    usable = (low > 0) & (low <= median) & (median <= high) & (pd > 0) & (pd < 1)
    sigma = np.log(np.where(usable, high, 1.0) / np.where(usable, low, 1.0)) / (2 * Z_90)
    worst = sigma * _default_quantiles(np.where(usable, pd, 0.5), 1 - confidence, correlation)
    kept = (1 - sale_cost_share) * np.exp(worst)
    haircut = np.where(usable & np.isfinite(median), np.maximum(0.0, 1 - kept), math.nan)
    share = loan_to_value_share(haircut, product_cap_share=cap_share, rate_pa=rate_pa)
    return Pledged(haircut, share, share * median)


def _default_quantiles(pd: Array, share: float, correlation: float) -> Array:
    """`default_quantile` at each default probability, to about eight digits."""
    few = np.unique(pd)
    if len(few) <= DEGREE_N:
        exact = [default_quantile(share, float(one), correlation) for one in few]
        return np.asarray(exact)[np.searchsorted(few, pd)] if len(few) else pd
    ends = [NORMAL.inv_cdf(one) for one in (PD_LOW, PD_HIGH)]

    def quantile(health: Array) -> Array:
        chances = normal_cdf(health)
        return np.array([default_quantile(share, float(one), correlation) for one in chances])

    line = Chebyshev.interpolate(quantile, DEGREE_N, domain=ends)
    return np.asarray(line(normal_quantile(np.clip(pd, PD_LOW, PD_HIGH))))
