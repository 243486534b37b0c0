"""Growth of fields beside all fields, pulled together so that small ones do not lead by chance."""

import math
from dataclasses import dataclass

import numpy as np

from techflow.basics import Floats, InvalidInput
from techflow.basics.normal import normal_cdf

STEPS_N, STEP_MAX, SE_MIN = 60, 1.0, 1e-12
PRIOR_N = 0.5
"""Weight of the prior "grows like all fields", in applications; keeps every slope finite."""


@dataclass(frozen=True, slots=True)
class FieldGrowth:
    """Growth of each field per year, in logarithms, beside all fields together.

    Attributes:
        log_pa: Slope of each field, NaN without an application; shape (n,).
        se: Its standard error.
        shrunk_log_pa: The same pulled towards the mean of fields, by how uncertain it is.
        shrunk_se: Standard error after that.
        all_log_pa: Slope of all fields together; add it for the growth of a field itself.
        dispersion: Variance over that of a Poisson count, 1 or more, one for all fields.
        spread: Standard deviation of true slopes among fields.
    """

    log_pa: Floats
    se: Floats
    shrunk_log_pa: Floats
    shrunk_se: Floats
    all_log_pa: float
    dispersion: float
    spread: float


def field_growth(counts: Floats) -> FieldGrowth:
    """Growth of each field over the years of a table of counts.

    Counts of a field are Poisson around `total of the year x exp(level + slope x year)`, the
    variance times one dispersion. Slopes are normal among fields.

    Args:
        counts: Applications, 0 or more, shape (fields, years): complete years without a gap,
            the last one last; three years or more, and each with an application.

    Raises:
        InvalidInput: The shape, a count or a year is not as said.

    Source:
        Slope: the Poisson likelihood given the field's sum (McCullagh and Nelder 1989, ch. 6.4)
        with the conjugate prior of Diaconis and Ylvisaker 1979, Annals of Statistics 7(2).
        Dispersion: Pearson statistic (same, ch. 4.5). Spread: DerSimonian and Laird 1986,
        Controlled Clinical Trials 7(3). Shrinkage: Efron and Morris 1975, JASA 70(350).

    Examples:
        >>> counts = np.array([[10.0, 20.0, 40.0], [40.0, 30.0, 10.0]])
        >>> growth = field_growth(counts)
        >>> bool(growth.log_pa[0] > 0.0 > growth.log_pa[1])
        True
    """
    _check(counts)
    years = np.arange(counts.shape[1], dtype=np.float64)
    years -= years.mean()
    exposure = counts.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        slope, information = _slopes(counts, exposure, years)
        dispersion = _dispersion(counts, slope, exposure, years)
        se = np.sqrt(dispersion / information)
    some = counts.sum(axis=1) > 0.0
    mean, spread = _between(slope[some], se[some])
    kept = spread * spread / (spread * spread + se * se)
    flat, _ = _slopes(exposure[None, :], np.ones(years.size), years)
    blank = np.where(some, 0.0, np.nan)
    return FieldGrowth(
        slope + blank,
        se + blank,
        mean + kept * (slope - mean) + blank,
        np.sqrt(kept) * se + blank,
        float(flat[0]),
        dispersion,
        spread,
    )


def _check(counts: Floats) -> None:
    if counts.ndim != 2 or counts.shape[1] < 3 or not counts.size:
        raise InvalidInput(f"counts must be fields by three years or more; got {counts.shape}")
    if not (np.isfinite(counts).all() and (counts >= 0.0).all()):
        raise InvalidInput("counts must be finite and 0 or more")
    if not (counts.sum(axis=0) > 0.0).all():
        raise InvalidInput(
            "each year needs an application; leave out years before the first and after the last"
        )


def _shares(slope: Floats, exposure: Floats, years: Floats) -> Floats:
    """Expected share of each year in the applications of a field."""
    power = slope[:, None] * years
    weight = exposure * np.exp(power - power.max(axis=1, keepdims=True))
    shares: Floats = weight / weight.sum(axis=1, keepdims=True)
    return shares


def _slopes(counts: Floats, exposure: Floats, years: Floats) -> tuple[Floats, Floats]:
    """Slope with the greatest posterior density and the information at it, by Newton's steps."""
    total = counts.sum(axis=1) + PRIOR_N
    middle = (exposure * years).sum() / exposure.sum()
    seen = (counts @ years + PRIOR_N * middle) / total
    slope = np.zeros(counts.shape[0])
    for _ in range(STEPS_N):
        shares = _shares(slope, exposure, years)
        mean = shares @ years
        variance = shares @ (years * years) - mean * mean
        slope += np.clip((seen - mean) / variance, -STEP_MAX, STEP_MAX)
    return slope, total * variance


def _dispersion(counts: Floats, slope: Floats, exposure: Floats, years: Floats) -> float:
    """Pearson statistic over its degrees of freedom, all fields together; never below 1."""
    expected = counts.sum(axis=1, keepdims=True) * _shares(slope, exposure, years)
    some = counts.sum(axis=1) > 0.0
    pearson = ((counts[some] - expected[some]) ** 2 / expected[some]).sum()
    return max(1.0, float(pearson / (some.sum() * (years.size - 2))))


def _between(slope: Floats, se: Floats) -> tuple[float, float]:
    """Mean of true slopes and their standard deviation."""
    weight = 1.0 / se**2
    mean = (weight * slope).sum() / weight.sum()
    excess = (weight * (slope - mean) ** 2).sum() - (slope.size - 1)
    scale = weight.sum() - (weight**2).sum() / weight.sum()
    variance = max(0.0, float(excess / scale)) if slope.size > 1 else 0.0
    weight = 1.0 / (se**2 + variance)
    return float((weight * slope).sum() / weight.sum()), math.sqrt(variance)


def chance_above(growth: FieldGrowth, log_pa: float) -> Floats:
    """Chance that each field grows faster than `log_pa` beside all fields, 0 to 1.

    Args:
        growth: Result of `field_growth`.
        log_pa: Bound, per year, in logarithms.

    Returns:
        Shape (n,), NaN where the field has no application.

    Source:
        Normal posterior of `shrunk_log_pa`.

    Examples:
        >>> growth = field_growth(np.array([[10.0, 20.0, 40.0], [40.0, 30.0, 10.0]]))
        >>> bool(chance_above(growth, 0.0)[0] > 0.9)
        True
    """
    gap = growth.shrunk_log_pa - log_pa
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(gap == 0.0, 0.0, gap / growth.shrunk_se)
    return normal_cdf(z)


def growth_ranks(growth: FieldGrowth, *, draws_n: int, seed: int) -> tuple[Floats, Floats, Floats]:
    """Median rank of each field by growth, 1 the fastest, and its 90 % interval.

    Args:
        growth: Result of `field_growth`.
        draws_n: Draws from the posterior, 100 or more.
        seed: Seed of the draws.

    Returns:
        Median, 5 % and 95 % quantile of the rank over the draws; NaN where the field has no
        application. Medians need not be 1, 2, 3: many uncertain fields may all lie about 40.

    Raises:
        InvalidInput: There are fewer than 100 draws.

    Source:
        Posterior of ranks: Laird and Louis 1989, J. Educational Statistics 14(1).

    Examples:
        >>> growth = field_growth(np.array([[10.0, 20.0, 40.0], [40.0, 30.0, 10.0]]))
        >>> growth_ranks(growth, draws_n=100, seed=1)[0]
        array([1., 2.])
    """
    if draws_n < 100:
        raise InvalidInput(f"draws_n must be 100 or more; got {draws_n}")
    some = np.flatnonzero(np.isfinite(growth.shrunk_log_pa))
    # Fields that nothing tells apart change places freely instead of by their order.
    value, se = growth.shrunk_log_pa[some], np.maximum(growth.shrunk_se[some], SE_MIN)
    noise = np.random.default_rng(seed).standard_normal((draws_n, some.size))
    order = np.argsort(-(value + se * noise), axis=1)
    place = np.empty_like(order)
    np.put_along_axis(place, order, np.arange(1, some.size + 1)[None, :], axis=1)
    found = np.full((3, growth.log_pa.size), np.nan)
    found[:, some] = np.quantile(place, (0.5, 0.05, 0.95), axis=0, method="nearest")
    return found[0], found[1], found[2]
