"""Array kernel that finishes an assignment: exchanges among products until none gains. Needs Numba.

Nodes are the products and, last, staying out. The arc from j to k is the greatest gain of moving
one firm from j to k. An assignment is best if and only if no cycle gains; the longest ways from
staying out are then the least prices that prove it.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from techflow.matching.auction import OUT, Arcs, Holders, Integers

EMPTY = -1
"""Instead of a firm: an empty place moves."""
NONE = -(2**60)
"""Gain of a move that nobody can make."""


class Moves(NamedTuple):
    """The best single moves between nodes.

    Attributes:
        gain: Greatest gain of a move, shape (products + 1, products + 1).
        firm: Who would make it, or `EMPTY`.
    """

    gain: Integers
    firm: Integers


@njit(cache=True)
def _offer(moves: Moves, j: int, k: int, gain: int, firm: int) -> None:
    if gain > moves.gain[j, k]:
        moves.gain[j, k] = gain
        moves.firm[j, k] = firm


@njit(cache=True)
def own_value(arcs: Arcs, i: int, j: int) -> int:
    """Value of firm `i` at node `j`; 0 out."""
    for a in range(arcs.start[i], arcs.start[i + 1]):
        if arcs.product[a] == j:
            return int(arcs.value[a])
    return 0


@njit(cache=True)
def offer_moves(arcs: Arcs, moves: Moves, i: int, j: int) -> None:
    """Enter all moves of firm `i`, which is at node `j`."""
    out = moves.gain.shape[0] - 1
    own = own_value(arcs, i, j)
    for a in range(arcs.start[i], arcs.start[i + 1]):
        k = arcs.product[a]
        if k != j:
            _offer(moves, j, k, arcs.value[a] - own, i)
    if j != out:
        _offer(moves, j, out, -own, i)


@njit(cache=True)
def _renew(arcs: Arcs, holders: Holders, choice: Integers, moves: Moves, j: int) -> None:
    """Find the best moves from node `j` again."""
    out = moves.gain.shape[0] - 1
    moves.gain[j], moves.firm[j] = NONE, EMPTY
    if j == out:
        for i in range(choice.size):
            if choice[i] == OUT:
                offer_moves(arcs, moves, i, out)
        for k in range(out):
            _offer(moves, out, k, 0, EMPTY)
        return
    first = holders.start[j]
    for place in range(first, first + holders.held_n[j]):
        offer_moves(arcs, moves, holders.firm[place], j)
    if first + holders.held_n[j] < holders.start[j + 1]:
        _offer(moves, j, out, 0, EMPTY)


@njit(cache=True)
def all_moves(arcs: Arcs, holders: Holders, choice: Integers) -> Moves:
    """The best moves between all nodes."""
    nodes_n = holders.held_n.size + 1
    gain = np.full((nodes_n, nodes_n), NONE, dtype=np.int64)
    moves = Moves(gain, np.full((nodes_n, nodes_n), EMPTY, dtype=np.int64))
    for j in range(nodes_n):
        _renew(arcs, holders, choice, moves, j)
    return moves


@njit(cache=True)
def _sweep(moves: Moves, label: Integers, came: Integers, ends_n: int) -> bool:
    """Lengthen the ways to the first `ends_n` nodes by one arc each; True if any way grew."""
    grew = False
    for j in range(label.size):
        if label[j] == NONE:
            continue
        for k in range(ends_n):
            if moves.gain[j, k] != NONE and label[j] + moves.gain[j, k] > label[k]:
                label[k] = label[j] + moves.gain[j, k]
                came[k] = j
                grew = True
    return grew


@njit(cache=True)
def _on_cycle(came: Integers) -> int:
    """A node on a cycle of the ways back, or -1."""
    seen = np.full(came.size, -1, dtype=np.int64)
    for origin in range(came.size):
        j = origin
        while j >= 0 and seen[j] == -1:
            seen[j] = origin
            j = came[j]
        if j >= 0 and seen[j] == origin:
            return int(j)
    return -1


@njit(cache=True)
def _leave(holders: Holders, j: int, firm: int) -> None:
    """Take a firm from its place; the last one moves up."""
    last = holders.start[j] + holders.held_n[j] - 1
    for place in range(holders.start[j], last + 1):
        if holders.firm[place] == firm:
            holders.firm[place] = holders.firm[last]
            break
    holders.held_n[j] -= 1


@njit(cache=True)
def _enter(holders: Holders, j: int, firm: int) -> None:
    holders.firm[holders.start[j] + holders.held_n[j]] = firm
    holders.held_n[j] += 1


@njit(cache=True)
def _exchange(
    holders: Holders, choice: Integers, moves: Moves, came: Integers, node: int
) -> Integers:
    """Make the moves of the cycle through `node`; the nodes on it."""
    out = came.size - 1
    cycle = [node]
    k = came[node]
    while k != node:
        cycle.append(k)
        k = came[k]
    movers = [moves.firm[came[k], k] for k in cycle]
    for k, firm in zip(cycle, movers):  # noqa: B905 - Numba knows no strict
        if firm != EMPTY and came[k] != out:
            _leave(holders, came[k], firm)
    for k, firm in zip(cycle, movers):  # noqa: B905
        if firm != EMPTY:
            choice[firm] = OUT if k == out else k
            if k != out:
                _enter(holders, k, firm)
    return np.array(cycle)


@njit(cache=True)
def exchange_all(
    arcs: Arcs, holders: Holders, choice: Integers, moves: Moves, price: Integers
) -> int:
    """Exchange until no cycle gains.

    Args:
        arcs: Arcs of the firms.
        holders: Changed.
        choice: Product of each firm or `OUT`; changed.
        moves: Result of `all_moves`; changed.
        price: A guess, the closer the faster.

    Returns:
        Exchanges made.

    Source:
        Ahuja, Magnanti, Orlin (1993), Network Flows, 9.6 (cycle cancelling).
    """
    label = np.append(price, 0)
    came = np.full(label.size, -1, dtype=np.int64)
    exchanges_n = 0
    while _sweep(moves, label, came, label.size):
        node = _on_cycle(came)
        if node >= 0:
            for j in _exchange(holders, choice, moves, came, node):
                _renew(arcs, holders, choice, moves, j)
            came[:] = -1
            exchanges_n += 1
    return exchanges_n


@njit(cache=True)
def exchange_once(
    arcs: Arcs, holders: Holders, choice: Integers, moves: Moves, price: Integers
) -> bool:
    """Make the best exchange through staying out, if it gains.

    If only moves from staying out are new since a best matching, it leads to a best one again.

    Args:
        arcs: Arcs of the firms.
        holders: Changed.
        choice: Product of each firm or `OUT`; changed.
        moves: As in `exchange_all`; changed.
        price: The prices that proved the last matching.

    Source:
        Ahuja, Magnanti, Orlin (1993), Network Flows, 9.7 (successive shortest paths).
    """
    label = np.append(price, 0)
    came = np.full(label.size, -1, dtype=np.int64)
    out = price.size
    while _sweep(moves, label, came, out):
        pass
    last, most = -1, 0
    for j in range(out):
        if came[j] >= 0 and moves.gain[j, out] != NONE and label[j] + moves.gain[j, out] > most:
            last, most = j, label[j] + moves.gain[j, out]
    if last < 0:
        return False
    came[out] = last
    for j in _exchange(holders, choice, moves, came, out):
        _renew(arcs, holders, choice, moves, j)
    return True


@njit(cache=True)
def least_prices(moves: Moves, floor: Integers) -> Integers:
    """The least prices that prove a best matching, each what one more place would add.

    Args:
        moves: Between all nodes, with no cycle that gains.
        floor: Prices known not to be above them; 0 always does.

    Source:
        Reduced cost optimality: Ahuja, Magnanti, Orlin (1993), Network Flows, 9.3; least dual
        prices: Shapley and Shubik (1971), The assignment game I.
    """
    label = np.append(floor, 0)
    came = np.full(label.size, -1, dtype=np.int64)
    while _sweep(moves, label, came, label.size):
        pass
    return label[:-1]


@njit(cache=True)
def dual_bound(arcs: Arcs, places_n: Integers, price: Integers) -> int:
    """No assignment has a greater total, whatever the prices, if none is below 0.

    Each place costs its price, and each firm nets what its best product leaves above the price.
    """
    total = 0
    for j in range(price.size):
        total += places_n[j] * price[j]
    for i in range(arcs.start.size - 1):
        most = 0
        for a in range(arcs.start[i], arcs.start[i + 1]):
            most = max(most, arcs.value[a] - price[arcs.product[a]])
        total += most
    return int(total)


@njit(cache=True)
def total_value(arcs: Arcs, choice: Integers) -> int:
    """Value of an assignment."""
    total = 0
    for i in range(choice.size):
        if choice[i] != OUT:
            total += own_value(arcs, i, choice[i])
    return total
