"""Array kernel of the best total: firms bid for places, prices rise. Needs Numba.

Whole numbers throughout, so that nothing is lost to rounding.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Integers = NDArray[np.int64]

OUT, WAITING = -1, -2
"""Choice of a firm without a product: for good, or until it has bid."""
PRICE_DROP_STEPS = 3
"""Prices start a finer phase so many steps of the last one lower: prices that are too high leave
places empty, and an auction with rising prices only cannot mend that."""
STEP_DIVISOR = 5
"""Each phase raises bids by a fifth of the last phase's step."""
FIRST_STEP_SHARE = 0.05
"""Step of the first phase beside the greatest value."""


class Arcs(NamedTuple):
    """Arcs of each firm, one firm after the other.

    Attributes:
        start: First arc of each firm and the end, shape (firms + 1,).
        product: Product of each arc, from 0, shape (arcs,).
        value: What both sides gain by the arc, shape (arcs,).
    """

    start: Integers
    product: NDArray[np.int32]
    value: Integers


class Holders(NamedTuple):
    """Who holds the places of each product.

    Attributes:
        start: First place of each product and the end, shape (products + 1,).
        held_n: Places taken, shape (products,).
        firm: Firm in each place; the places taken come first.
        bid: What it bid; in the auction a heap with the least bid first.
    """

    start: Integers
    held_n: Integers
    firm: Integers
    bid: Integers


@njit(cache=True)
def sink(holders: Holders, first: int, held_n: int, bid: int, firm: int) -> None:
    """Replace the least bid of a heap of `held_n` that begins at `first`."""
    at = 0
    while 2 * at + 1 < held_n:
        child = 2 * at + 1
        if child + 1 < held_n and holders.bid[first + child + 1] < holders.bid[first + child]:
            child += 1
        if holders.bid[first + child] >= bid:
            break
        holders.bid[first + at] = holders.bid[first + child]
        holders.firm[first + at] = holders.firm[first + child]
        at = child
    holders.bid[first + at] = bid
    holders.firm[first + at] = firm


@njit(cache=True)
def rise(holders: Holders, first: int, held_n: int, bid: int, firm: int) -> None:
    """Add a bid to a heap of `held_n` that begins at `first`."""
    at = held_n
    while at > 0:
        parent = (at - 1) // 2
        if holders.bid[first + parent] <= bid:
            break
        holders.bid[first + at] = holders.bid[first + parent]
        holders.firm[first + at] = holders.firm[first + parent]
        at = parent
    holders.bid[first + at] = bid
    holders.firm[first + at] = firm


@njit(cache=True)
def best_two(arcs: Arcs, price: Integers, i: int) -> tuple[int, int, int]:
    """Best product of a firm at these prices, what it nets, and what the second best nets.

    Staying out nets nothing and is always there.
    """
    best, second, j = 0, 0, OUT
    for a in range(arcs.start[i], arcs.start[i + 1]):
        net = arcs.value[a] - price[arcs.product[a]]
        if net > best:
            best, second, j = net, best, arcs.product[a]
        elif net > second:
            second = net
    return j, best, second


@njit(cache=True)
def _place(holders: Holders, price: Integers, j: int, bid: int, i: int) -> int:
    """Give firm `i` a place at `j`; the firm that lost it, or `OUT`."""
    first, places_n = holders.start[j], holders.start[j + 1] - holders.start[j]
    if holders.held_n[j] < places_n:
        rise(holders, first, holders.held_n[j], bid, i)
        holders.held_n[j] += 1
        if holders.held_n[j] == places_n:
            price[j] = holders.bid[first]
        return OUT
    loser = int(holders.firm[first])
    sink(holders, first, places_n, bid, i)
    price[j] = holders.bid[first]
    return loser


@njit(cache=True)
def run_phase(arcs: Arcs, holders: Holders, price: Integers, choice: Integers, step: int) -> None:
    """Let all firms bid until each holds a place or wants none. Changes all but the arcs."""
    queue = np.arange(choice.size)
    head, waiting_n = 0, choice.size
    holders.held_n[:] = 0
    while waiting_n > 0:
        i = queue[head]
        head, waiting_n = (head + 1) % choice.size, waiting_n - 1
        j, best, second = best_two(arcs, price, i)
        choice[i] = j
        if j == OUT:
            continue
        loser = _place(holders, price, j, price[j] + best - second + step, i)
        if loser != OUT:
            choice[loser] = WAITING
            queue[(head + waiting_n) % choice.size] = loser
            waiting_n += 1


@njit(cache=True)
def run_auction(arcs: Arcs, places_n: Integers) -> tuple[Holders, Integers, Integers]:
    """Assignment within one unit per firm of the best total, unless a price is left too high.

    Args:
        arcs: Values at or below 0 are never taken.
        places_n: Places of each product, at least 1, shape (products,).

    Returns:
        Who holds the places, the price of a place of each product, the product of each firm
        (`OUT` if none).

    Source:
        Bertsekas (1992), Auction algorithms for network flow problems, Computational
        Optimization and Applications 1, with scaling of the step and several places per object.
    """
    products_n = places_n.size
    start = np.zeros(products_n + 1, dtype=np.int64)
    start[1:] = np.cumsum(places_n)
    held_n, firm = np.zeros(products_n, np.int64), np.zeros(start[-1], np.int64)
    holders = Holders(start, held_n, firm, np.zeros(start[-1], np.int64))
    price = np.zeros(products_n, dtype=np.int64)
    choice = np.full(arcs.start.size - 1, OUT, dtype=np.int64)
    most = arcs.value.max() if arcs.value.size else 0
    step = max(1, int(most * FIRST_STEP_SHARE))
    run_phase(arcs, holders, price, choice, step)
    while step > 1:
        price[:] = np.maximum(0, price - PRICE_DROP_STEPS * step)
        step = max(1, step // STEP_DIVISOR)
        run_phase(arcs, holders, price, choice, step)
    return holders, price, choice
