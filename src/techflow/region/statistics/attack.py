"""What someone who has every published table can say of a withheld cell. Needs `statistics`."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import qr
from scipy.optimize import linprog
from scipy.sparse import csr_array, vstack

from techflow.basics import Floats, InvalidInput, NotConverged

Mask = NDArray[np.bool_]
Integers = NDArray[np.int64]
UNBOUNDED, SOLVED = 3, 0
EXACT = 1e-8


class Bound(NamedTuple):
    """One end of what an attacker knows of a cell.

    Attributes:
        value: The bound; infinite if there is none.
        parts: A table that agrees with all that is published and reaches it; empty if unbounded.
        price: Shadow price of each published cell, 0 for the others.
    """

    value: float
    parts: Floats
    price: Floats


class Attacker:
    """An attacker who knows the sums, that no part is negative, and the cells shown.

    Args:
        cells: Which parts each cell adds up, shape (cells, parts).
        values: True values of the cells, 0 or more.
        ties: Sums of parts known to be 0, shape (ties, parts).

    Source:
        Fischetti and Salazar 2000, JASA 95, 916-928: the attacker's linear programmes.
    """

    def __init__(self, cells: Floats, values: Floats, ties: Floats) -> None:
        if cells.shape[0] != len(values) or ties.shape[1:] != cells.shape[1:]:
            raise InvalidInput(
                f"cells, values and ties must fit; got {cells.shape}, {len(values)}, {ties.shape}"
            )
        self.cells, self.ties = csr_array(cells), csr_array(ties)
        # Amounts of about 1 keep the solver's tolerance below a yuan in ten million.
        self.scale = max(float(values.max(initial=0.0)), 1.0) / 1e4
        self.values = values / self.scale

    def bound(self, targets: Sequence[int], shown: Mask, *, upper: bool) -> Bound:
        """The greatest or least sum of cells that agrees with the cells shown.

        Args:
            targets: Places of the cells.
            shown: Which cells are published.
            upper: The greatest if true.

        Raises:
            NotConverged: The solver gave up.
        """
        rows = np.flatnonzero(shown)
        sign = -1.0 if upper else 1.0
        wanted = self.cells[list(targets)].sum(axis=0)
        known = vstack([self.cells[rows], self.ties]).tocsr()
        right = np.concatenate([self.values[rows], np.zeros(self.ties.shape[0])])
        found = linprog(sign * wanted, A_eq=known, b_eq=right, bounds=(0, None), method="highs")
        price = np.zeros(len(self.values))
        if found.status == UNBOUNDED:
            return Bound(np.inf if upper else -np.inf, np.empty(0), price)
        if found.status != SOLVED:
            raise NotConverged(f"the bound of {list(targets)[:3]} was not found: {found.message}")
        price[rows] = found.eqlin.marginals[: len(rows)]
        return Bound(sign * found.fun * self.scale, found.x * self.scale, price)

    def interval(self, target: int, shown: Mask) -> tuple[float, float]:
        """Least and greatest value of a cell, given the cells shown."""
        low, high = (self.bound([target], shown, upper=side).value for side in (False, True))
        return low, high


def find_insiders(
    cells: Floats, ties: Floats, shown: Mask, asked: Mask, single: Integers
) -> list[tuple[int, int]]:
    """Withheld cells that the only firm of another withheld cell could reckon exactly.

    Args:
        cells: As in `Attacker`.
        ties: As there.
        shown: Which cells are published.
        asked: Cells that must be protected.
        single: The only firm of a cell, which knows its own amount; -1 where there are others.

    Returns:
        Pairs (target, insider). Both have the same direction once the published cells are
        projected out.

    Source:
        The singleton problem: Handbook on Statistical Disclosure Control, chapter 4.

    Examples:
        >>> cells = np.array([[1.0, 0], [0, 1], [1, 1]])
        >>> here = np.array([True, True, False])
        >>> find_insiders(cells, np.empty((0, 2)), ~here, here, np.array([4, 6, -1]))
        [(0, 1), (1, 0)]
    """
    known = np.vstack([cells[shown], ties])
    known = known[known.any(axis=1)]
    targets, insiders = np.flatnonzero(asked & ~shown), np.flatnonzero((single >= 0) & ~shown)
    basis = np.empty((0, cells.shape[1]))
    if len(known):
        turned, size, _ = qr(known.T, mode="economic", pivoting=True)
        weight = np.abs(np.diag(size))
        basis = turned[:, : len(weight)][:, weight > EXACT * weight[0]].T
    rest = cells - (cells @ basis.T) @ basis
    length = np.linalg.norm(rest, axis=1)
    unit = rest / np.where(length > EXACT, length, 1.0)[:, None]
    alike = np.abs(unit[targets] @ unit[insiders].T) > 1.0 - EXACT
    pairs = ((int(targets[t]), int(insiders[s])) for t, s in zip(*np.nonzero(alike), strict=True))
    return [(t, s) for t, s in pairs if single[t] != single[s]]
