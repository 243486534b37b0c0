"""Ratios of institutions with the chance of who their customers happen to be."""

import numpy as np

from techflow.basics import Floats
from techflow.region.statistics.rules import Integers


def resample_ratios(
    tops: Floats, bottoms: Floats, owner: Integers, *, draws_n: int, seed: int
) -> Floats:
    """Ratios of sums, with the customers of each institution drawn anew.

    Args:
        tops: Numerators by customer, shape (customers, ratios).
        bottoms: Denominators, same shape.
        owner: Institution of each customer, from 0.
        draws_n: Draws, 1 or more.
        seed: Seed.

    Returns:
        Shape (draws, institutions, ratios); NaN where a denominator is 0.

    Source:
        Bootstrap of clusters: Efron and Tibshirani 1993, An Introduction to the Bootstrap, ch. 8.

    Examples:
        >>> found = resample_ratios(np.array([[1.0], [3.0]]), np.ones((2, 1)),
        ...                         np.array([0, 0]), draws_n=2000, seed=1)
        >>> round(float(found.mean()), 1)
        2.0
    """
    rng, owners_n = np.random.default_rng(seed), int(owner.max(initial=-1)) + 1
    found = np.full((draws_n, owners_n, tops.shape[1]), np.nan)
    for one in range(owners_n):
        mine = np.flatnonzero(owner == one)
        if not len(mine):
            continue
        weight = rng.multinomial(len(mine), np.full(len(mine), 1.0 / len(mine)), size=draws_n)
        top, bottom = weight @ tops[mine], weight @ bottoms[mine]
        found[:, one] = np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom != 0)
    return found
