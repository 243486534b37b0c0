"""Withholds further cells until no attacker comes close to a sensitive one. Needs `statistics`."""

from typing import NamedTuple

import numpy as np

from techflow.basics import Floats
from techflow.region.statistics.attack import Attacker, Bound, Mask, find_insiders
from techflow.region.statistics.rules import SAFE, SECONDARY, Integers, Safety

LEAST_PRICE = 1e-9
SLACK = 1e-6
"""Of the largest value: what a solver's tolerance may take from a margin."""


class Release(NamedTuple):
    """What may be shown.

    Attributes:
        shown: Which cells are published, shape (cells,).
        reason: Code of why a cell is withheld, see `rules.REASONS`; 0 if shown or hidden anyway.
    """

    shown: Mask
    reason: Integers


def protect_cells(
    attacker: Attacker, safety: Safety, *, hidden: Mask, single: Integers | None = None
) -> Release:
    """A release in which every sensitive cell keeps its margin on both sides.

    For each sensitive cell the attacker's own programme names the published cells that pin it
    down, by their shadow prices; the smallest of them is withheld, until the bound is far enough.
    Withholding more never narrows a bound, so a cell once safe stays safe.

    Args:
        attacker: What anyone knows of the cells.
        safety: Reasons and margins of all cells, hidden ones too.
        hidden: Cells that are never shown.
        single: The only firm of a cell or -1; what it knows of itself must not give away others.
            None asks for no such protection.

    Returns:
        The release. A heuristic: no smaller one is claimed not to exist.

    Source:
        Attacker: Fischetti and Salazar 2000. Below 0 no lower bound is asked for.

    Examples:
        >>> cells = np.array([[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]])
        >>> attacker = Attacker(cells, np.array([5.0, 20, 70, 95]), np.empty((0, 3)))
        >>> safety = Safety(np.array([1, 0, 0, 0]), np.array([0.5, 0, 0, 0]))
        >>> protect_cells(attacker, safety, hidden=np.zeros(4, bool)).shown.tolist()
        [False, False, True, True]
    """
    reason = np.where(hidden, SAFE, safety.reason)
    shown = ~hidden & (reason == SAFE)
    targets = np.flatnonzero((safety.reason != SAFE) & (safety.margin > 0))
    values = attacker.values * attacker.scale
    slack = SLACK * float(values.max(initial=0.0))
    ends = {True: values + safety.margin, False: np.maximum(values - safety.margin, 0.0)}
    open_sides = {(int(t), upper) for t in targets for upper in (True, False)}
    while open_sides:
        target, upper = min(open_sides)
        bound = attacker.bound([target], shown, upper=upper)
        _cross_off(open_sides, attacker, bound, ends, slack)
        reached = (
            bound.value >= ends[True][target] - slack
            if upper
            else (bound.value <= ends[False][target] + slack)
        )
        if reached or not shown.any():
            open_sides.discard((target, upper))
            continue
        _withhold(_cheapest(np.abs(bound.price) > LEAST_PRICE, shown, values), shown, reason)
    if single is not None:
        _keep_from_insiders(attacker, safety, shown, reason, single)
    return Release(shown, reason)


def _cross_off(
    open_sides: set[tuple[int, bool]],
    attacker: Attacker,
    bound: Bound,
    ends: dict[bool, Floats],
    slack: float,
) -> None:
    """One table that agrees with the release answers for all cells that are far off in it."""
    if not bound.parts.size:
        return
    there = attacker.cells @ bound.parts
    for target, upper in list(open_sides):
        far = (
            there[target] >= ends[True][target] - slack
            if upper
            else there[target] <= ends[False][target] + slack
        )
        if far:
            open_sides.discard((target, upper))


def _cheapest(wanted: Mask, shown: Mask, values: Floats) -> int:
    """The smallest cell that is not 0 of those wanted; of all if there is none."""
    for chosen in (wanted & shown & (values > 0), wanted & shown, shown):
        places = np.flatnonzero(chosen)
        if len(places):
            break
    return int(places[np.argmin(values[places])])


def _withhold(place: int, shown: Mask, reason: Integers) -> None:
    shown[place] = False
    reason[place] = SECONDARY


def _keep_from_insiders(
    attacker: Attacker, safety: Safety, shown: Mask, reason: Integers, single: Integers
) -> None:
    cells, ties = attacker.cells.toarray(), attacker.ties.toarray()
    asked = safety.reason != SAFE
    while pairs := find_insiders(cells, ties, shown, asked, single):
        places = np.flatnonzero(shown)
        for target, insider in dict(pairs).items():
            known = np.vstack([cells[places], ties, cells[[insider]]])
            weight, *_ = np.linalg.lstsq(known.T, cells[target], rcond=None)
            used = np.zeros(len(shown), bool)
            used[places] = np.abs(weight[: len(places)]) > LEAST_PRICE
            if (used & ~shown).any():
                continue  # one withheld in this round may have freed it already
            _withhold(_cheapest(used, shown, attacker.values), shown, reason)
