"""Array kernel of prices per yuan: firms bid for amounts, prices rise. Needs Numba."""

from typing import NamedTuple

import numpy as np
from numba import njit

from techflow.basics import Floats
from techflow.matching.auction import PRICE_DROP_STEPS, STEP_DIVISOR, WAITING, Arcs, Integers

FIRST_STEP_SHARE, LAST_STEP_SHARE = 0.05, 1e-7
"""Steps of the first and the last phase beside the greatest value per yuan."""


class Funds(NamedTuple):
    """What each arc takes and each product has, in whole fen.

    Attributes:
        amount: Amount of each arc, above 0, shape (arcs,).
        capacity: What each product can lend, shape (products,).
    """

    amount: Integers
    capacity: Integers


class Bids(NamedTuple):
    """Heaps of bids per fen, the least first; one list per product, grown as needed.

    Attributes:
        start: First place of each product and the end, shape (products + 1,).
        held_n: Places taken, shape (products,).
        arc: Arc in each place.
        bid: What its firm bids per fen.
        used: Fen taken, shape (products,).
    """

    start: Integers
    held_n: Integers
    arc: Integers
    bid: Floats
    used: Integers


@njit(cache=True)
def _swap(bids: Bids, a: int, b: int) -> None:
    bids.bid[a], bids.bid[b] = bids.bid[b], bids.bid[a]
    bids.arc[a], bids.arc[b] = bids.arc[b], bids.arc[a]


@njit(cache=True)
def _push(bids: Bids, j: int, arc: int, bid: float) -> None:
    first, at = bids.start[j], bids.held_n[j]
    bids.arc[first + at], bids.bid[first + at] = arc, bid
    bids.held_n[j] += 1
    while at > 0 and bids.bid[first + at] < bids.bid[first + (at - 1) // 2]:
        _swap(bids, first + at, first + (at - 1) // 2)
        at = (at - 1) // 2


@njit(cache=True)
def _pop(bids: Bids, j: int) -> tuple[int, float]:
    """Take out the least bid: its arc, and what was bid."""
    first, last = bids.start[j], bids.held_n[j] - 1
    found = bids.arc[first], bids.bid[first]
    _swap(bids, first, first + last)
    bids.held_n[j] = last
    at = 0
    while 2 * at + 1 < last:
        child = 2 * at + 1
        if child + 1 < last and bids.bid[first + child + 1] < bids.bid[first + child]:
            child += 1
        if bids.bid[first + child] >= bids.bid[first + at]:
            break
        _swap(bids, first + at, first + child)
        at = child
    return found


@njit(cache=True)
def best_arcs(arcs: Arcs, funds: Funds, price: Floats, i: int) -> tuple[int, float, float]:
    """Best arc of a firm at these prices, what it nets, and what the second best nets."""
    best, second, found = 0.0, 0.0, -1
    for a in range(arcs.start[i], arcs.start[i + 1]):
        net = arcs.value[a] - price[arcs.product[a]] * funds.amount[a]
        if net > best:
            best, second, found = net, best, a
        elif net > second:
            second = net
    return found, best, second


@njit(cache=True)
def _run_phase(arcs: Arcs, funds: Funds, bids: Bids, price: Floats, step: float) -> Integers:
    """Let all firms bid; the arc each holds, or -1. Changes bids and prices."""
    firms_n = arcs.start.size - 1
    owner = np.repeat(np.arange(firms_n), np.diff(arcs.start))
    held = np.full(firms_n, WAITING)
    queue, head, waiting_n = np.arange(firms_n), 0, firms_n
    bids.held_n[:] = 0
    bids.used[:] = 0
    while waiting_n > 0:
        i = queue[head]
        head, waiting_n = (head + 1) % firms_n, waiting_n - 1
        a, best, second = best_arcs(arcs, funds, price, i)
        held[i] = a
        if a < 0:
            continue
        j = arcs.product[a]
        _push(bids, j, a, price[j] + (best - second) / funds.amount[a] + step)
        bids.used[j] += funds.amount[a]
        while bids.used[j] > funds.capacity[j]:
            lost, bid = _pop(bids, j)
            bids.used[j] -= funds.amount[lost]
            price[j] = max(price[j], bid)
            loser = owner[lost]
            held[loser] = WAITING
            queue[(head + waiting_n) % firms_n] = loser
            waiting_n += 1
    return held


@njit(cache=True)
def run_yuan_auction(arcs: Arcs, funds: Funds) -> tuple[Integers, Floats]:
    """Arc of each firm (-1 if none) within the capacities, and a price per fen of each product.

    Args:
        arcs: Each with an amount within its product's capacity.
        funds: Amounts and capacities.

    Source:
        The auction of Bertsekas (1992) with bids per unit of what is scarce; the prices are those
        of the linear programme of generalised assignment as far as the last step allows.
    """
    products_n = funds.capacity.size
    start = np.zeros(products_n + 1, dtype=np.int64)
    for a in range(arcs.product.size):
        start[arcs.product[a] + 1] += 1
    start = np.cumsum(start)
    held_n, used = np.zeros(products_n, dtype=np.int64), np.zeros(products_n, dtype=np.int64)
    bids = Bids(start, held_n, np.zeros(start[-1], np.int64), np.zeros(start[-1]), used)
    price = np.zeros(products_n)
    most = 0.0
    for a in range(arcs.product.size):
        most = max(most, arcs.value[a] / funds.amount[a])
    step, last = most * FIRST_STEP_SHARE, most * LAST_STEP_SHARE
    held = _run_phase(arcs, funds, bids, price, step)
    while step > last:
        price[:] = np.maximum(0.0, price - PRICE_DROP_STEPS * step)
        step /= STEP_DIVISOR
        held = _run_phase(arcs, funds, bids, price, step)
    return held, price


@njit(cache=True)
def yuan_bound(arcs: Arcs, funds: Funds, price: Floats) -> float:
    """No assignment within the capacities has a greater total, whatever the prices from 0 up."""
    total = 0.0
    for j in range(price.size):
        total += price[j] * funds.capacity[j]
    for i in range(arcs.start.size - 1):
        total += best_arcs(arcs, funds, price, i)[1]
    return total
