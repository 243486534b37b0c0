"""The numerics of a card: monotone piecewise-linear logistic regression with a ridge."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from techflow.basics import Floats, InvalidInput, NotConverged

TAIL_SHARE = 0.03
"""Knots run from this quantile to its mirror image; beyond, the effect is flat."""

GRADIENT_MAX = 1e-2
"""Greatest slope of the likelihood left at the end, in events; the optimiser's own verdict is
not used because it also complains about line searches that can gain nothing more."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How effects may bend.

    Attributes:
        signs: 1 or -1 for each feature.
        knots_n: Knots for each feature, 2 or more.
        penalty: Ridge on the slopes, 0 or more.
        free: True lets each segment have its own slope; false keeps the heights at the
            knots equally spaced, one coefficient a feature (a winsorised rank).
        event_share: Weight of events against non-events when knots are placed; 0.5 puts
            half of the knots where the events are, null counts every row once.
    """

    signs: tuple[int, ...]
    knots_n: int
    penalty: float
    free: bool
    event_share: float | None


@dataclass(frozen=True, slots=True)
class Fit:
    """Result of a fit: for each feature its knots, the effect there, and the median."""

    intercept: float
    knots: tuple[Floats, ...]
    effects: tuple[Floats, ...]
    typical: tuple[float, ...]

    def log_odds(self, x: Floats) -> Floats:
        """Log-odds of rows, shape (n, features); NaN counts as typical."""
        total = np.full(x.shape[0], self.intercept)
        for j, (knots, effects) in enumerate(zip(self.knots, self.effects, strict=True)):
            total += np.where(np.isnan(x[:, j]), 0.0, np.interp(x[:, j], knots, effects))
        return total


def fit_effects(x: Floats, y: Floats, shape: Shape) -> Fit:
    """Fit effects that never run against their sign.

    Maximises the logistic likelihood less half the penalty times the squared slopes, with
    every slope held to its sign. Each effect is zero at the median of the sample; an
    unknown number counts as the median.

    Args:
        x: Features, shape (n, p); NaN is unknown.
        y: 1 event, 0 none, shape (n,).
        shape: How effects may bend.

    Raises:
        InvalidInput: There is no event, only events, or a feature is never known.
        NotConverged: The optimiser stopped early.

    Source:
        Ridge logistic regression: le Cessie and van Houwelingen (1992), Applied Statistics
        41(1); bounds by L-BFGS-B: Byrd, Lu, Nocedal, Zhu (1995), SIAM J. Sci. Comput. 16(5).
    """
    if not 0 < y.sum() < y.size:
        raise InvalidInput(f"fit needs events and non-events; got {y.sum():.0f} in {y.size} rows")
    if absent := np.flatnonzero(np.isnan(x).all(axis=0)).tolist():
        raise InvalidInput(f"features number {absent} (from 0) are never known in {y.size} rows")
    knots = tuple(_place_knots(x[:, j], y, shape) for j in range(x.shape[1]))
    typical = np.array([float(f"{v:.6g}") for v in np.nanmedian(x, axis=0)])
    design, signs = _design(x, knots, typical, shape)
    slopes = _maximise(design, y, signs, shape.penalty)
    effects, at = [], 1
    for j, grid in enumerate(knots):
        width = grid.size - 1 if shape.free else 1
        rise = slopes[at : at + width]
        steps = rise if shape.free else np.repeat(rise / (grid.size - 1), grid.size - 1)
        heights = np.concatenate([[0.0], np.cumsum(steps)])
        effects.append(heights - np.interp(typical[j], grid, heights))
        at += width
    return Fit(float(slopes[0]), knots, tuple(effects), tuple(float(v) for v in typical))


def calibrate(fit: Fit, x: Floats, rate: float) -> Fit:
    """Move the intercept until the mean probability of the rows is the long-run rate.

    Args:
        fit: Result of `fit_effects`.
        x: Features of the rows, shape (n, p).
        rate: Share of events over the long run, in (0, 1).

    Source:
        Prior correction of the intercept: King and Zeng (2001), Political Analysis 9(2), 4.1.
    """
    log_odds, low, high = fit.log_odds(x), -50.0, 50.0
    while (middle := 0.5 * (low + high)) not in (low, high):
        above = np.mean(1.0 / (1.0 + np.exp(-log_odds - middle))) > rate
        low, high = (low, middle) if above else (middle, high)
    return replace(fit, intercept=fit.intercept + middle)


def _place_knots(x: Floats, y: Floats, shape: Shape) -> Floats:
    """Quantiles of the known values, events weighted up; rounded so that a card is readable."""
    known = ~np.isnan(x)
    values, events = x[known], y[known] > 0
    weight = np.ones(values.size)
    if shape.event_share is not None and 0 < events.sum() < events.size:
        weight[events] = shape.event_share / events.sum()
        weight[~events] = (1.0 - shape.event_share) / (~events).sum()
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order]) / weight.sum()
    levels = np.linspace(TAIL_SHARE, 1.0 - TAIL_SHARE, shape.knots_n)
    grid = np.interp(levels, reached, values[order])
    return np.unique([float(f"{knot:.6g}") for knot in grid])


def _segments(x: Floats, grid: Floats) -> Floats:
    """How far each value has climbed each segment, 0 to 1, shape (n, segments)."""
    climbed: Floats = np.clip((x[:, None] - grid[:-1]) / np.diff(grid), 0.0, 1.0)
    return climbed


def _design(
    x: Floats, knots: Sequence[Floats], typical: Floats, shape: Shape
) -> tuple[Floats, Floats]:
    """Design matrix around the median, and the sign of each column."""
    blocks, signs = [], []
    for j, grid in enumerate(knots):
        block = _segments(x[:, j], grid) - _segments(typical[j : j + 1], grid)
        block = block if shape.free else block.mean(axis=1, keepdims=True)
        blocks.append(np.nan_to_num(block, nan=0.0))
        signs += [float(shape.signs[j])] * block.shape[1]
    return np.hstack(blocks), np.array(signs)


def _maximise(design: Floats, y: Floats, signs: Floats, penalty: float) -> Floats:
    """Intercept and slopes of the penalised likelihood within the sign bounds."""

    def loss(beta: Floats) -> tuple[float, Floats]:
        eta = beta[0] + design @ beta[1:]
        gap = 1.0 / (1.0 + np.exp(-eta)) - y
        value = np.sum(np.logaddexp(0.0, eta) - y * eta) + 0.5 * penalty * np.sum(beta[1:] ** 2)
        return float(value), np.concatenate([[gap.sum()], design.T @ gap + penalty * beta[1:]])

    start = np.concatenate([[np.log(y.mean() / (1.0 - y.mean()))], 0.1 * signs])
    bounds = [(None, None), *((0.0, None) if sign > 0 else (None, 0.0) for sign in signs)]
    options = {"maxiter": 2000, "ftol": 1e-12, "gtol": 1e-8}
    minimize = _find_minimize()
    # On matrices this small, threads only wait for each other: one is four times faster.
    with _find_threads().limit(limits=1, user_api="blas"):
        found = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B", options=options)
    slopes: Floats = found.x
    pull = loss(slopes)[1]
    held = (slopes[1:] == 0.0) & (pull[1:] * signs >= 0.0)
    gap = float(np.max(np.abs(np.where(held, 0.0, pull[1:])), initial=abs(pull[0])))
    if gap > GRADIENT_MAX:
        raise NotConverged(f"fit stopped with a gradient of {gap:.2g}: {found.message}")
    return slopes


def _find_minimize() -> Callable[..., Any]:
    """SciPy's optimiser, which only training needs.

    Raises:
        InvalidInput: The extra `train` is not installed.
    """
    try:
        from scipy.optimize import minimize
    except ImportError as error:
        raise InvalidInput(
            "training needs SciPy, which is not installed; run pip install 'techflow[train]'"
        ) from error
    found: Callable[..., Any] = minimize
    return found


@cache
def _find_threads() -> Any:
    """The thread pools of the linear algebra; call after SciPy is loaded."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
