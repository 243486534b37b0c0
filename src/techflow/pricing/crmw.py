"""Protection on one borrower (CRMW, CDS): both legs under piecewise-constant hazard."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from techflow.basics import Floats, InvalidInput, NotConverged
from techflow.pricing.hazard import Curve, Elapsed, Hazards

HAZARD_MAX = 1e3
"""Beyond it a firm defaults within half a day: the spread is no spread but an upfront."""
ROUNDS_MAX = 100
GAIN_MAX = 1e-15
"""Value per unit of notional that counts as none."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When premium accrues and is paid, and how long protection lasts; years from today.

    Attributes:
        ends: Start of the first period, then the end of each, ascending, shape (n, p + 1). The
            start may lie before today; a period that has ended counts no more. A period of no
            length pays nothing, so shorter contracts repeat their last end. One row stands for
            all.
        pays: When the premium of each period is paid, shape (n, p).
        matures: Last moment of protection, not before the last end, shape (n,).
    """

    ends: Floats
    pays: Floats
    matures: Floats


@dataclass(frozen=True, slots=True)
class Legs:
    """Present values per unit of notional.

    Attributes:
        protection: What the seller is expected to pay, shape (n,).
        annuity: What a premium of 1 a year is worth, accrued premium on default included.
    """

    protection: Floats
    annuity: Floats

    def fair_spread(self) -> Floats:
        """Premium a year that makes both legs equal; NaN where none is ever paid."""
        none = np.full(self.annuity.shape, np.nan)
        np.divide(self.protection, self.annuity, out=none, where=self.annuity > 0)
        return none

    def upfront(self, coupon_rate_pa: Floats) -> Floats:
        """What the buyer pays today besides a running coupon; negative if he is paid.

        Args:
            coupon_rate_pa: Running premium, fraction a year; 0 is all paid upfront.
        """
        return np.asarray(self.protection - coupon_rate_pa * self.annuity, np.float64)


def payment_schedule(maturity_years: Floats, per_year: int) -> Schedule:
    """Payments counted back from maturity, a short first period, protection from today.

    Args:
        maturity_years: Years of protection, above 0 and finite, shape (n,).
        per_year: Payments a year, 1 or more.

    Returns:
        The schedule, padded to the longest.

    Raises:
        InvalidInput: A maturity or `per_year` is out of range.

    Examples:
        >>> payment_schedule(np.array([0.6]), 4).ends.round(2).tolist()
        [[0.0, 0.1, 0.35, 0.6]]
    """
    if per_year < 1:
        raise InvalidInput(f"per_year must be 1 or more; got {per_year}")
    if not bool(np.all((maturity_years > 0) & np.isfinite(maturity_years))):
        raise InvalidInput(f"maturity_years must be above 0; got {maturity_years.min()}")
    # A hair less than a whole number of periods is that number.
    periods = np.ceil(maturity_years * per_year - 1e-9)
    left = np.maximum(periods[:, None] - np.arange(int(periods.max()) + 1), 0.0)
    ends = np.maximum(maturity_years[:, None] - left / per_year, 0.0)
    ends[:, 0] = 0.0
    return Schedule(ends, ends[:, 1:], maturity_years)


def value_legs(
    hazards: Hazards,
    curve: Curve,
    schedule: Schedule,
    *,
    lgd: Floats,
    accrual_ratio: float = 1.0,
) -> Legs:
    """Both legs of many contracts on their own hazards and one discount curve.

    Protection pays `lgd` at default. Premium is paid at the end of each period if the borrower
    lives, and on default for the part of the period that has passed. Between nodes hazard and
    forward rate are constant, so both integrals are closed forms and no step is chosen.

    Args:
        hazards: One row per contract.
        curve: Riskless discount curve.
        schedule: One row per contract, or one row for all.
        lgd: Loss given default, fraction in [0, 1], shape (n,).
        accrual_ratio: Premium year fractions over years of the curve: 365/360 if the premium
            counts actual/360 and times are days/365.

    Returns:
        The legs; a contract with NaN in its inputs has NaN.

    Raises:
        InvalidInput: An `lgd` is outside [0, 1], or `accrual_ratio` is not above 0.

    Source:
        ISDA CDS Standard Model without the half-day bias: O'Kane and Turnbull (2003), Valuation
        of credit default swaps, Lehman Brothers; White (2014), The pricing and risk management
        of credit default swaps, OpenGamma, sections 3 and 4.

    Examples:
        >>> flat = Hazards(np.array([1.0]), np.array([[0.02]]))
        >>> legs = value_legs(flat, Curve.flat(0.03), payment_schedule(np.array([5.0]), 4),
        ...                   lgd=np.array([0.6]))
        >>> legs.fair_spread().round(5)  # lgd x hazard, paid in arrears
        array([0.01205])
    """
    check_terms(lgd, accrual_ratio)
    elapsed = Elapsed.of(hazards, curve)
    defaults, weighted, alive = elapsed.integrals(schedule.ends)
    starts, ends = schedule.ends[:, :-1], schedule.ends[:, 1:]
    lengths = np.where(ends > 0, ends - starts, 0.0)
    paid = lengths * alive[:, 1:] * curve.discount(schedule.pays)
    accrued = np.diff(weighted, axis=1) - starts * np.diff(defaults, axis=1)
    annuity = accrual_ratio * (paid + accrued).sum(axis=1)
    protected = elapsed.integrals(schedule.matures[:, None])[0][:, 0]
    return Legs(lgd * protected, annuity)


def check_terms(lgd: Floats, accrual_ratio: float) -> None:
    """Refuse terms no contract has.

    Raises:
        InvalidInput: An `lgd` is outside [0, 1], or `accrual_ratio` is not above 0.
    """
    if bool(np.any((lgd < 0) | (lgd > 1))):
        raise InvalidInput(f"lgd must be in [0, 1]; got min {lgd.min()}, max {lgd.max()}")
    if not accrual_ratio > 0:
        raise InvalidInput(f"accrual_ratio must be above 0; got {accrual_ratio}")


def bootstrap_hazards(
    spreads_pa: Floats,
    tenors_years: Floats,
    curve: Curve,
    *,
    lgd: Floats,
    per_year: int = 4,
    accrual_ratio: float = 1.0,
) -> Hazards:
    """Hazards that make contracts at quoted spreads worth nothing, tenor by tenor.

    Args:
        spreads_pa: Fair spreads, fraction a year, shape (n, k).
        tenors_years: Years of protection, ascending, shape (k,).
        curve: Riskless discount curve.
        lgd: Loss given default, fraction in (0, 1], shape (n,).
        per_year: Payments a year.
        accrual_ratio: See `value_legs`.

    Returns:
        Hazards with the tenors as nodes. A row is NaN from the first tenor whose spread no
        hazard in [0, 1000] explains, e.g. one so far below the tenor before it that protection
        would have to be taken back.

    Raises:
        InvalidInput: A spread is negative or tenors do not ascend.
        NotConverged: A root was not found to float64.

    Examples:
        >>> one = bootstrap_hazards(np.array([[0.01, 0.012]]), np.array([1.0, 3.0]),
        ...                         Curve.flat(0.02), lgd=np.array([0.6]))
        >>> one.rates_pa.round(4).tolist()
        [[0.0166, 0.0217]]
    """
    if bool(np.any(spreads_pa < 0)):
        raise InvalidInput(f"spreads_pa must be 0 or more; got {np.nanmin(spreads_pa)}")
    if bool(np.any((lgd <= 0) | (lgd > 1))):
        raise InvalidInput(f"lgd must be in (0, 1]; got min {lgd.min()}, max {lgd.max()}")
    rates = np.zeros((spreads_pa.shape[0], 0))
    for k in range(tenors_years.size):
        nodes, spread = tenors_years[: k + 1], spreads_pa[:, k]
        schedule = payment_schedule(nodes[-1:], per_year)
        value = partial(value_legs, curve=curve, schedule=schedule, lgd=lgd)
        value = partial(value, accrual_ratio=accrual_ratio)
        gap = partial(_buyers_gain, value=value, spread=spread, nodes=nodes, known=rates)
        rates = np.column_stack([rates, _rising_root(gap, spread / lgd)])
    return Hazards(tenors_years, rates)


def _buyers_gain(
    rate: Floats, *, value: Callable[[Hazards], Legs], spread: Floats, nodes: Floats, known: Floats
) -> Floats:
    """What protection at a spread is worth if the last hazard is `rate`."""
    return value(Hazards(nodes, np.column_stack([known, rate]))).upfront(spread)


def _rising_root(gap: Callable[[Floats], Floats], guess: Floats) -> Floats:
    """Root of a rising function in [0, HAZARD_MAX], Newton kept inside a bracket; NaN if none."""
    low, high = np.zeros(guess.shape), np.full(guess.shape, HAZARD_MAX)
    none = ~((gap(low) <= GAIN_MAX) & (gap(high) >= 0))
    rate = np.where(none, 0.0, np.clip(guess, 0.0, HAZARD_MAX))
    for _ in range(ROUNDS_MAX):
        value, step = gap(rate), 1e-6 * (1.0 + rate)
        low, high = np.where(value < 0, rate, low), np.where(value < 0, high, rate)
        slope = (gap(rate + step) - value) / step
        with np.errstate(divide="ignore", invalid="ignore"):
            newton = rate - value / slope
        inside = (newton >= low) & (newton <= high)
        better = np.where(inside, newton, (low + high) / 2.0)
        rate = np.where(none, rate, better)
        left = np.where(none, 0.0, np.abs(value))
        if bool(np.all(left <= GAIN_MAX)):
            return np.where(none, np.nan, rate)
    raise NotConverged(f"no hazard found to float64 in {ROUNDS_MAX} rounds; off by {left.max()}")
