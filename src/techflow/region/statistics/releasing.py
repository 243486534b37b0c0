"""A release of several periods: each cell judged by itself, by its changes and by attack.

Needs the extra `statistics`.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from techflow.basics import Floats
from techflow.region.statistics.attack import Attacker, Mask
from techflow.region.statistics.layout import Layout
from techflow.region.statistics.rules import (
    SAFE,
    Cells,
    Integers,
    Rules,
    Safety,
    gather_cells,
    judge_cells,
    judge_changes,
)
from techflow.region.statistics.suppress import Release, protect_cells


class Book(NamedTuple):
    """Amounts of one measure in one period; the same firms have the same number in all periods.

    Attributes:
        part: Part of the layout, shape (rows,).
        firm: Number of the firm, from 0.
        amount: Amount of the firm in the part, 0 or more.
    """

    part: Integers
    firm: Integers
    amount: Floats


class Released(NamedTuple):
    """One period of one measure.

    Attributes:
        cells: What each cell is made of.
        safety: Why a cell is sensitive by itself or by a change.
        release: What may be shown.
    """

    cells: Cells
    safety: Safety
    release: Release


def release_periods(
    layout: Layout, books: Sequence[Book], rules: Rules, *, firms_n: int, stock: bool
) -> list[Released]:
    """Release the periods of one measure in order, each with those before it in mind.

    Args:
        layout: Cells of every period.
        books: Amounts, the earliest period first.
        rules: When a cell is sensitive.
        firms_n: Firms in all.
        stock: True for a measure that stands at the end of a period (balance), so that the
            difference of two periods is the change of the same firms; false for a flow.

    Returns:
        One release per period.

    Raises:
        InvalidInput: An amount is negative.
        NotConverged: A programme of the attacker could not be solved.
    """
    cells = csr_array(layout.cells)
    by_firm = [cells @ _spread(book, layout.cells.shape[1], firms_n) for book in books]
    done: list[Released] = []
    attackers: list[Attacker] = []
    held = np.unique(np.concatenate([book.part for book in books]))
    for now in by_firm:
        made = _gather(now)
        safety = judge_cells(made, rules)
        for before, earlier in enumerate(done if stock else ()):
            moved = judge_changes(_gather(abs(now - by_firm[before])), rules)
            wider = moved.margin > safety.margin
            moved = _lessen(moved, attackers[before], earlier.release, wider)
            safety = _merge(safety, moved)
        # Lists of qualified firms are public: an attacker knows which parts are always empty.
        attacker = Attacker(layout.cells[:, held], made.total, layout.ties[:, held])
        release = protect_cells(
            attacker, safety, hidden=layout.hidden, single=_lone_firms(now, made)
        )
        attackers.append(attacker)
        done.append(Released(made, safety, release))
    return done


def _spread(book: Book, parts_n: int, firms_n: int) -> csr_array:
    return csr_array((book.amount, (book.part, book.firm)), shape=(parts_n, firms_n))


def _gather(by_firm: csr_array) -> Cells:
    flat = by_firm.tocoo()
    return gather_cells(flat.coords[0].astype(np.int64), flat.data, by_firm.shape[0])


def _lessen(moved: Safety, attacker: Attacker, release: Release, wider: Mask) -> Safety:
    """What is left to hide of a change, as far as the earlier period does not hide it already.

    An attacker with both periods knows the change no better than the earlier value and the later
    one together: nothing but these two intervals bounds it. So the later interval must bring what
    the earlier one lacks, be the earlier cell shown (its interval is a point) or withheld. Only
    cells whose change asks for more than they keep anyway (`wider`) are tried.
    """
    margin = np.where(wider, moved.margin, 0.0)
    for place in np.flatnonzero(wider & ~release.shown):
        value = attacker.values[place] * attacker.scale
        low, high = attacker.interval(int(place), release.shown)
        margin[place] -= min(value - low, high - value)
    left = margin > 0.0
    return Safety(np.where(left, moved.reason, SAFE), np.where(left, margin, 0.0))


def _merge(safety: Safety, moved: Safety) -> Safety:
    reason = np.where(safety.reason == SAFE, moved.reason, safety.reason)
    return Safety(reason, np.maximum(safety.margin, moved.margin))


def _lone_firms(by_firm: csr_array, made: Cells) -> Integers:
    flat = by_firm.tocoo()
    alone = (made.firms_n == 1)[flat.coords[0]] & (flat.data > 0)
    single = np.full(by_firm.shape[0], -1, np.int64)
    single[flat.coords[0][alone]] = flat.coords[1][alone]
    return single
