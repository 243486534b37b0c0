"""Who makes the tail: shares of the expected shortfall by firm and by bucket, which add up.

Needs the extra `simulate`.
"""

from typing import NamedTuple

import numba
import numpy as np

from techflow.basics import Floats, InvalidInput
from techflow.portfolio.factors import scenario_key
from techflow.portfolio.loss import draw_scenario, scratch_of
from techflow.portfolio.measures import Tail
from techflow.portfolio.plan import LossPlan

PARTS_N = 8
"""Sums are taken in this many parts, then in order: threads change no figure."""

parallel = numba.njit(cache=True, parallel=True, error_model="numpy")


class Contributions(NamedTuple):
    """Shares of the expected shortfall.

    Attributes:
        value_cny: Mean loss in the tail; the values sum to the expected shortfall.
        error_cny: Standard error of each, the tail taken as known.
    """

    value_cny: Floats
    error_cny: Floats


def contributions_by_bucket(losses: Floats, tail: Tail) -> Contributions:
    """What each bucket (sector, layer, lender) brings to the expected shortfall.

    Args:
        losses: Result of `simulate_losses`, shape (scenarios, buckets).
        tail: The worst scenarios, see `tail_scenarios`.

    Returns:
        Shape (buckets,).

    Source:
        Euler allocation: Tasche (1999), Risk contributions and performance measurement: the
        contribution is the mean loss of the part, given that the whole is in the tail. Error: of
        a weighted mean.

    Examples:
        >>> from techflow.portfolio.measures import tail_scenarios
        >>> losses = np.array([[1.0, 0.0], [4.0, 2.0], [0.0, 3.0], [1.0, 1.0]])
        >>> tail = tail_scenarios(losses.sum(axis=1), level=0.5)
        >>> contributions_by_bucket(losses, tail).value_cny.tolist()
        [2.0, 2.5]
    """
    worst, weight = losses[tail.scenario], tail.weight
    value = weight @ worst
    error = np.sqrt(weight**2 @ (worst - value) ** 2)
    return Contributions(value, error)


def contributions_by_firm(
    plan: LossPlan, factors: Floats, tail: Tail, *, seed: int, first: int = 0
) -> Contributions:
    """What each firm brings to the expected shortfall.

    The scenarios of the tail are drawn again: they come out the same, and only they cost.

    Args:
        plan: The book.
        factors: Those of the run, shape (scenarios, factors).
        tail: The worst scenarios of the run, see `tail_scenarios`.
        seed: Seed of the run.
        first: Number of its first scenario.

    Returns:
        Shape (n,), firms in the order of the book.

    Raises:
        InvalidInput: The tail names a scenario that is not there.

    Source:
        As `contributions_by_bucket`.

    Examples:
        >>> from techflow.portfolio.plan import Loans, plan_losses
        >>> zero = np.zeros(2, np.int64)
        >>> loans = Loans(np.ones(2), np.array([1.0, 3.0]), np.full(2, 0.5), zero, zero)
        >>> plan, tail = plan_losses(loans, np.array([[0.4]])), Tail(np.array([1]), np.ones(1))
        >>> contributions_by_firm(plan, np.zeros((2, 1)), tail, seed=1).value_cny.tolist()
        [0.5, 1.5]
    """
    if len(tail.scenario) and not 0 <= tail.scenario.min() <= tail.scenario.max() < len(factors):
        raise InvalidInput(
            f"tail: expected scenarios of a run of {len(factors)}; got {tail.scenario.min()} to "
            f"{tail.scenario.max()}"
        )
    worlds = np.ascontiguousarray(factors[tail.scenario], np.float64)
    parts = np.zeros((PARTS_N, 3, len(plan.firm)))
    _add_tail(plan, (worlds, tail.scenario + first, tail.weight), np.uint64(seed), parts)
    value, cross, square = parts.sum(axis=0)
    # Sum of weight^2 * (loss - value)^2, most losses being 0.
    spread = square - 2 * value * cross + value**2 * (tail.weight @ tail.weight)
    order = np.argsort(plan.firm)
    return Contributions(value[order], np.sqrt(np.maximum(spread, 0.0))[order])


@parallel
def _add_tail(plan, tail, seed, parts):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    worlds, scenario, weight = tail
    parts_n, runs_n = len(parts), len(worlds)
    for part in numba.prange(parts_n):
        scratch = scratch_of(plan)
        for s in range(part * runs_n // parts_n, (part + 1) * runs_n // parts_n):
            key = scenario_key(seed, scenario[s])
            n, w = draw_scenario(plan, worlds[s], key, scratch), weight[s]
            for k in range(n):
                i, loss = scratch[1][k], w * scratch[5][k]
                parts[part, 0, i] += loss
                parts[part, 1, i] += w * loss
                parts[part, 2, i] += loss * loss
