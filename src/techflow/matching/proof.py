"""Array kernel of the proof: what each firm nets at prices, kept up as prices rise. Needs Numba."""

from typing import NamedTuple

import numpy as np
from numba import njit

from techflow.matching.auction import OUT, Arcs, Integers
from techflow.matching.exchange import own_value


class Proof(NamedTuple):
    """What the bound of a matching is made of.

    Attributes:
        net: The most each firm nets at the prices, never below 0, shape (firms,).
        product: Where it nets that, `OUT` if nowhere.
        total_fen: Value of the matching.
    """

    net: Integers
    product: Integers
    total_fen: int


@njit(cache=True)
def _best_net(arcs: Arcs, price: Integers, i: int) -> tuple[int, int]:
    most, at = 0, OUT
    for a in range(arcs.start[i], arcs.start[i + 1]):
        j = arcs.product[a]
        if arcs.value[a] - price[j] > most:
            most, at = arcs.value[a] - price[j], j
    return most, at


@njit(cache=True)
def settle(arcs: Arcs, price: Integers, total_fen: int) -> Proof:
    """The proof from the arcs.

    Args:
        arcs: Arcs of the firms.
        price: Price of a place of each product.
        total_fen: Value of the matching.
    """
    firms_n = arcs.start.size - 1
    net, product = np.zeros(firms_n, np.int64), np.full(firms_n, OUT)
    for i in range(firms_n):
        net[i], product[i] = _best_net(arcs, price, i)
    return Proof(net, product, total_fen)


@njit(cache=True)
def resettle(
    arcs: Arcs, proof: Proof, old_price: Integers, price: Integers, total_fen: int
) -> Proof:
    """The same proof after prices rose and firms were added: equal to `settle`, without all arcs.

    Where the price of the product at which a firm nets most is as before, that is still its best,
    since no price fell.

    Args:
        arcs: Arcs of all firms, the new ones last.
        proof: Proof at the old prices.
        old_price: Prices before; none is above those now.
        price: Prices now.
        total_fen: Value of the matching now.
    """
    firms_n = arcs.start.size - 1
    net, product = np.zeros(firms_n, np.int64), np.full(firms_n, OUT)
    for i in range(firms_n):
        j = proof.product[i] if i < proof.net.size else OUT
        if i < proof.net.size and (j == OUT or price[j] == old_price[j]):
            net[i], product[i] = proof.net[i], j
        else:
            net[i], product[i] = _best_net(arcs, price, i)
    return Proof(net, product, total_fen)


@njit(cache=True)
def moved_value(arcs: Arcs, before: Integers, after: Integers, moved: Integers) -> int:
    """What a new matching is worth more than the old one.

    Args:
        arcs: Arcs of all firms.
        before: Products before, of all firms but the last.
        after: Products now.
        moved: Firms of which both differ.
    """
    last = after.size - 1
    more = own_value(arcs, last, after[last]) if after[last] != OUT else 0
    for i in moved:
        if before[i] != OUT:
            more -= own_value(arcs, i, before[i])
        if after[i] != OUT:
            more += own_value(arcs, i, after[i])
    return int(more)
