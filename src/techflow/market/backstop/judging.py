"""What a backstop fund changes: every number with its standard error, on the same draws."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from techflow.basics import Floats, InvalidInput
from techflow.market.backstop.simulation import Fund, Paths, World, run_market

SURE = 1.959964
"""Standard errors of a 95 % interval."""


class Estimate(NamedTuple):
    """A number from a simulation and its standard error."""

    value: float
    error: float


class Judged(NamedTuple):
    """A market with a fund, or without.

    Attributes:
        severe: Chance of a fall of `severe_fall` or more.
        fall: Mean of the greatest fall.
        tail: Mean greatest fall in the worst share of the paths.
        forced: Mean of what is sold under force.
        used: Chance that the fund buys at all.
        bought: Mean of what it spends.
        held_days: Mean days on which it holds something, over the paths in which it buys.
        still_held: Chance that it still holds something at the end.
        gain: Mean of what it makes.
        loss_tail: Mean loss of the fund in its worst share of the paths.
        worst: Mean of the fund's greatest loss on the way, in that worst share.
    """

    severe: Estimate
    fall: Estimate
    tail: Estimate
    forced: Estimate
    used: Estimate
    bought: Estimate
    held_days: Estimate
    still_held: Estimate
    gain: Estimate
    loss_tail: Estimate
    worst: Estimate


def estimate(values: Floats) -> Estimate:
    """Mean and standard error; NaN of fewer than two.

    Examples:
        >>> estimate(np.array([0.0, 1.0, 0.0, 1.0]))
        Estimate(value=0.5, error=0.28867513459481287)
    """
    if len(values) < 2:
        return Estimate(float("nan"), float("nan"))
    return Estimate(float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values))))


def estimate_tail(values: Floats, tail_share: float) -> Estimate:
    """Mean of the largest share of values, and its standard error.

    Source:
        Trindade, Uryasev, Shapiro and Zrazhevsky 2007, Journal of Banking and Finance 31(11): the
        error of the quantile does not matter to first order.

    Examples:
        >>> round(estimate_tail(np.arange(100.0), 0.1).value, 6)
        94.5
    """
    if not 0.0 < tail_share < 1.0:
        raise InvalidInput(f"tail_share must be in (0, 1); got {tail_share}")
    edge = float(np.quantile(values, 1.0 - tail_share))
    found = estimate(edge + np.maximum(values - edge, 0.0) / tail_share)
    return Estimate(found.value, found.error)


def judge(paths: Paths, *, severe_fall: float, tail_share: float) -> Judged:
    """Every number of a run.

    Args:
        paths: Result of `run_market`.
        severe_fall: Fall from the highest price that counts as severe, in (0, 1).
        tail_share: Worst share of the paths, in (0, 1).
    """
    used = paths.bought > 0.0
    return Judged(
        estimate((paths.fall >= severe_fall).astype(np.float64)),
        estimate(paths.fall),
        estimate_tail(paths.fall, tail_share),
        estimate(paths.forced),
        estimate(used.astype(np.float64)),
        estimate(paths.bought),
        estimate(paths.held_days[used]),
        estimate((paths.open_share > 0.0).astype(np.float64)),
        estimate(paths.gain),
        estimate_tail(-paths.gain, tail_share),
        estimate_tail(-paths.worst, tail_share),
    )


def avoided(without: Paths, backed: Paths, *, severe_fall: float) -> Estimate:
    """By how much the fund lowers the chance of a severe fall, path by path on the same draws.

    Examples:
        >>> one, nothing = np.array([0.4, 0.4, 0.1, 0.1]), np.zeros(4)
        >>> paths = Paths(one, *[nothing] * 8)
        >>> backed = paths._replace(fall=np.array([0.4, 0.2, 0.1, 0.1]))
        >>> avoided(paths, backed, severe_fall=0.3).value
        0.25
    """
    severe = (without.fall >= severe_fall).astype(np.float64)
    return estimate(severe - (backed.fall >= severe_fall).astype(np.float64))


class Sized(NamedTuple):
    """A size of the fund with what it does and costs.

    Attributes:
        size: Money of the fund, share of the market at the start.
        judged: The market with it.
        avoided: Chance of a severe fall avoided, beside none.
        cost: Yearly cost of the money less what the fund makes, over the horizon.
    """

    size: float
    judged: Judged
    avoided: Estimate
    cost: Estimate


def try_sizes(
    values: Floats,
    world: World,
    fund: Fund,
    sizes: Sequence[float],
    *,
    severe_fall: float,
    tail_share: float,
    carry: float,
) -> tuple[Sized, ...]:
    """The market with funds of several sizes, all on the same draws.

    Args:
        values: Result of `draw_values`.
        world: The market.
        fund: The fund; its size is replaced.
        sizes: Sizes to try, 0 or more; 0 is a market without a fund.
        severe_fall: Fall that counts as severe.
        tail_share: Worst share of the paths.
        carry: What a yuan kept ready costs over the horizon, beyond what it earns meanwhile.
    """
    without = run_market(values, world, replace(fund, size=0.0))
    found = []
    for size in sizes:
        paths = run_market(values, world, replace(fund, size=size)) if size > 0 else without
        found.append(
            Sized(
                size,
                judge(paths, severe_fall=severe_fall, tail_share=tail_share),
                avoided(without, paths, severe_fall=severe_fall),
                estimate(carry * size - paths.gain),
            )
        )
    return tuple(found)


def smallest_size(tried: Sequence[Sized], *, severe_chance_max: float) -> float | None:
    """The smallest size whose chance of a severe fall is surely within the target.

    Args:
        tried: Result of `try_sizes`.
        severe_chance_max: Target; the upper end of the 95 % interval must meet it.

    Returns:
        A size that was tried; None if none meets it.
    """
    meets = [
        one.size
        for one in tried
        if one.judged.severe.value + SURE * one.judged.severe.error <= severe_chance_max
    ]
    return min(meets, default=None)


def try_hazards(
    values: Floats, world: World, fund: Fund, rises: Sequence[float], *, severe_fall: float
) -> tuple[tuple[float, Estimate], ...]:
    """What is left of the benefit if holders borrow more because the fund is there.

    Args:
        values: Result of `draw_values`.
        world: The market.
        fund: The fund.
        rises: Rises of borrowing (leverage less 1), shares, 0 or more.
        severe_fall: Fall that counts as severe.

    Returns:
        Each rise with the chance of a severe fall avoided, beside a market without fund and without
        the rise. Below 0 the fund does harm.
    """
    without = run_market(values, world, replace(fund, size=0.0))
    found = []
    for rise in rises:
        bolder = replace(world, leverage=1.0 + (world.leverage - 1.0) * (1.0 + rise))
        paths = run_market(values, bolder, fund)
        found.append((rise, avoided(without, paths, severe_fall=severe_fall)))
    return tuple(found)


def break_even(tried: Sequence[tuple[float, Estimate]]) -> tuple[float | None, float | None]:
    """Between which rises the benefit turns into harm.

    Args:
        tried: Result of `try_hazards`, rises in order.

    Returns:
        The last rise at which the fund surely helps (95 %), and the first at which it surely harms;
        None where there is none among those tried.

    Examples:
        >>> values = (0.1, 0.0, -0.1)
        >>> break_even([(0.1 * k, Estimate(v, 0.01)) for k, v in enumerate(values)])
        (0.0, 0.2)
    """
    helps = [rise for rise, one in tried if one.value - SURE * one.error > 0.0]
    harms = [rise for rise, one in tried if one.value + SURE * one.error < 0.0]
    return max(helps, default=None), min(harms, default=None)
