"""What followed a measure in the regions it reached, and whether that can be called its effect."""

import itertools
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from techflow.basics import Floats, InvalidInput

Mask = NDArray[np.bool_]
EXACT_N_MAX = 20_000
"""Up to so many ways of choosing the reached regions all are tried; beyond, some are drawn."""


class Difference(NamedTuple):
    """A difference in differences and what it is worth.

    Attributes:
        estimate: Change in the reached regions less that in the others.
        se: Standard error, each region one cluster, unequal variances; NaN with one reached, far
            too small with a handful.
        margin: Difference that one choice in twenty exceeds once the estimated change is taken
            out: half the width of an interval of 95 % that holds with few regions too.
        p: Share of the ways of choosing as many regions that give as large a difference.
        p_least: The least such share that this design could ever give.
        trend: Difference of the yearly slopes before the date.
        trend_p: Its share by the same choices.
        gaps: Difference of the two groups in each year, less that of the last year before.
    """

    estimate: float
    se: float
    margin: float
    p: float
    p_least: float
    trend: float
    trend_p: float
    gaps: Floats


def compare_changes(
    outcome: Floats, reached: Mask, *, before_n: int, draws_n: int = 10_000, seed: int = 7
) -> Difference:
    """Difference in differences of regions reached on one date.

    Args:
        outcome: Outcome by region and year, all known, shape (regions, years).
        reached: Whether the measure reached a region, shape (regions,).
        before_n: Years before the date; the others lie after it.
        draws_n: Draws when there are too many choices to try them all.
        seed: Seed of the draws.

    Returns:
        The difference.

    Raises:
        InvalidInput: A cell is missing, no region is on one of the sides, or no year.

    Source:
        Means before and after by region: Bertrand, Duflo and Mullainathan 2004, Quarterly Journal
        of Economics 119(1), section IV.C; randomisation inference: Fisher 1935, The Design of
        Experiments, ch. 2.

    Examples:
        >>> # Card and Krueger 1994, American Economic Review 84(4), Table 3, rows 1-2.
        >>> means = np.array([[20.44, 21.03], [23.33, 21.17]])
        >>> found = compare_changes(means, np.array([True, False]), before_n=1)
        >>> round(found.estimate, 2)
        2.75
    """
    _check(outcome, reached, before_n)
    change = outcome[:, before_n:].mean(axis=1) - outcome[:, :before_n].mean(axis=1)
    slope = _slopes(outcome[:, :before_n])
    choices, exact = _choices(reached, draws_n, seed)
    side = outcome[reached].mean(axis=0) - outcome[~reached].mean(axis=0)
    p, least = _share(change, reached, choices, exact)
    estimate = float(change[reached].mean() - change[~reached].mean())
    spread = _differences(change - estimate * reached, choices)
    return Difference(
        estimate=estimate,
        se=_error(change, reached),
        margin=float(np.quantile(spread, 0.95)),
        p=p,
        p_least=least,
        trend=float(slope[reached].mean() - slope[~reached].mean()),
        trend_p=_share(slope, reached, choices, exact)[0],
        gaps=side - side[before_n - 1],
    )


def _check(outcome: Floats, reached: Mask, before_n: int) -> None:
    if outcome.ndim != 2 or reached.shape != outcome.shape[:1] or not np.isfinite(outcome).all():
        raise InvalidInput(
            f"outcome must be (regions, years) with all cells known and reached (regions,); got "
            f"{outcome.shape} and {reached.shape}"
        )
    if not 0 < before_n < outcome.shape[1] or not reached.any() or reached.all():
        raise InvalidInput(
            f"a difference needs years before and after and regions reached and not; got "
            f"{before_n} of {outcome.shape[1]} years before, {int(reached.sum())} of "
            f"{len(reached)} regions reached"
        )


def _slopes(before: Floats) -> Floats:
    years_n = before.shape[1]
    if years_n < 2:
        return np.zeros(len(before))
    at = np.arange(years_n) - (years_n - 1) / 2.0
    slopes: Floats = before @ at / (at @ at)
    return slopes


def _error(change: Floats, reached: Mask) -> float:
    sides = [change[reached], change[~reached]]
    if min(len(side) for side in sides) < 2:
        return math.nan
    return math.sqrt(sum(float(side.var(ddof=1)) / len(side) for side in sides))


def _choices(reached: Mask, draws_n: int, seed: int) -> tuple[NDArray[np.int64], bool]:
    n, k = len(reached), int(reached.sum())
    if math.comb(n, k) <= EXACT_N_MAX:
        return np.array(list(itertools.combinations(range(n), k)), np.int64), True
    order = np.random.default_rng(seed).random((draws_n, n)).argsort(axis=1)
    return order[:, :k], False


def _differences(values: Floats, choices: NDArray[np.int64]) -> Floats:
    """Difference between chosen and others, without its sign, by choice."""
    n, k = len(values), choices.shape[1]
    drawn = values[choices].sum(axis=1)
    found: Floats = np.abs(drawn / k - (values.sum() - drawn) / (n - k))
    return found


def _share(
    values: Floats, reached: Mask, choices: NDArray[np.int64], exact: bool
) -> tuple[float, float]:
    """Share of choices with as large a difference; the least share there could be."""
    found = _differences(values, choices)
    mine = abs(float(values[reached].mean() - values[~reached].mean()))
    hits = int((found >= mine * (1.0 - 1e-12) - 1e-15).sum())
    if exact:
        return hits / len(choices), 1.0 / len(choices)
    return (hits + 1) / (len(choices) + 1), 1.0 / (len(choices) + 1)


def doubt_design(
    outcome: Floats, reached: Mask, found: Difference, *, before_n: int, terms: dict[str, float]
) -> list[str]:
    """Why a difference may not be called an effect; empty if nothing speaks against it.

    Args:
        outcome: As in `compare_changes`.
        reached: As there.
        found: Its result.
        before_n: As there.
        terms: `before_n_min`, `p_max`, `trend_p_min`.

    Returns:
        Codes: `few_years` before, `few_regions` (chance alone can never be ruled out), `trend`
        (the groups moved apart before), `unlike` (a reached region lies outside the range of the
        others before the date).

    Source:
        Proposal of this project; parallel trends and overlap: Roth, Sant'Anna, Bilinski and Poe
        2023, Journal of Econometrics 235(2).

    Examples:
        >>> y = np.array([[9.0, 9, 9], [1, 1, 1], [2, 2, 2]])
        >>> hit = np.array([True, False, False])
        >>> doubt_design(y, hit, compare_changes(y, hit, before_n=2), before_n=2,
        ...              terms={"before_n_min": 2, "p_max": 0.05, "trend_p_min": 0.1})
        ['few_regions', 'unlike']
    """
    level = outcome[:, :before_n].mean(axis=1)
    others = level[~reached]
    outside = (level[reached] > others.max()) | (level[reached] < others.min())
    told = {
        "few_years": before_n < terms["before_n_min"],
        "few_regions": found.p_least > terms["p_max"],
        "trend": found.trend_p < terms["trend_p_min"],
        "unlike": bool(outside.any()),
    }
    return [code for code, is_so in told.items() if is_so]
