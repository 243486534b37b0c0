"""Losses of a book under one common factor: what each yuan adds to the tail, and the whole tail."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.polynomial.legendre import leggauss

from techflow.basics import Floats, InvalidInput
from techflow.basics.normal import normal_cdf, normal_quantile

MEASURES = ("es", "var", "el")
NODES_N = 64
BANDS = (0.0, 0.5, 0.9, 0.99, 0.999, 1.0)
"""Where the common factor is cut for integration, as its probability."""


def normal_point(share: Floats) -> Floats:
    """Standard normal quantile; 0 and 1 give minus and plus infinity."""
    found = np.copysign(math.inf, share - 0.5)
    inside = (share > 0.0) & (share < 1.0)
    found[inside] = normal_quantile(share[inside])
    return found


def stressed_pd(pd: Floats, bad_share: Floats, *, correlation: float) -> Floats:
    """Default probability in states of the economy.

    Args:
        pd: One-year default probability, fractions, shape (n,).
        bad_share: Share of states that are better, in (0, 1), shape (m,): 0.99 is a bad state.
        correlation: Of the firms' assets through the common factor, in [0, 1).

    Returns:
        Shape (m, n).

    Source:
        Vasicek, "Loan portfolio value", Risk, December 2002; Basel Framework CRE31.

    Examples:
        >>> stressed_pd(np.array([0.01]), np.array([0.999]), correlation=0.2).round(4)
        array([[0.1455]])
    """
    factor = math.sqrt(correlation) * normal_point(bad_share)[:, None]
    point = normal_point(pd)[None, :] + factor
    return normal_cdf(point / math.sqrt(1.0 - correlation))


def tail_pd(pd: Floats, *, correlation: float, confidence: float, measure: str) -> Floats:
    """Default probability in the tail: what a yuan lent adds to the tail of a fine-grained book.

    Args:
        pd: One-year default probability, fractions, shape (n,).
        correlation: Of the firms' assets, in [0, 1).
        confidence: Such as 0.99.
        measure: `var` in the state at the confidence, `es` the mean over all worse states, `el`
            over all states.

    Returns:
        Shape (n,). Times loss given default and amount it adds up over a book.

    Raises:
        InvalidInput: Unknown measure, or a number out of range.

    Source:
        Gordy 2003, J. of Financial Intermediation 12(3): in the limit of many small loans tail
        measures of one factor are sums over loans.

    Examples:
        >>> at = {"correlation": 0.2, "confidence": 0.999}
        >>> tail_pd(np.array([0.01]), measure="var", **at).round(4)
        array([0.1455])
    """
    if measure not in MEASURES:
        raise InvalidInput(f"the tail measure must be one of {', '.join(MEASURES)}; got {measure}")
    if not 0.0 <= correlation < 1.0 or not 0.0 < confidence < 1.0:
        raise InvalidInput(
            "correlation must lie in [0, 1) and confidence in (0, 1); "
            f"got {correlation} and {confidence}"
        )
    if measure == "el":
        return pd.copy()
    if measure == "var":
        states = np.array([confidence])
        return stressed_pd(pd, states, correlation=correlation).ravel()
    # Squared distance from certain ruin: the integrand is steepest there.
    nodes, weights = leggauss(NODES_N)
    s, w = 0.5 * (nodes + 1.0), 0.5 * weights
    states = 1.0 - (1.0 - confidence) * s**2
    mean: Floats = (2.0 * s * w) @ stressed_pd(pd, states, correlation=correlation)
    return mean


@dataclass(frozen=True, slots=True)
class LossTail:
    """Tail of the loss of a book of this very size.

    Attributes:
        el_cny: Expected loss.
        var_cny: Quantile at the confidence.
        es_cny: Mean loss at and beyond that quantile.
    """

    el_cny: float
    var_cny: float
    es_cny: float


def measure_tail(
    loss_cny: Floats,
    pd: Floats,
    stay: Floats,
    *,
    correlation: float,
    confidence: float,
    unit: float,
) -> LossTail:
    """The tail with every loan counted, by convolution given the factor.

    Args:
        loss_cny: Loss if the firm takes the loan and defaults, shape (n,).
        pd: Default probabilities, shape (n,).
        stay: Shares of customers that take the loan, shape (n,).
        correlation: Of the firms' assets.
        confidence: Such as 0.99.
        unit: Losses are rounded up to multiples of this many yuan.

    Returns:
        The tail; an upper bound through the rounding, exact where losses are multiples.

    Source:
        Poisson-binomial recursion on a grid of losses (Andersen, Sidenius, Basu 2003, Risk),
        mixed over the factor by Gauss-Legendre.
    """
    states, weights = _states()
    chances = stay * stressed_pd(pd, states, correlation=correlation)
    steps = np.ceil(loss_cny / unit - 1e-9).astype(np.int64)
    spread = np.zeros((states.size, int(steps.sum()) + 1))
    spread[:, 0] = 1.0
    reached = 0
    for step, chance in zip(steps, chances.T, strict=True):
        part = spread[:, : reached + 1] * chance[:, None]
        spread[:, : reached + 1] -= part
        spread[:, step : reached + step + 1] += part
        reached += int(step)
    return _read_tail(weights @ spread, unit, confidence)


def _states() -> tuple[Floats, Floats]:
    nodes, weights = leggauss(NODES_N // 2)
    cuts = np.array(BANDS)
    width = np.diff(cuts)[:, None]
    states = cuts[:-1, None] + width * 0.5 * (nodes + 1.0)
    return states.ravel(), (width * 0.5 * weights).ravel()


def _read_tail(shares: Floats, unit: float, confidence: float) -> LossTail:
    losses = unit * np.arange(shares.size)
    reached = np.cumsum(shares)
    place = min(int(np.searchsorted(reached, confidence)), shares.size - 1)
    beyond = float(losses[place + 1 :] @ shares[place + 1 :])
    at = losses[place] * (1.0 - confidence - float(shares[place + 1 :].sum()))
    tail = (beyond + at) / (1.0 - confidence)
    return LossTail(float(losses @ shares), float(losses[place]), float(tail))
