"""Cost approach: what the patent would cost anew, less what age and technology have used up."""

from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from techflow.basics import InvalidInput

Array = NDArray[np.float64]
POINTS_N, GENERATOR = 987, 610
"""Two neighbours in Fibonacci's sequence: the best lattice in two dimensions of its size."""
SHARES = (0.05, 0.5, 0.95)


class CostCase(NamedTuple):
    """What the cost approach needs of n patents; each field has shape (n,), missing is NaN."""

    rnd_cny: Array
    """R&D spending due to the patent, in prices of the day of the valuation."""
    direct_cny: Array
    """Filing and legal costs, same prices."""
    profit_share: Array
    """Developer's profit as a share of all costs, 0 or more."""
    attribution_sigma: Array
    """Deviation of the log of the spending that is due to the patent; its mean stays."""
    age_years: Array
    """Age since filing, years."""
    legal_life_years: Array
    """Legal life that is left, years; 0 or less has no value."""
    scale_years: Array
    """Weibull scale of economic life, years; infinite means the legal end alone counts."""
    shape: Array
    """Weibull shape of economic life, above 0."""


def indexed_spending(spent_cny: Array, index: Array, *, index_now: float) -> Array:
    """Past spending in prices of today.

    Args:
        spent_cny: Spending by year, yuan of that year, shape (n, years); NaN adds nothing.
        index: Price index of each year, shape (years,); NaN where unknown.
        index_now: Price index of the day of the valuation, above 0.

    Returns:
        Shape (n,), yuan of today; NaN where no year is known or a year with spending has no index.

    Raises:
        InvalidInput: An index is not above 0.

    **Source** Restatement by a price index: amount x index now / index then.

    >>> indexed_spending(np.array([[100.0, 50.0]]), np.array([80.0, 100.0]), index_now=100).tolist()
    [175.0]
    """
    if not index_now > 0 or (index <= 0).any():
        raise InvalidInput("price_index: expected above 0 in every year; correct the index file")
    known = ~np.isnan(spent_cny)
    today = np.where(known, spent_cny * (index_now / index), 0.0).sum(axis=1)
    return np.where(known.any(axis=1), today, np.nan)


def cost_new(case: CostCase) -> Array:
    """Cost of making the patent anew, developer's profit included.

    **Source** Cost approach, replacement cost new (IVS 210).

    >>> one = np.ones(1)
    >>> float(cost_new(CostCase(80 * one, 20 * one, one / 4, 0 * one, one, one, one, one))[0])
    125.0
    """
    return (case.rnd_cny + case.direct_cny) * (1 + case.profit_share)


def remaining_share(age_years: Array, left_years: Array) -> Array:
    """Share of the cost that age has not used up: years left by years used and left.

    Args:
        age_years: Years used, 0 or more.
        left_years: Useful years left; 0 or less leaves nothing.

    Returns:
        0 to 1, shape as given.

    **Source** Straight line over useful life, as Chinese appraisal practice writes it:
    depreciation = years used / (years used + years left).

    >>> remaining_share(np.array([5.0, 3.0]), np.array([15.0, 0.0])).tolist()
    [0.75, 0.0]
    """
    left = np.maximum(left_years, 0.0)
    return np.where(left > 0, left / np.where(left > 0, age_years + left, 1.0), left * age_years)


def left_years(case: CostCase, chance: Array) -> Array:
    """Quantile of the useful years left, given that the patent still pays at its age.

    Args:
        case: The patents.
        chance: Share of lives that end earlier, 0 to below 1; shape that broadcasts with (n,).

    Returns:
        Years: the earlier of legal end and economic end.

    **Source** Weibull distribution cut at the left: (S(t) / S(age)) = 1 - chance, solved for t.

    >>> one = np.ones(1)
    >>> case = CostCase(one, one, one, one, 2 * one, 9 * one, 10 * one, one)
    >>> float(left_years(case, np.array([1 - np.exp(-0.5)])).round(9)[0])  # no memory: scale / 2
    5.0
    """
    endless = np.isinf(case.scale_years)
    scale = np.where(endless, 1.0, case.scale_years)
    used = (case.age_years / scale) ** case.shape
    ends = scale * (used - np.log1p(-chance)) ** (1 / case.shape) - case.age_years
    return np.minimum(np.where(endless, np.inf, ends), case.legal_life_years)


def cost_value(case: CostCase) -> Array:
    """Cost less obsolescence without uncertainty: median useful life, mean spending.

    Args:
        case: The patents; `attribution_sigma` is not used.

    Returns:
        Yuan, shape (n,).

    **Source** IVS 210, cost approach; obsolescence as in `remaining_share`.

    >>> one = np.ones(1)
    >>> case = CostCase(80 * one, 20 * one, 0 * one, 0 * one, 5 * one, 15 * one, np.inf * one, one)
    >>> float(cost_value(case)[0])
    75.0
    """
    return cost_new(case) * remaining_share(case.age_years, left_years(case, np.array(0.5)))


def cost_quantiles(case: CostCase) -> Array:
    """Quantiles of cost less obsolescence: what is due to the patent and how long it lasts vary.

    Args:
        case: The patents, n of them.

    Returns:
        Shape (n, 4), yuan: 5 % quantile, median, 95 % quantile, mean; NaN where an input is
        missing. No random numbers: the two uncertain quantities are taken on a lattice.

    **Source** Rank-1 lattice of Fibonacci numbers: Niederreiter 1992, Random number generation
    and quasi-Monte Carlo methods, chapter 5.

    >>> one = np.ones(1)
    >>> case = CostCase(80 * one, 20 * one, 0 * one, 0 * one, 5 * one, 15 * one, np.inf * one, one)
    >>> cost_quantiles(case).round(9).tolist()
    [[75.0, 75.0, 75.0, 75.0]]
    """
    normal, chance = _lattice()
    wide = CostCase(*(field[:, None] for field in case))
    sigma = wide.attribution_sigma
    due = wide.rnd_cny * np.exp(sigma * normal - sigma * sigma / 2)
    left = left_years(wide, chance)
    values = cost_new(wide._replace(rnd_cny=due)) * remaining_share(wide.age_years, left)
    # Points stand in the middle of cells of equal weight, which is what this rule assumes.
    found = np.quantile(values, SHARES, axis=1, method="hazen")
    return np.column_stack([*found, values.mean(axis=1)])


def _lattice() -> tuple[Array, Array]:
    steps = np.arange(POINTS_N)
    normal = NormalDist()
    first = np.array([normal.inv_cdf((step + 0.5) / POINTS_N) for step in steps])
    return first, (steps * GENERATOR % POINTS_N + 0.5) / POINTS_N
