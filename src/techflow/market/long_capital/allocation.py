"""Spreading long-term capital over assets within limits. Needs SciPy (extra `train`)."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog, minimize

from techflow.basics import Floats, InvalidInput, NotConverged
from techflow.market.long_capital.limits import Limits

METHODS = ("equal", "variance", "shortfall", "parity")
TOLERANCE = 1e-6
Slope = Callable[[Floats], tuple[float, Floats]]


class Measured(NamedTuple):
    """What weights would have made of scenarios.

    Attributes:
        mean: Mean return.
        deviation: Standard deviation.
        shortfall: Mean loss in the worst share of the scenarios.
    """

    mean: float
    deviation: float
    shortfall: float


def measure(weights: Floats, returns: Floats, *, tail_share: float) -> Measured:
    """Mean, deviation and expected shortfall of weights.

    Args:
        weights: Shape (assets,).
        returns: Scenarios, share a period, shape (scenarios, assets).
        tail_share: Worst share of the scenarios, in (0, 1).

    Source:
        Rockafellar and Uryasev 2000, Journal of Risk 2(3): the tail holds its exact share, the
        scenario on its edge in part.

    Examples:
        >>> returns = np.array([[-0.3], [-0.1], [0.0], [0.2]])
        >>> round(measure(np.array([1.0]), returns, tail_share=0.375).shortfall, 4)
        0.2333
    """
    made = returns @ weights
    losses = np.sort(-made)[::-1]
    tail = tail_share * len(losses)
    parts = np.clip(tail - np.arange(len(losses)), 0.0, 1.0)
    return Measured(float(made.mean()), float(made.std(ddof=1)), float(losses @ parts / tail))


def equal_within(limits: Limits) -> Floats:
    """The weights within limits nearest to equal ones, the plain answer others must beat.

    Args:
        limits: Result of `build_limits`.

    Raises:
        InvalidInput: The limits leave no weights.
    """
    return _nearest(np.full(len(limits.upper), 1.0 / len(limits.upper)), limits)


def least_variance(returns: Floats, limits: Limits, *, mean_min: float) -> Floats:
    """Weights of the smallest variance with at least some mean.

    Args:
        returns: Scenarios, shape (scenarios, assets).
        limits: Result of `build_limits`.
        mean_min: Least mean return of the scenarios.

    Raises:
        InvalidInput: No weights within limits have this mean.

    Source:
        Markowitz 1952, Journal of Finance 7(1).
    """
    cover = np.atleast_2d(np.cov(returns, rowvar=False))
    scale = float(np.trace(cover)) / len(cover)
    bound = _with_mean(limits, returns, mean_min)
    start = _feasible(bound)
    return _solve(lambda w: (float(w @ cover @ w) / scale, 2.0 * cover @ w / scale), bound, start)


def least_shortfall(
    returns: Floats, limits: Limits, *, mean_min: float, tail_share: float
) -> Floats:
    """Weights of the smallest expected shortfall with at least some mean.

    Args:
        returns: Scenarios, shape (scenarios, assets).
        limits: Result of `build_limits`.
        mean_min: Least mean return of the scenarios.
        tail_share: Worst share of the scenarios, in (0, 1).

    Raises:
        InvalidInput: No weights within limits have this mean.

    Source:
        Rockafellar and Uryasev 2000, Journal of Risk 2(3), as a linear programme (HiGHS).
    """
    count, assets = returns.shape
    bound = _with_mean(limits, returns, mean_min)
    cost = np.concatenate([np.zeros(assets), [1.0], np.full(count, 1.0 / (tail_share * count))])
    losses = np.hstack([-returns, -np.ones((count, 1)), -np.eye(count)])
    own = np.hstack([bound.loads, np.zeros((len(bound.most), 1 + count))])
    total = np.concatenate([np.ones(assets), np.zeros(1 + count)])[None, :]
    found = linprog(
        cost,
        A_ub=np.vstack([losses, own]),
        b_ub=np.concatenate([np.zeros(count), bound.most]),
        A_eq=total,
        b_eq=[1.0],
        bounds=[(0.0, top) for top in bound.upper] + [(None, None)] + [(0.0, None)] * count,
        method="highs",
    )
    if not found.success:
        raise InvalidInput(_no_weights(bound))
    weights: Floats = found.x[:assets]
    return weights


def risk_parity(returns: Floats, limits: Limits) -> Floats:
    """Weights whose parts in the variance are as equal as the limits allow.

    Args:
        returns: Scenarios, shape (scenarios, assets).
        limits: Result of `build_limits`.

    Returns:
        Without binding limits each held asset bears the same part; `risk_parts` tells.

    Raises:
        InvalidInput: The limits leave no weights.

    Source:
        Maillard, Roncalli and Teiletche 2010, Journal of Portfolio Management 36(4): least
        squares of the parts; the start is the convex form of Spinu 2013.
    """
    cover = np.atleast_2d(np.cov(returns, rowvar=False))
    allowed = limits.upper > 0.0
    goal = np.where(allowed, 1.0 / allowed.sum(), 0.0)

    def distance(w: Floats) -> tuple[float, Floats]:
        pull = cover @ w
        total = w @ pull
        parts = w * pull / total
        gap = parts - goal
        slope = (np.diag(pull) + w[:, None] * cover) / total - 2.0 * np.outer(parts, pull) / total
        return float(gap @ gap), 2.0 * gap @ slope

    start = _nearest(_spinu(cover, goal, allowed), limits)
    return _solve(distance, limits, start)


def risk_parts(weights: Floats, returns: Floats) -> Floats:
    """Part of each asset in the variance; they sum to 1.

    Examples:
        >>> returns = np.array([[0.1, 0.0], [-0.1, 0.0], [0.0, 0.2], [0.0, -0.2]])
        >>> risk_parts(np.array([0.5, 0.5]), returns).round(6).tolist()
        [0.2, 0.8]
    """
    pull = np.atleast_2d(np.cov(returns, rowvar=False)) @ weights
    parts: Floats = weights * pull / (weights @ pull)
    return parts


def _spinu(cover: Floats, goal: Floats, allowed: NDArray[np.bool_]) -> Floats:
    """Equal parts without limits: least 0.5 x'Cx - goal'log x, by cyclic coordinates."""
    x = np.where(allowed, 1.0 / np.sqrt(np.diag(cover)), 0.0)
    for _ in range(500):
        before = x.copy()
        for i in np.flatnonzero(allowed):
            rest = cover[i] @ x - cover[i, i] * x[i]
            x[i] = (-rest + np.sqrt(rest**2 + 4.0 * cover[i, i] * goal[i])) / (2.0 * cover[i, i])
        if np.abs(x - before).max() <= 1e-12 * x.max():
            break
    weights: Floats = x / x.sum()
    return weights


def _with_mean(limits: Limits, returns: Floats, mean_min: float) -> Limits:
    return limits._replace(
        names=(*limits.names, f"mean >= {mean_min:g}"),
        loads=np.vstack([limits.loads, -returns.mean(axis=0)]),
        most=np.append(limits.most, -mean_min),
    )


def _feasible(limits: Limits) -> Floats:
    """Some weights within the limits."""
    count = len(limits.upper)
    found = linprog(
        np.zeros(count),
        A_ub=limits.loads if len(limits.most) else None,
        b_ub=limits.most if len(limits.most) else None,
        A_eq=np.ones((1, count)),
        b_eq=[1.0],
        bounds=[(0.0, top) for top in limits.upper],
        method="highs",
    )
    if not found.success:
        raise InvalidInput(_no_weights(limits))
    weights: Floats = found.x
    return weights


def _nearest(aim: Floats, limits: Limits) -> Floats:
    return _solve(
        lambda w: (float((w - aim) @ (w - aim)), 2.0 * (w - aim)), limits, _feasible(limits)
    )


def _no_weights(limits: Limits) -> str:
    return f"no weights meet all of: {', '.join(limits.names)}; relax one of them"


def _solve(value: Slope, limits: Limits, start: Floats) -> Floats:
    """Least value within the limits; `value` gives the value and its slope."""
    rows = [{"type": "eq", "fun": lambda w: w.sum() - 1.0, "jac": lambda w: np.ones_like(w)}]
    if len(limits.most):
        room = {"fun": lambda w: limits.most - limits.loads @ w, "jac": lambda w: -limits.loads}
        rows.append({"type": "ineq", **room})
    found = minimize(
        value,
        start,
        jac=True,
        method="SLSQP",
        bounds=[(0.0, top) for top in limits.upper],
        constraints=rows,
        options={"ftol": 1e-12, "maxiter": 500},
    )
    weights: Floats = np.clip(found.x, 0.0, limits.upper)
    weights /= weights.sum()
    over = float(np.max(limits.loads @ weights - limits.most, initial=0.0))
    if over > TOLERANCE or not np.isfinite(found.fun):
        raise NotConverged(f"the optimiser left a limit by {over:.2g}: {found.message}")
    return weights
