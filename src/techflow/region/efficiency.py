"""Efficiency by data envelopment analysis. Needs the extra `simulate`."""

from typing import NamedTuple

import numpy as np

from techflow.basics import Floats, InvalidInput
from techflow.region.simplex import BY_INPUTS, BY_OUTPUTS, CONSTANT, solve_all

RETURNS, ORIENTATIONS = ("constant", "variable"), ("inputs", "outputs")


class Efficiency(NamedTuple):
    """Scores with their proof.

    Attributes:
        score: Farrell efficiency, 1 on the frontier; above 1 for a unit outside the technology it
            is measured against; NaN if it cannot be reached. Shape (units,). By outputs it is one
            over the factor by which outputs could grow.
        peer_weights: Weight of each unit of the technology in the point the unit is compared
            with, shape (units, technology).
    """

    score: Floats
    peer_weights: Floats


def choose_form(returns: str, orientation: str) -> int:
    """Where the intercept stands.

    Raises:
        InvalidInput: A word is not one of `RETURNS`, `ORIENTATIONS`.
    """
    if returns not in RETURNS or orientation not in ORIENTATIONS:
        raise InvalidInput(
            f"returns must be one of {RETURNS}, orientation one of {ORIENTATIONS}; "
            f"got {returns!r}, {orientation!r}"
        )
    if returns == "constant":
        return CONSTANT
    return BY_INPUTS if orientation == "inputs" else BY_OUTPUTS


def check_units(inputs: Floats, outputs: Floats) -> tuple[Floats, Floats]:
    """Arrays as the kernel wants them.

    Raises:
        InvalidInput: Shapes differ, a number is negative or missing, or a unit has no input or no
            output at all.
    """
    x, y = (np.ascontiguousarray(a, dtype=np.float64) for a in (inputs, outputs))
    if x.ndim != 2 or y.ndim != 2 or x.shape[0] != y.shape[0] or 0 in (*x.shape, *y.shape):
        raise InvalidInput(
            f"inputs and outputs must be (units, items) with the same units and at least one each; "
            f"got {x.shape} and {y.shape}"
        )
    for name, side in (("inputs", x), ("outputs", y)):
        wrong = ~(np.isfinite(side).all(axis=1) & (side >= 0).all(axis=1) & (side > 0).any(axis=1))
        if wrong.any():
            raise InvalidInput(
                f"{name} must be finite, 0 or more, and not all 0; got a row that is not at "
                f"{np.flatnonzero(wrong)[:5].tolist()}; leave such units out"
            )
    return x, y


def measure_efficiency(
    inputs: Floats,
    outputs: Floats,
    *,
    returns: str = "variable",
    orientation: str = "inputs",
    technology: tuple[Floats, Floats] | None = None,
) -> Efficiency:
    """Efficiency of units against the best practice of a set of units.

    Args:
        inputs: What is used, 0 or more, shape (units, inputs).
        outputs: What is made, 0 or more, shape (units, outputs).
        returns: `constant` (CCR) or `variable` (BCC).
        orientation: `inputs`: how far inputs can shrink; `outputs`: how far outputs can grow.
        technology: Inputs and outputs of the units that make the frontier; None for the same.

    Returns:
        Scores and weights of peers.

    Raises:
        InvalidInput: See `check_units`; or the technology has other items.

    Source:
        Charnes, Cooper and Rhodes 1978, EJOR 2(6); Banker, Charnes and Cooper 1984, Management
        Science 30(9).

    Examples:
        >>> store = measure_efficiency(  # Cooper, Seiford and Tone 2007, Table 1.1
        ...     np.array([[2.0], [3], [3], [4], [5], [5], [6], [8]]),
        ...     np.array([[1.0], [3], [2], [3], [4], [2], [3], [5]]), returns="constant")
        >>> store.score.round(3).tolist()
        [0.5, 1.0, 0.667, 0.75, 0.8, 0.4, 0.5, 0.625]
    """
    form = choose_form(returns, orientation)
    xs, ys = check_units(inputs, outputs)
    x, y = (xs, ys) if technology is None else check_units(*technology)
    if x.shape[1] != xs.shape[1] or y.shape[1] != ys.shape[1]:
        raise InvalidInput(
            f"the technology must have the same items; got {x.shape[1]} inputs and {y.shape[1]} "
            f"outputs for {xs.shape[1]} and {ys.shape[1]}"
        )
    scores, weights = np.empty(len(xs)), np.zeros((len(xs), len(x)))
    solve_all((x, y), (xs, ys), form, scores, weights)
    return Efficiency(scores, weights)


def measure_influence(
    inputs: Floats, outputs: Floats, *, returns: str = "variable", orientation: str = "inputs"
) -> Floats:
    """How much the others' mean score rises when a unit is left out of the technology.

    Args:
        inputs: As in `measure_efficiency`.
        outputs: As there.
        returns: As there.
        orientation: As there.

    Returns:
        Shape (units,); 0 for a unit that is nobody's peer, NaN for the only unit.

    Raises:
        InvalidInput: See `measure_efficiency`.

    Source:
        Leave one out: Wilson 1995, Journal of Productivity Analysis 6(1), 27-45.

    Examples:
        >>> x, y = np.array([[1.0], [2.0], [4.0]]), np.array([[2.0], [2.0], [2.0]])
        >>> measure_influence(x, y, returns="constant").tolist()
        [0.375, 0.0, 0.0]
    """
    whole = measure_efficiency(inputs, outputs, returns=returns, orientation=orientation)
    found = np.zeros(len(inputs))
    used = whole.peer_weights > 0
    np.fill_diagonal(used, False)
    for unit in np.flatnonzero(used.any(axis=0)):
        rest = np.arange(len(inputs)) != unit
        alone = measure_efficiency(
            inputs[rest], outputs[rest], returns=returns, orientation=orientation
        )
        found[unit] = float(np.mean(alone.score - whole.score[rest]))
    return found if len(inputs) > 1 else np.full(1, np.nan)
