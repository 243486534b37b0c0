"""Array kernel that fills what an auction of yuan leaves free: moves and swaps. Needs Numba."""

from typing import NamedTuple

import numpy as np
from numba import njit

from techflow.basics import Floats
from techflow.matching.auction import Arcs, Integers
from techflow.matching.yuan_prices import Funds, best_arcs

PASSES_MAX = 10


class Books(NamedTuple):
    """What each firm holds and what each product has left.

    Attributes:
        held: Arc of each firm, -1 if none.
        free: Fen left of each product.
        start: First place of each product in `member`.
        member_n: Firms with each product.
        member: Firms, one product after the other.
        most: Greatest value of each firm's arcs.
    """

    held: Integers
    free: Integers
    start: Integers
    member_n: Integers
    member: Integers
    most: Integers


@njit(cache=True)
def _open(arcs: Arcs, funds: Funds, held: Integers) -> Books:
    products_n = funds.capacity.size
    start = np.zeros(products_n + 1, dtype=np.int64)
    for a in range(arcs.product.size):
        start[arcs.product[a] + 1] += 1
    start = np.cumsum(start)
    member_n, member = np.zeros(products_n, dtype=np.int64), np.zeros(start[-1], dtype=np.int64)
    most = np.zeros(held.size, dtype=np.int64)
    books = Books(np.full(held.size, -1), funds.capacity.copy(), start, member_n, member, most)
    for i in range(held.size):
        for a in range(arcs.start[i], arcs.start[i + 1]):
            most[i] = max(most[i], arcs.value[a])
        if held[i] >= 0:
            _give(arcs, funds, books, i, held[i])
    return books


@njit(cache=True)
def _give(arcs: Arcs, funds: Funds, books: Books, i: int, arc: int) -> None:
    """Let firm `i` hold `arc` instead of what it holds; -1 is nothing."""
    old = books.held[i]
    if old >= 0:
        j = arcs.product[old]
        last = books.start[j] + books.member_n[j] - 1
        for place in range(books.start[j], last):
            if books.member[place] == i:
                books.member[place] = books.member[last]
                break
        books.member_n[j] -= 1
        books.free[j] += funds.amount[old]
    books.held[i] = arc
    if arc >= 0:
        j = arcs.product[arc]
        books.member[books.start[j] + books.member_n[j]] = i
        books.member_n[j] += 1
        books.free[j] -= funds.amount[arc]


@njit(cache=True)
def _value(arcs: Arcs, arc: int) -> int:
    return int(arcs.value[arc]) if arc >= 0 else 0


@njit(cache=True)
def _elsewhere(arcs: Arcs, funds: Funds, books: Books, i: int, j: int) -> int:
    """Best arc of firm `i` beside product `j` for which there is room; -1 if none gains."""
    found, best = -1, 0
    for a in range(arcs.start[i], arcs.start[i + 1]):
        k = arcs.product[a]
        if k != j and arcs.value[a] > best and funds.amount[a] <= books.free[k]:
            found, best = a, arcs.value[a]
    return found


@njit(cache=True)
def _swap_for(arcs: Arcs, funds: Funds, books: Books, a: int, gain: int) -> tuple[int, int, int]:
    """Whom to send away so that arc `a` fits: firm (-1 if none), its new arc, what is gained."""
    j = arcs.product[a]
    lacking = funds.amount[a] - books.free[j]
    firm, other, best = -1, -1, 0
    for place in range(books.start[j], books.start[j] + books.member_n[j]):
        k = books.member[place]
        own = books.held[k]
        if funds.amount[own] < lacking or gain - arcs.value[own] + books.most[k] <= best:
            continue
        arc = _elsewhere(arcs, funds, books, k, j)
        found = gain - arcs.value[own] + _value(arcs, arc)
        if found > best:
            firm, other, best = k, arc, found
    return firm, other, best


@njit(cache=True)
def _improve(arcs: Arcs, funds: Funds, books: Books, i: int, least: Floats) -> bool:
    """Make the best single move or swap that lets firm `i` hold something better."""
    own = _value(arcs, books.held[i])
    best, arc, firm, other = 0, -1, -1, -1
    for a in range(arcs.start[i], arcs.start[i + 1]):
        j = arcs.product[a]
        gain = arcs.value[a] - own
        if gain <= best or funds.amount[a] > funds.capacity[j]:
            continue
        if a != books.held[i] and funds.amount[a] <= books.free[j]:
            best, arc, firm, other = gain, a, -1, -1
        elif arcs.value[a] >= least[a]:
            k, new, found = _swap_for(arcs, funds, books, a, gain)
            if k >= 0 and k != i and found > best:
                best, arc, firm, other = found, a, k, new
    if arc < 0:
        return False
    if firm >= 0:
        _give(arcs, funds, books, firm, other)
    _give(arcs, funds, books, i, arc)
    return True


@njit(cache=True)
def _least_values(arcs: Arcs, funds: Funds, books: Books, price: Floats) -> Floats:
    """Value from which a swap for an arc is tried.

    What the arc nets must come within what a product's free yuan are worth on average, at these
    prices, of what its firm has: about so much a swap can still win.
    """
    spare = np.mean(price * books.free)
    least = np.empty(arcs.product.size)
    for i in range(books.held.size):
        own = books.held[i]
        net = 0.0
        if own >= 0:
            net = arcs.value[own] - price[arcs.product[own]] * funds.amount[own]
        for a in range(arcs.start[i], arcs.start[i + 1]):
            least[a] = price[arcs.product[a]] * funds.amount[a] + net - spare
    return least


@njit(cache=True)
def fill_up(arcs: Arcs, funds: Funds, held: Integers, price: Floats) -> Integers:
    """Move and swap firms while the total grows; the arc of each firm, -1 if none.

    Firms that lack most to their best arc at these prices come first.

    Args:
        arcs: Arcs of the firms.
        funds: Amounts and capacities.
        held: A start within the capacities.
        price: Price per fen of each product.
    """
    books = _open(arcs, funds, held)
    lack = np.empty(held.size)
    for turn in range(PASSES_MAX):
        # Moves first: they are cheap and leave fewer yuan to swap for.
        least = _least_values(arcs, funds, books, price)
        if turn == 0:
            least[:] = np.inf
        for i in range(held.size):
            own = books.held[i]
            net = 0.0
            if own >= 0:
                net = arcs.value[own] - price[arcs.product[own]] * funds.amount[own]
            lack[i] = net - best_arcs(arcs, funds, price, i)[1]
        better = False
        for i in np.argsort(lack, kind="mergesort"):
            better = _improve(arcs, funds, books, i, least) or better
        if turn > 0 and not better:
            break
    return books.held
