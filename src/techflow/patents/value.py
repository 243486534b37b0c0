"""Income approach: the royalty an owner need not pay, after tax, discounted to today."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from techflow.basics import InvalidInput

Array = NDArray[np.float64]


class IncomeCase(NamedTuple):
    """What the income approach needs of n patents; each field has shape (n,).

    Missing is NaN and gives NaN. The means are means: uncertainty spreads around them, and for
    `income_cny` leaves them where they are.
    """

    income_cny: Array
    """Mean revenue of the first year x royalty rate x (1 - tax rate), in yuan."""
    income_sigma: Array
    """Deviation of log revenue and log royalty rate together: the root of summed squares."""
    growth_log: Array
    """Mean log growth of revenue a year."""
    growth_sigma: Array
    """Deviation of log growth: uncertain once for the whole life, not anew each year."""
    discount_rate_pa: Array
    """Discount rate a year, above -1."""
    legal_life_years: Array
    """Legal life that is left, years; 0 or less has no value."""
    age_years: Array
    """Age since filing, years."""
    scale_years: Array
    """Weibull scale of economic life, years; infinite means the legal end alone counts."""
    shape: Array
    """Weibull shape of economic life, above 0."""


def relief_from_royalty(
    revenue_cny: Array, *, royalty_rate: float, tax_rate: float, discount_rate_pa: float
) -> float:
    """Value of stated yearly revenues, royalty paid in the middle of each year.

    Args:
        revenue_cny: Revenue of each coming year, yuan, shape (years,).
        royalty_rate: Royalty as a share of revenue, 0 to 1.
        tax_rate: Tax as a share of royalty, 0 to 1.
        discount_rate_pa: Discount rate a year, above -1.

    Returns:
        Value in yuan.

    Raises:
        InvalidInput: A rate is outside its range.

    **Source** Relief from royalty, mid-year convention (IVS 210).

    >>> revenue = np.array([20.0, 24.0, 28.0, 30.0, 30.0])
    >>> round(relief_from_royalty(revenue, royalty_rate=0.05, tax_rate=0.15,
    ...                           discount_rate_pa=0.18), 3)
    3.685
    """
    _check(royalty_rate=royalty_rate, tax_rate=tax_rate)
    if not discount_rate_pa > -1:
        raise InvalidInput(f"discount_rate_pa: expected above -1; got {discount_rate_pa}")
    middle = np.arange(len(revenue_cny)) + 0.5
    income = revenue_cny * royalty_rate * (1 - tax_rate)
    return float(np.sum(income * (1 + discount_rate_pa) ** -middle))


def income_value(case: IncomeCase) -> Array:
    """Value without uncertainty: mean income, mean growth, to the legal end.

    A last part of a year counts in proportion, discounted from its middle.

    Args:
        case: The patents; the two deviations and economic life are not used.

    Returns:
        Value in yuan, shape (n,); 0 after the legal end.

    **Source** Sum of a geometric series.

    >>> one = np.ones(1)
    >>> float(income_value(IncomeCase(one, 0 * one, 0 * one, 0 * one, 0 * one, 2.5 * one, one,
    ...                               one, one))[0])
    2.5
    """
    years = np.maximum(case.legal_life_years, 0.0)
    whole = np.floor(years)
    part = years - whole
    rate = np.log1p(case.discount_rate_pa)
    net = case.growth_log - rate
    flat = net == 0
    step = np.expm1(np.where(flat, 1.0, net))
    full = np.where(flat, whole, np.expm1(whole * np.where(flat, 1.0, net)) / step)
    last = part * np.exp(whole * net - rate * part / 2)
    return np.asarray(case.income_cny * (np.exp(-rate / 2) * full + last), np.float64)


def _check(**shares: float) -> None:
    for name, value in shares.items():
        if not 0 <= value <= 1:
            raise InvalidInput(f"{name}: expected a share from 0 to 1; got {value}")
