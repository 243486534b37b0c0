"""Cash flows of loans of several years: what a year's rate is paid on, what default is borne on."""

from math import ceil

import numpy as np

from techflow.basics import Floats, InvalidInput
from techflow.pricing.instalments import owed_share

PERIODS_N_MAX = 1_200


def loan_years(
    pd: Floats,
    term_years: Floats,
    *,
    amortising: Floats | None = None,
    instalment_rate_pa: Floats | None = None,
    funding_rate_pa: float,
    period_years: float = 1.0,
    limits_years: tuple[float, float] = (np.inf, np.inf),
    pd_term: Floats | None = None,
) -> dict[str, Floats]:
    """Ratios of time that turn yearly charges and losses into one rate: see `decompose_rate`.

    Period by period a loan alive at the start with balance `b` pays interest at the end if it
    lives, and defaults at the end if not. Weights are survival x discount x balance.

    Args:
        pd: Probability of default within a year, in (0, 1), shape (n,).
        term_years: Term in years, above 0, shape (n,); NaN gives NaN.
        amortising: 1 where principal is repaid in equal parts at the end of each period, 0 where
            at the end of the term; None is all 0.
        instalment_rate_pa: Rate of the contract of loans repaid by equal payments of principal
            and interest; NaN for the others; None is all NaN.
        funding_rate_pa: Discount rate, simple within a period.
        period_years: Length of a period: 1 pays interest yearly, 1/12 monthly.
        limits_years: For how long relending and fiscal discount last.
        pd_term: Cumulative PD at the end of each year, shape (n, years), for loans whose risk
            changes; the last year's hazard goes on. None keeps `pd` each year.

    Returns:
        `default_ratio` (P/A), `cover_lost_ratio` ((W - A)/A), `upfront_ratio` (1/W: what 1 paid
        at the start is a year), `relending_time_share` (W within the limit over W),
        `discount_time_share` (A within the limit over A) and `life_years` (average time until
        principal is repaid), each of shape (n,).

    Raises:
        InvalidInput: The period is not in (0, 1], or a loan has too many periods.

    Source:
        Present value of expected cash flows, as in `decompose_rate`.

    Examples:
        >>> found = loan_years(np.array([0.02]), np.array([3.0]), funding_rate_pa=0.025)
        >>> float(found["default_ratio"][0].round(12)), round(0.02 / 0.98, 12)
        (0.020408163265, 0.020408163265)
    """
    if not 0 < period_years <= 1:
        raise InvalidInput(f"period_years must be in (0, 1]; got {period_years}")
    known = np.where((term_years > 0) & np.isfinite(term_years), term_years, np.nan)
    periods_n = ceil(np.nanmax(known, initial=0.0) / period_years - 1e-9)
    if periods_n > PERIODS_N_MAX:
        raise InvalidInput(f"a loan has {periods_n} periods; at most {PERIODS_N_MAX}")
    parts = np.ceil(known / period_years - 1e-9)  # instalments of each loan
    equal = np.zeros_like(known) if amortising is None else amortising
    level = np.full_like(known, np.nan) if instalment_rate_pa is None else instalment_rate_pa
    rates = (equal, level * period_years)
    names = ("A", "W", "P", "Wr", "Ad", "life")
    sums = {name: np.where(np.isnan(known), np.nan, 0.0) for name in names}
    weight = np.ones_like(known)
    for k in range(periods_n):
        start = k * period_years
        length = np.clip(known - start, 0.0, period_years)
        factor = weight / (1.0 + funding_rate_pa * length)
        lived = np.power(1.0 - _yearly(pd, pd_term, int(start + 1e-9)), length)
        balance = np.where(length > 0, _owed(rates, k, parts, known / period_years), 0.0)
        lent = factor * balance * length
        for name, worth in (
            ("A", lent * lived),
            ("W", lent),
            ("P", factor * balance * (1.0 - lived)),
            ("Wr", lent * _within(start, length, limits_years[0])),
            ("Ad", lent * lived * _within(start, length, limits_years[1])),
            ("life", balance * length),
        ):
            sums[name] += worth
        weight = factor * lived
    return {
        "default_ratio": sums["P"] / sums["A"],
        "cover_lost_ratio": (sums["W"] - sums["A"]) / sums["A"],
        "upfront_ratio": 1.0 / sums["W"],
        "relending_time_share": sums["Wr"] / sums["W"],
        "discount_time_share": sums["Ad"] / sums["A"],
        "life_years": sums["life"],
    }


def _owed(rates: tuple[Floats, Floats], paid_n: int, parts: Floats, periods: Floats) -> Floats:
    """Share owed after payments: repaid at the end, in equal parts, or by equal payments."""
    equal, level = rates
    falling = 1.0 - equal * paid_n / parts
    if np.isnan(level).all():
        return falling
    return np.where(
        np.isnan(level), falling, owed_share(level, paid_n, parts, periods - (parts - 1.0))
    )


def _within(start: float, length: Floats, limit: float) -> Floats:
    """Part of a period before a limit."""
    if limit == np.inf:
        return np.ones_like(length)
    return np.clip((limit - start) / np.maximum(length, 1e-12), 0.0, 1.0)


def _yearly(pd: Floats, pd_term: Floats | None, year: int) -> Floats:
    """Probability of default within a year of those alive at its start."""
    if pd_term is None:
        return pd
    last = min(year, pd_term.shape[1] - 1)
    before = pd_term[:, last - 1] if last else np.zeros_like(pd)
    return (pd_term[:, last] - before) / (1.0 - before)
