"""Exact distributions that simulations are held against, by SciPy alone."""

import numpy as np
from scipy.special import ndtr, ndtri
from scipy.stats import binom


def exact_default_counts(n, pd, correlation):
    """Chance of 0, 1, ..., n defaults: binomial given the factor, by the trapezium rule."""
    y = np.linspace(-9, 9, 4001)
    mass = np.exp(-(y**2) / 2)
    chance = ndtr((ndtri(pd) - np.sqrt(correlation) * y) / np.sqrt(1 - correlation))
    return binom.pmf(np.arange(n + 1)[:, None], n, chance) @ (mass / mass.sum())


def exact_tail(mass, level):
    """Value at risk and expected shortfall of a distribution on 0, 1, 2, ..."""
    k = np.arange(len(mass))
    at = int(np.searchsorted(np.cumsum(mass), level))
    return at, at + (np.maximum(k - at, 0) @ mass) / (1 - level)
