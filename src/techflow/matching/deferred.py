"""Array kernel of deferred acceptance with places kept for groups. Needs Numba."""

import numpy as np
from numba import njit

from techflow.matching.auction import OUT, Arcs, Holders, Integers, rise, sink

NOBODY = -1
WORST = -(2**62)


@njit(cache=True)
def _next_wish(arcs: Arcs, i: int, last: int) -> int:
    """Arc of a firm's best product after the arc `last`; -1 if there is none.

    Products of one gain go in their order.
    """
    found, best = -1, WORST
    limit = arcs.value[last] if last >= 0 else -WORST
    for a in range(arcs.start[i], arcs.start[i + 1]):
        gain = arcs.value[a]
        after = gain < limit or (gain == limit and a > last)
        if after and gain > best:
            found, best = a, gain
    return found


@njit(cache=True)
def _add(holders: Holders, heap: int, rank: int, firm: int) -> None:
    rise(holders, holders.start[heap], holders.held_n[heap], rank, firm)
    holders.held_n[heap] += 1


@njit(cache=True)
def _drop_worst(holders: Holders, heap: int) -> int:
    """Take the firm of the least rank out of a heap."""
    first = holders.start[heap]
    worst = int(holders.firm[first])
    holders.held_n[heap] -= 1
    left_n = holders.held_n[heap]
    sink(holders, first, left_n, holders.bid[first + left_n], holders.firm[first + left_n])
    return worst


@njit(cache=True)
def _loser(holders: Holders, heaps: tuple[int, int], kept_n: Integers) -> int:
    """Heap whose worst firm has to go: of the groups that hold more than is kept for them."""
    found, least = -1, -WORST
    for heap in range(heaps[0], heaps[1]):
        worst = holders.bid[holders.start[heap]]
        if holders.held_n[heap] > kept_n[heap] and worst < least:
            found, least = heap, worst
    return found


@njit(cache=True)
def defer(
    arcs: Arcs, rank: Integers, group: Integers, places_n: Integers, kept_n: Integers
) -> Integers:
    """Firms propose from their best product down; products hold the best and refuse the rest.

    Of the places of a product, `kept_n` go to the best of each group first; the others go to the
    best of those left, of any group; a place kept for a group with nobody left is free to all.

    Args:
        arcs: With what the firm gains.
        rank: Standing of each arc with the product, higher is better, no two alike at one product.
        group: Group of each firm, from 0, shape (firms,).
        places_n: Places of each product, shape (products,).
        kept_n: Places kept by product and group, one product after the other; together at most the
            product's places.

    Returns:
        Product of each firm or `OUT`.

    Source:
        Gale and Shapley (1962), College admissions and the stability of marriage; places kept for
        groups: Hafalir, Yenmez, Yildirim (2013), Effective affirmative action in school choice,
        Theoretical Economics 8.
    """
    groups_n = kept_n.size // places_n.size
    holders = _empty_heaps(arcs, group, places_n, groups_n)
    firms_n = arcs.start.size - 1
    choice, last = np.full(firms_n, OUT), np.full(firms_n, -1)
    taken_n = np.zeros(places_n.size, dtype=np.int64)
    for newcomer in range(firms_n):
        i = newcomer
        while i != NOBODY:
            last[i] = _next_wish(arcs, i, last[i])
            if last[i] < 0:
                break
            j = arcs.product[last[i]]
            _add(holders, j * groups_n + group[i], rank[last[i]], i)
            choice[i] = j
            i = NOBODY
            taken_n[j] += 1
            if taken_n[j] > places_n[j]:
                heap = _loser(holders, (j * groups_n, (j + 1) * groups_n), kept_n)
                i = _drop_worst(holders, heap)
                taken_n[j] -= 1
                choice[i] = OUT
    return choice


@njit(cache=True)
def _empty_heaps(arcs: Arcs, group: Integers, places_n: Integers, groups_n: int) -> Holders:
    """A heap for each product and group, large enough for those who may come."""
    size = np.zeros(places_n.size * groups_n, dtype=np.int64)
    for i in range(group.size):
        for a in range(arcs.start[i], arcs.start[i + 1]):
            size[arcs.product[a] * groups_n + group[i]] += 1
    start = np.zeros(size.size + 1, dtype=np.int64)
    for heap in range(size.size):
        start[heap + 1] = start[heap] + min(size[heap], places_n[heap // groups_n] + 1)
    firm = np.zeros(start[-1] + 1, dtype=np.int64)
    return Holders(start, np.zeros(size.size, dtype=np.int64), firm, np.zeros_like(firm))
