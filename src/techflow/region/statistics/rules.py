"""Which cells of a table say too much about one firm, and how wide an attacker must be kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from techflow.basics import Floats, InvalidInput

Integers = NDArray[np.int64]
SAFE, FEW, DOMINATED, CLOSE, CHANGED, SECONDARY = range(6)
REASONS = ("", "few", "dominance", "close", "change", "secondary")
"""Why a cell is withheld, by its code."""
TOP_N = 3


@dataclass(frozen=True, slots=True)
class Rules:
    """When a cell is sensitive. Keep the concentration rules of a real release to yourself.

    Attributes:
        firms_n_min: Fewest firms of a cell, 1 or more.
        dominance: Pairs (n, share): the n largest firms (n up to 3) may hold that share at most.
        close_share: The rest beside the two largest must be that share of the largest at least.
        changed_n_min: Fewest firms behind a change between two periods that are both shown.
        interval_share: An attacker's bounds must stay that share of the value away from it.
    """

    firms_n_min: int
    dominance: tuple[tuple[int, float], ...]
    close_share: float
    changed_n_min: int
    interval_share: float

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Rules":
        """The rules of a content table.

        Raises:
            InvalidInput: A number is out of range.
        """
        pairs = tuple((int(n), float(share)) for n, share in data["dominance"])
        rules = cls(
            int(data["firms_n_min"]),
            pairs,
            float(data["close_share"]),
            int(data["changed_n_min"]),
            float(data["interval_share"]),
        )
        least = min(rules.firms_n_min, rules.changed_n_min)
        shares = [share for _, share in pairs]
        if least < 1 or any(not 0 < share <= 1 for share in shares):
            raise InvalidInput(
                f"firms_n_min and changed_n_min must be 1 or more and shares of dominance in "
                f"(0, 1]; got {least}, {shares}"
            )
        if any(n not in range(1, TOP_N + 1) for n, _ in pairs):
            raise InvalidInput(f"n of dominance must be 1 to {TOP_N}; got {[n for n, _ in pairs]}")
        if not (0 <= rules.close_share < 1 and 0 < rules.interval_share < 1):
            raise InvalidInput(
                "close_share must be in [0, 1) and interval_share in (0, 1); "
                f"got {rules.close_share}, {rules.interval_share}"
            )
        return rules


class Cells(NamedTuple):
    """What each cell is made of; shape (cells,), `top` (cells, 3).

    Attributes:
        firms_n: Firms with an amount above 0.
        total: Sum.
        top: The largest amounts in order; 0 where there are fewer.
    """

    firms_n: Integers
    total: Floats
    top: Floats


class Safety(NamedTuple):
    """Verdict on each cell, shape (cells,).

    Attributes:
        reason: Code of `REASONS`; 0 is safe.
        margin: Least distance of an attacker's bounds from the value, 0 if safe.
    """

    reason: Integers
    margin: Floats


def gather_cells(cell: Integers, amount: Floats, cells_n: int) -> Cells:
    """Cells from the amounts of their firms.

    Args:
        cell: Cell of each amount, 0 up to `cells_n` - 1, shape (rows,).
        amount: Amount of one firm in one cell, 0 or more, shape (rows,); a firm once a cell.
        cells_n: Cells.

    Returns:
        Counts, sums and largest amounts.

    Raises:
        InvalidInput: An amount is negative or not finite.

    Examples:
        >>> found = gather_cells(np.array([0, 0, 1]), np.array([3.0, 5.0, 0.0]), 2)
        >>> found.firms_n.tolist(), found.total.tolist(), found.top[0].tolist()
        ([2, 0], [8.0, 0.0], [5.0, 3.0, 0.0])
    """
    if not (np.isfinite(amount).all() and (amount >= 0).all()):
        raise InvalidInput("amounts of a cell must be finite and 0 or more; net them by firm first")
    here = amount > 0
    cell, amount = cell[here], amount[here]
    order = np.lexsort((-amount, cell))
    cell, amount = cell[order], amount[order]
    place = np.arange(len(cell)) - np.searchsorted(cell, cell)
    top = np.zeros((cells_n, TOP_N))
    first = place < TOP_N
    top[cell[first], place[first]] = amount[first]
    total: Floats = np.zeros(cells_n)
    np.add.at(total, cell, amount)
    return Cells(np.bincount(cell, minlength=cells_n), total, top)


def judge_cells(cells: Cells, rules: Rules) -> Safety:
    """Which cells may not be shown by themselves.

    Args:
        cells: Result of `gather_cells`.
        rules: The rules.

    Returns:
        Reason and margin. An empty cell is safe. The first rule broken names the reason; the
        widest margin of all rules broken counts.

    Source:
        Hundepool et al., Handbook on Statistical Disclosure Control (2nd edition, 2024), chapter
        4, tables of sensitivity rules and of upper protection levels. For the frequency rule the
        handbook asks for no margin; here it is `interval_share` of the value.

    Examples:
        >>> rules = Rules(3, ((1, 0.85),), 0.0, 1, 0.1)  # example 4 of the chapter
        >>> found = judge_cells(gather_cells(np.zeros(3, np.int64), np.array([300., 20, 10]), 1),
        ...                     rules)
        >>> REASONS[found.reason[0]], float(330 + found.margin[0])
        ('dominance', 363.0)
    """
    some = cells.firms_n > 0
    few = some & (cells.firms_n < rules.firms_n_min)
    margin = np.zeros(len(cells.total))
    dominated = np.zeros(len(cells.total), bool)
    for n, share in rules.dominance:
        beyond = cells.top[:, :n].sum(axis=1) / share - cells.total
        dominated |= some & (beyond > 0)
        margin = np.maximum(margin, beyond)
    short = rules.close_share * cells.top[:, 0] - (cells.total - cells.top[:, :2].sum(axis=1))
    close = some & (short > 0)
    margin = np.maximum(margin, short)
    reason = np.select([few, dominated, close], [FEW, DOMINATED, CLOSE], SAFE)
    wide = np.maximum(margin, rules.interval_share * cells.total)
    return Safety(reason.astype(np.int64), np.where(reason != SAFE, wide, 0.0))


def judge_changes(cells: Cells, rules: Rules) -> Safety:
    """Which cells give away a firm by their difference from a period shown before.

    Args:
        cells: Result of `gather_cells` on the absolute changes of the firms.
        rules: The rules.

    Returns:
        Reason and margin; a cell without any change is safe.

    Source:
        Differencing over periods: the frequency rule on the firms behind the difference. Proposal.

    Examples:
        >>> rules = Rules(5, (), 0.0, 3, 0.1)
        >>> moved = gather_cells(np.array([0, 0, 1, 1, 1]), np.full(5, 10.0), 3)
        >>> [REASONS[code] for code in judge_changes(moved, rules).reason]
        ['change', '', '']
    """
    told = (cells.firms_n > 0) & (cells.firms_n < rules.changed_n_min)
    reason = np.where(told, CHANGED, SAFE).astype(np.int64)
    return Safety(reason, np.where(told, rules.interval_share * cells.total, 0.0))
