"""A region beside a weighted mean of others that went the same way before a measure.

Needs SciPy (extra `train`), so the room does not import it.
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import nnls

from techflow.basics import Floats, InvalidInput

RIDGE = 1e-9
"""Of the mean squared distance: among weights that fit equally well the most even ones."""


class Synthetic(NamedTuple):
    """A region beside its synthetic twin.

    Attributes:
        weight: Weight of each other region, from 0, adding to 1.
        gaps: The region less its twin in each year.
        estimate: Mean gap after the date.
        fit: Root mean squared gap before it.
        fit_ratio: `fit` over the median fit of the placebos.
        p: Share of regions, this one included, whose gaps grew as much after the date beside
            before (ratio of root mean squared gaps).
        p_least: The least such share that this design could ever give.
        margin: Mean gap after the date that one placebo in twenty exceeds, each measured by its
            fit plus the middle fit: half the width of an interval of 95 %; infinite with less than
            19 others.
    """

    weight: Floats
    gaps: Floats
    estimate: float
    fit: float
    fit_ratio: float
    p: float
    p_least: float
    margin: float


def synthetic_control(outcome: Floats, region: int, *, before_n: int) -> Synthetic:
    """A region beside a synthetic twin, with every other region as a placebo.

    Args:
        outcome: Outcome by region and year, all known, shape (regions, years).
        region: Row of the region that a measure reached; the others are not reached.
        before_n: Years before the date; the others lie after it.

    Returns:
        The gap, its fit and its standing among the placebos.

    Raises:
        InvalidInput: A cell is missing, there are less than three regions, no year lies on one of
            the sides, or `region` is no row.

    Source:
        Abadie, Diamond and Hainmueller 2010, Journal of the American Statistical Association
        105(490), with the years before as the only predictors, equally weighted; placebos and
        ratio: section 3.4 there. Interval: ours, by placebos. Weights on the simplex as a least
        distance problem by non-negative least squares: Lawson and Hanson 1974, Solving Least
        Squares Problems, ch. 23.

    Examples:
        >>> y = np.array([[2.0, 3.0, 7.0], [1.0, 2.0, 3.0], [3.0, 4.0, 5.0], [9.0, 1.0, 2.0]])
        >>> found = synthetic_control(y, 0, before_n=2)
        >>> found.weight.round(3), round(found.estimate, 3)
        (array([0.5, 0.5, 0. ]), 3.0)
    """
    _check(outcome, region, before_n)
    n = len(outcome)
    others = [i for i in range(n) if i != region]
    weight, gaps = _twin(outcome, region, others, before_n)
    placebos = np.array(
        [_twin(outcome, i, [j for j in others if j != i], before_n)[1] for i in others]
    )
    every = np.vstack([gaps, placebos])
    fits = np.sqrt((every[:, :before_n] ** 2).mean(axis=1))
    after = np.sqrt((every[:, before_n:] ** 2).mean(axis=1))
    floored = np.maximum(fits, 1e-12)
    ratios = after / floored
    yard = fits + np.median(fits)
    means = np.abs(placebos[:, before_n:].mean(axis=1)) * (yard[0] / yard[1:])
    median = float(np.median(fits[1:]))
    return Synthetic(
        weight=weight,
        gaps=gaps,
        estimate=float(gaps[before_n:].mean()),
        fit=float(fits[0]),
        fit_ratio=float(fits[0] / median) if median > 0 else float("inf"),
        p=float((ratios >= ratios[0] * (1.0 - 1e-12)).mean()),
        p_least=1.0 / n,
        margin=_margin(means),
    )


def _check(outcome: Floats, region: int, before_n: int) -> None:
    if outcome.ndim != 2 or len(outcome) < 3 or not np.isfinite(outcome).all():
        raise InvalidInput(
            "outcome must be (regions, years) of three regions or more with all cells known; got "
            f"{outcome.shape}"
        )
    if not 0 < before_n < outcome.shape[1] or not 0 <= region < len(outcome):
        raise InvalidInput(
            f"a twin needs years before and after and a region of the rows; got {before_n} of "
            f"{outcome.shape[1]} years before, region {region} of {len(outcome)}"
        )


def _twin(outcome: Floats, region: int, donors: list[int], before_n: int) -> tuple[Floats, Floats]:
    """Weights of the donors, and gaps.

    With weights that add to one the gap before is `A w`, donors less the region. The point of
    their hull nearest to zero is the solution `v` of `[A; 1] v = [0; 1]` in non-negative least
    squares, divided by its sum.
    """
    away = (outcome[donors, :before_n] - outcome[region, :before_n]).T
    scale = float((away**2).sum(axis=0).mean()) or 1.0
    even = np.sqrt(RIDGE) * np.eye(len(donors))
    rows = np.vstack([away / scale**0.5, even, np.ones(len(donors))])
    aim = np.zeros(len(rows))
    aim[-1] = 1.0
    found: Floats = nnls(rows, aim)[0]
    weight = found / found.sum()
    return weight, outcome[region] - weight @ outcome[donors]


def _margin(means: Floats) -> float:
    """Smallest value that at most one in twenty, counting the region, exceeds."""
    n = len(means)
    place = int(np.ceil(0.95 * (n + 1)))
    return float(np.sort(means)[place - 1]) if place <= n else float("inf")


def doubt_twin(found: Synthetic, *, before_n: int, terms: dict[str, float]) -> list[str]:
    """Why a gap may not be called an effect; empty if nothing speaks against it.

    Args:
        found: Result of `synthetic_control`.
        before_n: Years before the date.
        terms: `before_n_min`, `p_max`, `fit_ratio_max`.

    Returns:
        Codes: `few_years`, `few_regions` (chance alone can never be ruled out), `no_twin` (no
        weighted mean of the others goes the same way before).

    Source:
        Proposal of this project, after Abadie 2021, Journal of Economic Literature 59(2), 4.
    """
    told = {
        "few_years": before_n < terms["before_n_min"],
        "few_regions": found.p_least > terms["p_max"],
        "no_twin": found.fit_ratio > terms["fit_ratio_max"],
    }
    return [code for code, is_so in told.items() if is_so]
