"""Four ways to spread capital side by side, and how much of each is luck. Needs SciPy."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from techflow.basics import Floats, InvalidInput, NotConverged
from techflow.market.long_capital.allocation import (
    METHODS,
    Measured,
    equal_within,
    least_shortfall,
    least_variance,
    measure,
    risk_parity,
    risk_parts,
)
from techflow.market.long_capital.limits import Limits

SCENARIOS_MIN = 10


class Spread(NamedTuple):
    """One way to spread.

    Attributes:
        weights: Shape (assets,).
        low: Weight that 5 % of the resamples fall below, shape (assets,).
        high: Weight that 5 % exceed.
        parts: Part of each asset in the variance.
        seen: Measured on the scenarios it was made from.
        unseen: Mean over resamples, measured on the scenarios each had not drawn.
        unseen_error: Standard deviation of that over the resamples.
    """

    weights: Floats
    low: Floats
    high: Floats
    parts: Floats
    seen: Measured
    unseen: Measured
    unseen_error: Measured


def spread_capital(
    returns: Floats,
    limits: Limits,
    *,
    tail_share: float,
    mean_min: float | None,
    draws_n: int,
    seed: int,
) -> Mapping[str, Spread]:
    """Equal weights, least variance, least shortfall and risk parity, within limits.

    Args:
        returns: Scenarios, share a period, shape (scenarios, assets), 10 scenarios or more.
        limits: Result of `build_limits`.
        tail_share: Worst share of the scenarios, in (0, 1).
        mean_min: Least mean of variance and shortfall; None for that of equal weights, in each
            resample its own.
        draws_n: Resamples of whole scenarios, with replacement.
        seed: Seed.

    Returns:
        By method.

    Raises:
        InvalidInput: Too few scenarios, a number out of range, or limits nothing meets.

    Source:
        Bootstrap and out-of-bag estimate: Efron and Tibshirani 1993, ch. 17. Resampled weights:
        Michaud 1998.
    """
    count = len(returns)
    if count < SCENARIOS_MIN or not np.isfinite(returns).all() or (returns <= -1.0).any():
        raise InvalidInput(
            f"returns need {SCENARIOS_MIN} scenarios or more, each a share above -1; got {count}, "
            f"the lowest {np.min(returns, initial=np.inf)}"
        )
    if not 0.0 < tail_share < 1.0:
        raise InvalidInput(f"tail_share must be in (0, 1); got {tail_share}")
    chosen = _choose(returns, limits, tail_share, mean_min)
    rng = np.random.default_rng(seed)
    drawn: dict[str, list[Floats]] = {name: [] for name in METHODS}
    unseen: dict[str, list[Measured]] = {name: [] for name in METHODS}
    for _ in range(draws_n):
        rows = rng.integers(0, count, count)
        left = np.setdiff1d(np.arange(count), rows)
        try:
            found = _choose(returns[rows], limits, tail_share, mean_min)
        except (InvalidInput, NotConverged):
            continue  # A resample in which no weights have the asked mean says nothing.
        for name, weights in found.items():
            drawn[name].append(weights)
            unseen[name].append(measure(weights, returns[left], tail_share=tail_share))
    if len(drawn[METHODS[0]]) < 2:
        raise InvalidInput(f"draws_n must be 2 or more, with a mean they can have; got {draws_n}")
    return {
        name: _told(chosen[name], returns, drawn[name], unseen[name], tail_share)
        for name in METHODS
    }


def _choose(
    returns: Floats, limits: Limits, tail_share: float, mean_min: float | None
) -> Mapping[str, Floats]:
    plain = equal_within(limits)
    least = float(returns.mean(axis=0) @ plain) if mean_min is None else mean_min
    # A hair less: the plain weights themselves must not fall out by rounding.
    least -= 1e-9
    return {
        "equal": plain,
        "variance": least_variance(returns, limits, mean_min=least),
        "shortfall": least_shortfall(returns, limits, mean_min=least, tail_share=tail_share),
        "parity": risk_parity(returns, limits),
    }


def _told(
    weights: Floats, returns: Floats, drawn: list[Floats], unseen: list[Measured], tail: float
) -> Spread:
    low, high = np.quantile(np.array(drawn), [0.05, 0.95], axis=0)
    return Spread(
        weights,
        low,
        high,
        risk_parts(weights, returns),
        measure(weights, returns, tail_share=tail),
        Measured(*np.mean(unseen, axis=0).tolist()),
        Measured(*np.std(unseen, axis=0, ddof=1).tolist()),
    )
