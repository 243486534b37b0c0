"""Premium of technology insurance: claims a year times what each costs, with loadings."""

from dataclasses import dataclass

import numpy as np

from techflow.basics import Floats, InvalidInput
from techflow.pricing.severity import Cover, Severity

PRINCIPLES = ("standard_deviation", "quantile")
GRID_N = 4096
"""Points of the distribution of a year's payments."""
TILT = 14.0
"""Exponential damping over the grid: of what would wrap around, e^-14 is left."""


@dataclass(frozen=True, slots=True)
class Loadings:
    """What is added to the expected payments.

    Attributes:
        principle: How risk is charged, one of `PRINCIPLES`: `risk_ratio` of the standard
            deviation of a year's payments, or of the capital held up to their quantile.
        risk_ratio: 0 or more: of the standard deviation, or the cost of that capital a year.
        quantile_share: The quantile, in (0, 1); only for `quantile`.
        expense_share: Expenses as a share of the premium, in [0, 1).
        profit_share: Profit as a share of the premium, in [0, 1); both together below 1.
        expense_cny: Expenses of a contract whatever its premium, 0 or more.
    """

    principle: str = "standard_deviation"
    risk_ratio: float = 0.0
    quantile_share: float = 0.995
    expense_share: float = 0.0
    profit_share: float = 0.0
    expense_cny: float = 0.0

    def __post_init__(self) -> None:
        if self.principle not in PRINCIPLES:
            raise InvalidInput(
                f"principle must be one of {', '.join(PRINCIPLES)}; got {self.principle!r}"
            )
        for name in ("risk_ratio", "expense_cny", "expense_share", "profit_share"):
            if not getattr(self, name) >= 0:
                raise InvalidInput(f"{name} must be 0 or more; got {getattr(self, name)}")
        if not self.expense_share + self.profit_share < 1:
            raise InvalidInput(
                "expense_share and profit_share together must be below 1; got "
                f"{self.expense_share} and {self.profit_share}"
            )
        if not 0.0 < self.quantile_share < 1.0:
            raise InvalidInput(f"quantile_share must be in (0, 1); got {self.quantile_share}")


@dataclass(frozen=True, slots=True)
class Premium:
    """A year's premium and its parts in yuan, shape (n,); the parts add up to it.

    Attributes:
        pure_cny: Expected payments.
        risk_cny: For the chance that it is more.
        expense_cny: Expenses.
        profit_cny: Profit.
        premium_cny: What the firm pays before any subsidy.
    """

    pure_cny: Floats
    risk_cny: Floats
    expense_cny: Floats
    profit_cny: Floats
    premium_cny: Floats


def price_premium(
    claims_per_year: Floats, severity: Severity, cover: Cover, loadings: Loadings
) -> Premium:
    """Premium of covers whose claims come as a Poisson process.

    `premium = (pure + risk + fixed expenses) / (1 - expense share - profit share)`.

    Args:
        claims_per_year: Expected claims a year, 0 or more, shape (n,).
        severity: Losses of a claim.
        cover: What is paid of them.
        loadings: What is added.

    Returns:
        The premium in parts.

    Raises:
        InvalidInput: A frequency is negative or not finite, or gamma losses lack SciPy.

    Source:
        Klugman, Panjer and Willmot (2012), Loss Models, 4th ed., section 9.1 (compound Poisson:
        mean lambda E[Y], variance lambda E[Y^2]); standard deviation principle: Kaas et al.
        (2008), Modern Actuarial Risk Theory, 2nd ed., section 5.3.

    Examples:
        >>> a = lambda x: np.array([x])
        >>> severity = Severity("lognormal", a(1e6), a(1.0))
        >>> cover = Cover(a(0.0), a(np.inf), a(1.0))
        >>> loadings = Loadings(expense_share=0.2, profit_share=0.05)
        >>> price_premium(a(0.03), severity, cover, loadings).premium_cny.round(2)
        array([40000.])
    """
    if not bool(np.all((claims_per_year >= 0) & np.isfinite(claims_per_year))):
        raise InvalidInput(f"claims_per_year must be 0 or more; got {claims_per_year.min()}")
    mean, square = cover.moments(severity)
    pure, deviation = claims_per_year * mean, np.sqrt(claims_per_year * square)
    if loadings.principle == "standard_deviation":
        risk = loadings.risk_ratio * deviation
    else:
        top = payments_quantile(claims_per_year, severity, cover, share=loadings.quantile_share)
        risk = loadings.risk_ratio * np.maximum(top - pure, 0.0)
    keep = 1.0 - loadings.expense_share - loadings.profit_share
    premium = (pure + risk + loadings.expense_cny) / keep
    expense = loadings.expense_cny + loadings.expense_share * premium
    return Premium(pure, risk, expense, loadings.profit_share * premium, premium)


def payments_quantile(
    claims_per_year: Floats,
    severity: Severity,
    cover: Cover,
    *,
    share: float,
    grid_n: int = GRID_N,
) -> Floats:
    """Quantile of a year's payments: the least point of a grid not exceeded with that chance.

    Payments per claim are put on the grid so that their mean stays (local moment matching) and
    the claims of a year are summed by Fourier transform, damped against wrapping around.

    Args:
        claims_per_year: Expected claims a year, 0 or more, shape (n,).
        severity: Losses of a claim.
        cover: What is paid of them.
        share: In (0, 1).
        grid_n: Points of the grid; the answer is good to about one step.

    Returns:
        Yuan, shape (n,).

    Raises:
        InvalidInput: `share` is outside (0, 1).

    Source:
        Klugman, Panjer and Willmot (2012), Loss Models, 4th ed., section 9.6.5.2 (moment
        matching) and 9.8; damping: Gruebel and Hermesmeier (1999), Computation of compound
        distributions I, ASTIN Bulletin 29.

    Examples:
        >>> a = lambda x: np.array([x])
        >>> loss, cover = Severity("lognormal", a(1.0), a(1.0)), Cover(a(0.0), a(1.0), a(1.0))
        >>> payments_quantile(a(0.01), loss, cover, share=0.98)  # no claim in 99 years of 100
        array([0.])
    """
    if not 0.0 < share < 1.0:
        raise InvalidInput(f"share must be in (0, 1); got {share}")
    mean, square = cover.moments(severity)
    # Cantelli: no law exceeds its mean by more of its deviations with that chance.
    reach = 1.0 + np.sqrt(share / (1.0 - share))
    span = claims_per_year * mean + reach * np.sqrt(claims_per_year * square)
    step = np.where(span > 0, span, 1.0) / (grid_n - 1)
    found = np.zeros(step.shape)
    damped = np.exp(-TILT / grid_n * np.arange(grid_n))
    for i in range(step.size):  # row by row: a grid of each is in memory once
        one = slice(i, i + 1)
        mass = _grid_masses(_row(severity, one), _cover_row(cover, one), step[i], grid_n)
        spectrum = np.fft.rfft(mass * damped)
        sums = np.fft.irfft(np.exp(claims_per_year[i] * (spectrum - 1.0)), grid_n) / damped
        place = int(np.searchsorted(np.cumsum(np.maximum(sums, 0.0)), share))
        found[i] = step[i] * min(place, grid_n - 1)
    return found


def _row(severity: Severity, one: slice) -> Severity:
    return Severity(severity.law, severity.mean_cny[one], severity.cv_ratio[one])


def _cover_row(cover: Cover, one: slice) -> Cover:
    return Cover(cover.deductible_cny[one], cover.limit_cny[one], cover.paid_share[one])


def _grid_masses(severity: Severity, cover: Cover, step: float, grid_n: int) -> Floats:
    """Chances of a payment at each point of the grid; what lies beyond is left out."""
    ends = step * np.arange(grid_n + 1.0)
    limited = cover.limited_payment(severity, ends[None, :])[0] / step
    rises = np.diff(limited, prepend=0.0)[1:]
    rises = np.concatenate([[1.0], rises])
    return np.asarray(np.maximum(rises[:-1] - rises[1:], 0.0), np.float64)
