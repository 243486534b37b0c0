"""Return after tax of money put away for long, and what an exemption costs the public."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from techflow.basics import Floats, InvalidInput


@dataclass(frozen=True, slots=True)
class Band:
    """A rate for holdings longer than some months, up to the next band.

    Attributes:
        months: Where the band begins, 0 or more.
        inclusive: Whether a holding of exactly so many months is in it.
        rate: Tax rate, share.
    """

    months: float
    inclusive: bool
    rate: float


@dataclass(frozen=True, slots=True)
class Regime:
    """How a holder is taxed.

    Attributes:
        paid_in_rate: On what is paid in; 0 if it may be deducted.
        dividend: Bands of the tax on dividends.
        gain: Bands of the tax on the gain when all is sold; a loss gives nothing back.
        sale_rate: Duty on the price of the sale.
        paid_out_rate: On all that is taken out.
        deduction: Bands of the share of what was invested that is taken off the gain.
        deferred: Whether dividends are taxed only at the end, as gain.
    """

    paid_in_rate: float
    dividend: tuple[Band, ...]
    gain: tuple[Band, ...]
    sale_rate: float
    paid_out_rate: float
    deduction: tuple[Band, ...] = (Band(0.0, True, 0.0),)
    deferred: bool = False

    def __post_init__(self) -> None:
        for bands in (self.dividend, self.gain, self.deduction):
            starts = [(band.months, not band.inclusive) for band in bands]
            if not bands or starts[0] != (0.0, False) or starts != sorted(set(starts)):
                raise InvalidInput(f"bands begin at 0 months, inclusive, and rise; got {bands}")
        rates = [self.paid_in_rate, self.sale_rate, self.paid_out_rate]
        rates += [
            band.rate for bands in (self.dividend, self.gain, self.deduction) for band in bands
        ]
        if not all(0.0 <= rate < 1.0 for rate in rates):
            raise InvalidInput(f"tax rates must be in [0, 1); got {rates}")


class AfterTax(NamedTuple):
    """What becomes of one unit of income before tax, shape of the months.

    Attributes:
        paid_in: Invested after tax on the way in.
        net: In hand at the end.
        rate_pa: Yearly return on what the holder went without; see `after_tax`.
        entry_tax: Paid at the start.
        dividend_tax: Present value of the tax on dividends.
        end_tax: Present value of gain tax, sale duty and tax on the way out.
    """

    paid_in: Floats
    net: Floats
    rate_pa: Floats
    entry_tax: Floats
    dividend_tax: Floats
    end_tax: Floats

    @property
    def tax(self) -> Floats:
        """Present value of all taxes."""
        total: Floats = self.entry_tax + self.dividend_tax + self.end_tax
        return total


def rate_of(bands: tuple[Band, ...], months: Floats) -> Floats:
    """Rate for each length of holding.

    Args:
        bands: Rising.
        months: Length of the holding, above 0, any shape.

    Examples:
        >>> bands = (Band(0, True, 0.2), Band(1, False, 0.1), Band(12, False, 0.0))
        >>> rate_of(bands, np.array([1.0, 1.01, 12.0, 12.01])).tolist()
        [0.2, 0.1, 0.1, 0.0]
    """
    found = np.zeros_like(months)
    for band in bands:
        inside = months >= band.months if band.inclusive else months > band.months
        found = np.where(inside, band.rate, found)
    return found


def after_tax(
    regime: Regime,
    months: Floats,
    *,
    growth_pa: float,
    dividend_pa: float,
    discount_pa: float,
    income_tax_rate: float = 0.0,
) -> AfterTax:
    """Return after tax by length of holding, dividends reinvested after their tax.

    Args:
        regime: How the holder is taxed.
        months: Length of the holding, above 0, any shape; the band of the whole holding holds for
            all its dividends.
        growth_pa: Yearly growth of the price, above -1: an assumption, never a forecast.
        dividend_pa: Yearly dividend as a share of the price, 0 or more.
        discount_pa: Yearly rate of present values, above -1.
        income_tax_rate: What the holder's own income is taxed with: money paid in before tax costs
            the holder only `1 - income_tax_rate`. 0 for an institution.

    Returns:
        Per unit of income before tax.

    Raises:
        InvalidInput: A number is out of range.

    Source:
        Geometric sums; EET and TEE as in OECD 2018, Financial Incentives and Retirement Savings,
        ch. 1: with one rate on the way in and out both leave the gross return.

    Examples:
        >>> free = (Band(0, True, 0.0),)
        >>> eet, tee = Regime(0, free, free, 0, 0.2), Regime(0.2, free, free, 0, 0)
        >>> how = dict(growth_pa=0.05, dividend_pa=0.0, discount_pa=0.03, income_tax_rate=0.2)
        >>> [after_tax(r, np.array([240.0]), **how).rate_pa.round(6).tolist() for r in (eet, tee)]
        [[0.05], [0.05]]
    """
    if not (months > 0).all() or dividend_pa < 0 or min(growth_pa, discount_pa) <= -1:
        raise InvalidInput(
            "months must be above 0, dividend_pa 0 or more, growth_pa and discount_pa above -1; "
            f"got {months.min()}, {dividend_pa}, {growth_pa}, {discount_pa}"
        )
    years = months / 12.0
    dividend_rate = 0.0 * years if regime.deferred else rate_of(regime.dividend, months)
    kept = dividend_pa * (1.0 - dividend_rate)
    factor, discount = 1.0 + growth_pa + kept, 1.0 + discount_pa
    paid_in = np.full_like(years, 1.0 - regime.paid_in_rate)
    worth = paid_in * factor**years
    taxed_before = 0.0 if regime.deferred else kept * geometric_sum(factor, years)
    basis = paid_in * (1.0 + taxed_before + rate_of(regime.deduction, months))
    gain = np.maximum(worth - basis, 0.0) * rate_of(regime.gain, months)
    sold = worth * (1.0 - regime.sale_rate) - gain
    net = sold * (1.0 - regime.paid_out_rate)
    taken = dividend_pa * dividend_rate / discount
    return AfterTax(
        paid_in,
        net,
        (net / (1.0 - income_tax_rate)) ** (1.0 / years) - 1.0,
        1.0 - paid_in,
        paid_in * taken * geometric_sum(factor / discount, years),
        (worth - net) * discount**-years,
    )


def geometric_sum(factor: Any, terms: Floats) -> Floats:
    """1 + factor + factor**2 ..., so many terms; between whole numbers the same formula.

    Examples:
        >>> [geometric_sum(factor, np.array([3.0])).tolist() for factor in (2.0, 1.0)]
        [[7.0], [3.0]]
    """
    step = np.asarray(factor, dtype=np.float64) - 1.0
    safe = np.where(step == 0.0, 1.0, step)
    found: Floats = np.where(step == 0.0, terms, ((1.0 + safe) ** terms - 1.0) / safe)
    return found


def exemption_cost(exempt: AfterTax, taxed: AfterTax, *, induced_share: Floats) -> Floats:
    """Public cost of one unit of long-term capital that would not be there without the exemption.

    Args:
        exempt: Under the exemption.
        taxed: Without it, over the same months.
        induced_share: Share of the exempt money that the exemption brings, in (0, 1]; the rest
            would have come anyway and is exempt too.

    Returns:
        Tax forgone on all exempt money, at present value, over the new money paid in; shape
        (shares, months). What the new money would have paid elsewhere is not known and not taken
        off.

    Raises:
        InvalidInput: A share is out of range.

    Examples:
        >>> free, fifth = (Band(0, True, 0.0),), (Band(0, True, 0.2),)
        >>> how = dict(growth_pa=0.1, dividend_pa=0.0, discount_pa=0.0)
        >>> regimes = [Regime(0, free, gain, 0, 0) for gain in (free, fifth)]
        >>> a, b = (after_tax(regime, np.array([12.0]), **how) for regime in regimes)
        >>> exemption_cost(a, b, induced_share=np.array([1.0, 0.5])).round(4).tolist()
        [[0.02], [0.04]]
    """
    if not ((induced_share > 0) & (induced_share <= 1)).all():
        raise InvalidInput(f"induced_share must be in (0, 1]; got {induced_share.tolist()}")
    forgone = taxed.tax - exempt.tax
    found: Floats = forgone / (induced_share[:, None] * exempt.paid_in)
    return found
