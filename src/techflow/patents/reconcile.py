"""Income, market and cost brought together: one distribution, with weights that say why."""

import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from techflow.basics import InvalidInput
from techflow.basics.normal import normal_cdf

Array = NDArray[np.float64]
METHODS = ("income", "market", "cost")
INCOME, COST = METHODS.index("income"), METHODS.index("cost")
SHARES = (0.05, 0.5, 0.95)
NORMAL = NormalDist()
Z_90 = NORMAL.inv_cdf(0.95)
STEPS_N = 50


class Opinions(NamedTuple):
    """What each method says of n patents: shape (n, 3), in the order of `METHODS`.

    A method counts where low, median and high are above 0 and its factor is above 0.
    """

    low_cny: Array
    median_cny: Array
    high_cny: Array
    factor: Array
    """How far the method applies, 0 to 1, on top of its precision."""


class Reconciled(NamedTuple):
    """One opinion of n patents; NaN where no method counts."""

    quantiles_cny: Array
    """Shape (n, 3): 5 % quantile, median, 95 % quantile."""
    weights: Array
    """Shape (n, 3): they sum to 1, and are 0 for a method that does not count."""
    within_log: Array
    """Deviation of log value within the methods, shape (n,)."""
    between_log: Array
    """Deviation of log value between the methods, shape (n,)."""
    capped: NDArray[np.bool_]
    """Whether the weight of cost was cut, shape (n,)."""


def reconcile_values(
    opinions: Opinions, *, sigma_min: float, cost_weight_max_share: float
) -> Reconciled:
    """Mixture of the methods, each weighted by its precision and by how far it applies.

    Each method is a lognormal of two halves that meets its three quantiles; the result is their
    mixture, so that disagreement widens it.

    Args:
        opinions: What the methods say.
        sigma_min: No method counts as more precise than this deviation of log value, above 0.
        cost_weight_max_share: Most weight of cost where income counts, 0 to 1.

    Returns:
        The opinion; where one method alone counts, exactly its quantiles.

    Raises:
        InvalidInput: A parameter is outside its range.

    **Source** Weights by inverse variance; law of total variance for a mixture. The caps are the
    caller's.

    >>> both = Opinions(*(np.array([[x, np.nan, y]]) for x, y in ((1, 1), (2, 2), (4, 4), (1, 1))))
    >>> found = reconcile_values(both, sigma_min=0.1, cost_weight_max_share=0.25)
    >>> found.weights.tolist(), found.quantiles_cny.round(6).tolist()
    ([[0.75, 0.0, 0.25]], [[1.0, 2.0, 4.0]])
    """
    if not sigma_min > 0 or not 0 <= cost_weight_max_share <= 1:
        raise InvalidInput(
            "sigma_min must be above 0 and cost_weight_max_share in 0 to 1; "
            f"got {sigma_min} and {cost_weight_max_share}"
        )
    counts = _counts(opinions)
    centre, below, above = _halves(opinions, counts)
    sigma = np.maximum((below + above) / 2, sigma_min)
    weights, capped = _weigh(counts * opinions.factor / sigma**2, cost_weight_max_share)
    mean = centre + (above - below) / math.sqrt(2 * math.pi)
    within = (below**2 + above**2) / 2 - (above - below) ** 2 / (2 * math.pi)
    middle = (weights * mean).sum(axis=1, keepdims=True)
    return Reconciled(
        _quantiles(weights, centre, below, above),
        np.where(np.isnan(weights), 0.0, weights),
        np.sqrt((weights * within).sum(axis=1)),
        np.sqrt((weights * (mean - middle) ** 2).sum(axis=1)),
        capped,
    )


def _counts(opinions: Opinions) -> NDArray[np.bool_]:
    low, median, high, factor = opinions
    ordered = (low > 0) & (low <= median) & (median <= high) & (high < np.inf)
    return ordered & (factor > 0)


def _halves(opinions: Opinions, counts: NDArray[np.bool_]) -> tuple[Array, Array, Array]:
    """Log median and the deviations below and above it; 0 where a method does not count."""
    low, centre, high = (
        np.log(np.where(counts, value, 1.0))
        for value in (opinions.low_cny, opinions.median_cny, opinions.high_cny)
    )
    return centre, (centre - low) / Z_90, (high - centre) / Z_90


def _weigh(force: Array, cost_max: float) -> tuple[Array, NDArray[np.bool_]]:
    force = np.where(np.isnan(force), 0.0, force)
    total = force.sum(axis=1, keepdims=True)
    weights = np.where(total > 0, force / np.where(total > 0, total, 1.0), np.nan)
    capped = (weights[:, INCOME] > 0) & (weights[:, COST] > cost_max)
    others = 1 - weights[:, COST]
    shrunk = weights * ((1 - cost_max) / np.where(capped, others, 1.0))[:, None]
    shrunk[:, COST] = cost_max
    return np.where(capped[:, None], shrunk, weights), capped


def _quantiles(weights: Array, centre: Array, below: Array, above: Array) -> Array:
    parts = (centre - Z_90 * below, centre, centre + Z_90 * above)
    alone = (weights > 0).sum(axis=1) == 1
    found = np.full((len(weights), len(SHARES)), np.nan)
    for place in range(len(SHARES)):
        own = np.where(weights > 0, parts[place], 0.0).sum(axis=1)
        found[alone, place] = own[alone]
    mixed = (weights > 0).sum(axis=1) > 1
    if mixed.any():
        rows = tuple(field[mixed] for field in (weights, centre, below, above))
        found[mixed] = np.column_stack([_solve(rows, share) for share in SHARES])
    return np.asarray(np.exp(found), np.float64)


def _solve(rows: tuple[Array, ...], share: float) -> Array:
    """Bisection: the quantile of a mixture lies between those of its parts."""
    weights, centre, below, above = rows
    z = NORMAL.inv_cdf(share)
    parts = centre + z * (below if z < 0 else above)
    low = np.where(weights > 0, parts, np.inf).min(axis=1)
    high = np.where(weights > 0, parts, -np.inf).max(axis=1)
    for _ in range(STEPS_N):
        middle = (low + high) / 2
        away = middle[:, None] - centre
        spread = np.maximum(np.where(away < 0, below, above), 1e-12)
        reached = (weights * normal_cdf(away / spread)).sum(axis=1) < share
        low, high = np.where(reached, middle, low), np.where(reached, high, middle)
    found: Array = (low + high) / 2
    return found
