"""Value at risk and expected shortfall from simulated losses, each with its standard error."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from techflow.basics import Floats, InvalidInput

Ints = NDArray[np.int64]
TAIL_MIN = 10
"""Scenarios beyond the level below which an error cannot be told."""


class Estimate(NamedTuple):
    """A number from a simulation.

    Attributes:
        value: The estimate.
        error: Its standard error.
    """

    value: float
    error: float


class TailRisk(NamedTuple):
    """What a book loses at a level, yuan.

    Attributes:
        mean_cny: Mean loss.
        var_cny: Value at risk: least loss that is exceeded with a chance of 1 - level or less.
        es_cny: Expected shortfall: mean loss of the worst 1 - level.
    """

    mean_cny: Estimate
    var_cny: Estimate
    es_cny: Estimate


class Tail(NamedTuple):
    """The worst scenarios, whose weighted mean loss is the expected shortfall.

    Attributes:
        scenario: Their numbers in the run.
        weight: Weights that sum to 1.
    """

    scenario: Ints
    weight: Floats


def measure_losses(loss_cny: Floats, *, level: float, weight: Floats | None = None) -> TailRisk:
    """Mean, value at risk and expected shortfall of independent scenarios.

    Args:
        loss_cny: Loss of each scenario, shape (n,).
        level: Such as 0.999, inside (0, 1).
        weight: Likelihood ratio of each scenario where it was drawn from another distribution,
            mean 1; 1 each if left out.

    Returns:
        Each figure with its error. That of the value at risk is half the distance of the
        losses exceeded with one error more and one error less.

    Raises:
        InvalidInput: The level is out of range, or fewer than 10 scenarios lie beyond it.

    Source:
        Rockafellar and Uryasev (2002), Conditional value-at-risk for general loss distributions,
        Journal of Banking & Finance 26(7); error of a weighted quantile: Glynn (1996), Importance
        sampling for Monte Carlo estimation of quantiles.

    Examples:
        >>> found = measure_losses(np.arange(1.0, 1001.0), level=0.9)
        >>> found.var_cny.value, found.es_cny.value
        (900.0, 950.5)
    """
    weights = np.ones(len(loss_cny)) if weight is None else weight
    order, mass = _worst_first(loss_cny, weights, level)
    worst, n, rest = loss_cny[order], len(loss_cny), 1.0 - level
    at = float(worst[_reached(mass, rest)])
    beyond = weights * (loss_cny > at)
    if np.count_nonzero(loss_cny >= at) < TAIL_MIN:
        raise InvalidInput(
            f"scenarios: {TAIL_MIN} or more must lie beyond the level {level}; got "
            f"{np.count_nonzero(loss_cny >= at)} of {n}; draw more, or from the tail"
        )
    step = beyond.std() / np.sqrt(n)
    low, high = (float(worst[_reached(mass, max(rest + d, 0.0))]) for d in (step, -step))
    excess = weights * np.maximum(loss_cny - at, 0.0)
    weighted = weights * loss_cny
    root = np.sqrt(n)
    return TailRisk(
        Estimate(float(weighted.mean()), float(weighted.std() / root)),
        Estimate(at, (high - low) / 2),
        Estimate(float(at + excess.mean() / rest), float(excess.std() / root / rest)),
    )


def measure_runs(loss_cny: Floats, *, level: float, weight: Floats) -> TailRisk:
    """As `measure_losses`, where only whole runs are independent of each other.

    Args:
        loss_cny: Losses, shape (runs, n), 2 runs or more.
        level: Inside (0, 1).
        weight: Likelihood ratios, the same shape.

    Returns:
        Figures of all runs together; each error is the deviation of the runs over the root of
        their number.

    Raises:
        InvalidInput: Fewer than two runs, or as `measure_losses`.

    Source:
        Randomised quasi-Monte Carlo: Owen (2013), Monte Carlo theory, methods and examples,
        ch. 17: points of one run are no independent draws, runs are.

    Examples:
        >>> losses = np.stack([np.arange(100.0), np.arange(100.0) + 2])
        >>> measure_runs(losses, level=0.9, weight=np.ones((2, 100))).mean_cny
        Estimate(value=50.5, error=1.0)
    """
    runs_n = len(loss_cny)
    if np.ndim(loss_cny) != 2 or runs_n < 2:
        raise InvalidInput(
            f"loss_cny: expected 2 or more runs to tell an error; got shape {np.shape(loss_cny)}"
        )
    whole = measure_losses(loss_cny.ravel(), level=level, weight=weight.ravel())
    pairs = zip(loss_cny, weight, strict=True)
    each = [measure_losses(loss, level=level, weight=mass) for loss, mass in pairs]
    values = np.array([[figure.value for figure in run] for run in each])
    errors = values.std(axis=0, ddof=1) / np.sqrt(runs_n)
    figures = zip(whole, errors, strict=True)
    return TailRisk(*(Estimate(figure.value, float(error)) for figure, error in figures))


def tail_scenarios(loss_cny: Floats, *, level: float, weight: Floats | None = None) -> Tail:
    """The scenarios that make the expected shortfall.

    Args:
        loss_cny: Loss of each scenario, shape (n,).
        level: Inside (0, 1).
        weight: As in `measure_losses`.

    Returns:
        Scenarios and weights; scenarios exactly at the value at risk share what is left to the
        level, so that the weighted mean is the expected shortfall.

    Raises:
        InvalidInput: The level is out of range.

    Source:
        Rockafellar and Uryasev (2002), as in `measure_losses`.

    Examples:
        >>> tail_scenarios(np.array([1.0, 4.0, 3.0, 2.0]), level=0.5)
        Tail(scenario=array([1, 2]), weight=array([0.5, 0.5]))
    """
    weights = np.ones(len(loss_cny)) if weight is None else weight
    order, mass = _worst_first(loss_cny, weights, level)
    rest = 1.0 - level
    at = loss_cny[order[_reached(mass, rest)]]
    scenario = np.flatnonzero(loss_cny >= at)
    share = weights[scenario] / len(loss_cny)
    tied = loss_cny[scenario] == at
    left = rest - share[~tied].sum()
    share[tied] *= left / share[tied].sum()
    kept = share > 0
    return Tail(scenario[kept], share[kept] / share[kept].sum())


def _worst_first(loss: Floats, weight: Floats, level: float) -> tuple[Ints, Floats]:
    """Scenarios from the worst down, and the chance of a loss at or above each."""
    if not 0.0 < level < 1.0:
        raise InvalidInput(f"level must be inside (0, 1), such as 0.999; got {level}")
    if np.shape(loss) != np.shape(weight) or np.ndim(loss) != 1 or len(loss) == 0:
        raise InvalidInput(
            f"loss_cny and weight: expected one shape (n,), n 1 or more; got {np.shape(loss)} "
            f"and {np.shape(weight)}"
        )
    order = np.argsort(-loss, kind="stable")
    return order, np.cumsum(weight[order]) / len(loss)


def _reached(mass: Floats, rest: float) -> int:
    """Place of the worst loss whose chance to be reached is above `rest`."""
    # Rounding of the sum must not move an exact level by one scenario.
    place = int(np.searchsorted(mass, rest * (1 + 1e-12), side="right"))
    return min(place, len(mass) - 1)
