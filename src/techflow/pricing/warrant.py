"""A warrant that comes with a loan: equity and default together, dilution, exit at a horizon."""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from techflow.basics import Floats, InvalidInput
from techflow.basics.normal import normal_cdf
from techflow.pricing.hazard import Curve, Elapsed, Hazards


@dataclass(frozen=True, slots=True)
class Warrant:
    """Rights to subscribe new shares of the borrowers, each array of shape (n,).

    Attributes:
        equity_cny: Value of all shares before subscription, above 0: the last round's.
        equity_share: Part of all shares the holder has after subscribing, in (0, 1):
            new shares over old and new.
        subscription_cny: What the holder pays for it, 0 or more.
        term_years: Years until the last day of exercise and exit, above 0.
        volatility: Of log equity value of a living firm, per root year, above 0.
        growth_rate_pa: Expected growth of equity value, default counted as a loss of all,
            continuous. The riskless rate less dividends gives a price; a forecast does not.
        rate_pa: Discount rate, continuous; the riskless rate for a price.
        exit_cost_share: Part of the holder's shares' value lost on exit, in [0, 1).
    """

    equity_cny: Floats
    equity_share: Floats
    subscription_cny: Floats
    term_years: Floats
    volatility: Floats
    growth_rate_pa: Floats
    rate_pa: Floats
    exit_cost_share: Floats

    def __post_init__(self) -> None:
        bounds = {
            "equity_cny": (self.equity_cny > 0, "above 0"),
            "equity_share": ((self.equity_share > 0) & (self.equity_share < 1), "in (0, 1)"),
            "subscription_cny": (self.subscription_cny >= 0, "0 or more"),
            "term_years": (self.term_years > 0, "above 0"),
            "volatility": (self.volatility > 0, "above 0"),
            "exit_cost_share": (
                (self.exit_cost_share >= 0) & (self.exit_cost_share < 1),
                "in [0, 1)",
            ),
        }
        for name, (fine, allowed) in bounds.items():
            if not bool(np.all(fine)):
                raise InvalidInput(f"{name} must be {allowed}; got {getattr(self, name)[~fine][0]}")

    @property
    def part(self) -> Floats:
        """Yuan the holder gets out for each yuan of equity before subscription."""
        return self.equity_share * (1.0 - self.exit_cost_share)

    @property
    def strike_cny(self) -> Floats:
        """Equity before subscription above which the holder subscribes.

        He has `part` of what the firm is worth with his own money in it, and pays the
        subscription: `part (V + X) - X`, so he gains above `V = X (1 - part) / part`.
        """
        return self.subscription_cny * (1.0 - self.part) / self.part

    def take(self, rows: slice | NDArray[np.intp]) -> "Warrant":
        """Some of the warrants."""
        return Warrant(**{name: getattr(self, name)[rows] for name in self.__slots__})


def strike_share(subscription_cny: Floats, valuation_cny: Floats) -> Floats:
    """Part of all shares that a subscription buys at a valuation before it.

    Examples:
        >>> strike_share(np.array([1e6]), np.array([9.9e7]))
        array([0.01])
    """
    return np.asarray(subscription_cny / (subscription_cny + valuation_cny), np.float64)


def value_european(warrant: Warrant, hazards: Hazards) -> Floats:
    """Value if exercised only at the end: closed form.

    Equity is worth nothing after default; a firm that lives grows faster by its hazard, so that
    growth is as expected on the whole.

    Args:
        warrant: The warrants.
        hazards: One row per warrant.

    Returns:
        Yuan, shape (n,).

    Source:
        Merton (1976), Option pricing when underlying stock returns are discontinuous, Journal
        of Financial Economics 3: Black-Scholes with the hazard added to the rate where a jump
        leaves nothing. Dilution: Galai and Schneller (1978), Pricing of warrants and the value
        of the firm, Journal of Finance 33.

    Examples:
        >>> a = lambda x: np.array([x])
        >>> w = Warrant(a(100.0), a(0.5), a(50.0), a(1.0), a(0.2), a(0.05), a(0.05), a(0.0))
        >>> never = Hazards(a(1.0), np.zeros((1, 1)))
        >>> value_european(w, never).round(4)  # half of the Black-Scholes call, strike 50
        array([26.2194])
    """
    alive = hazards.survive(warrant.term_years)
    forward = warrant.equity_cny * np.exp(warrant.growth_rate_pa * warrant.term_years) / alive
    spread = warrant.volatility * np.sqrt(warrant.term_years)
    strike = warrant.strike_cny
    with np.errstate(divide="ignore"):
        ratio = np.log(forward / strike) / spread
    call = forward * normal_cdf(ratio + spread / 2) - strike * normal_cdf(ratio - spread / 2)
    paid = alive * np.exp(-warrant.rate_pa * warrant.term_years)
    return np.asarray(warrant.part * paid * np.maximum(call, 0.0), np.float64)


def loan_uplift(value_cny: Floats, loan_cny: Floats, duration_years: Floats) -> Floats:
    """What a warrant adds to the yield of its loan: value over loan over duration.

    Args:
        value_cny: Value of the warrant, shape (n,).
        loan_cny: Principal, above 0.
        duration_years: See `bullet_duration`; above 0.

    Returns:
        Fraction a year, shape (n,).

    Examples:
        >>> loan_uplift(np.array([3e5]), np.array([1e7]), np.array([3.0]))
        array([0.01])
    """
    return np.asarray(value_cny / loan_cny / duration_years, np.float64)


def bullet_duration(hazards: Hazards, curve: Curve, years: Floats) -> Floats:
    """Value today of 1 a year on a bullet loan while the borrower lives, in years.

    Spread over the loan by this, a sum received today becomes the margin that is worth as much.

    Args:
        hazards: One row per loan.
        curve: Discount curve.
        years: Term of the loans, above 0, shape (n,).

    Examples:
        >>> none = Hazards(np.array([1.0]), np.zeros((1, 1)))
        >>> bullet_duration(none, Curve.flat(0.0), np.array([3.0]))
        array([3.])
    """
    return Elapsed.of(hazards, curve).annuity(years)


def forecast_terms(
    median: Floats, low: Floats, high: Floats, *, interval_share: float, horizon_years: float
) -> tuple[Floats, Floats]:
    """Growth of living firms and volatility that a card of growth implies.

    Equity is taken to move with sales in proportion and their logs to be normal: a proposal.
    Equity of a firm with debt moves more than its sales, so this volatility is rather too low.

    Args:
        median: Median log growth of sales over the horizon, shape (n,).
        low: Lower end of its interval.
        high: Upper end.
        interval_share: Share of firms the interval holds, in (0, 1).
        horizon_years: Years of the horizon, above 0.

    Returns:
        Expected growth of firms that live, continuous a year (`growth_rate_pa` is this less the
        hazard), and volatility per root year.

    Raises:
        InvalidInput: A share, horizon or interval is out of range.

    Examples:
        >>> growth, sigma = forecast_terms(np.array([0.1]), np.array([-0.4]), np.array([0.6]),
        ...                                interval_share=0.9, horizon_years=1.0)
        >>> sigma.round(4), growth.round(4)  # 0.5 / 1.6449; 0.1 + sigma^2 / 2
        (array([0.304]), array([0.1462]))
    """
    if not 0.0 < interval_share < 1.0 or not horizon_years > 0:
        raise InvalidInput(
            f"interval_share must be in (0, 1) and horizon_years above 0; got {interval_share}, "
            f"{horizon_years}"
        )
    if bool(np.any(high <= low)):
        raise InvalidInput("the upper end of growth must be above the lower")
    z = NormalDist().inv_cdf((1.0 + interval_share) / 2.0)
    volatility = (high - low) / (2.0 * z * sqrt(horizon_years))
    return median / horizon_years + volatility**2 / 2.0, volatility
