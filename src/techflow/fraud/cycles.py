"""Circular invoices: closed chains of two to four firms with like amounts in a short time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from techflow.basics import Floats, InvalidInput
from techflow.fraud.network import Nodes

LENGTH_MAX = 4
BLOCK = 20_000
"""Invoices that start chains at one time: bounds the memory."""


@dataclass(frozen=True, slots=True)
class Search:
    """What counts as a circle.

    Attributes:
        window_days: The last invoice is at most so many days after the first.
        tolerance_share: The least amount is at least 1 - this of the greatest.
        length_max: Most firms in a circle, 2 to 4.
    """

    window_days: int
    tolerance_share: float
    length_max: int = LENGTH_MAX

    def __post_init__(self) -> None:
        if not 2 <= self.length_max <= LENGTH_MAX:
            raise InvalidInput(f"length_max must be 2 to {LENGTH_MAX}; got {self.length_max}")
        if self.window_days < 0 or not 0.0 <= self.tolerance_share < 1.0:
            raise InvalidInput(
                "window_days must be >= 0 and tolerance_share in [0, 1); "
                f"got {self.window_days} and {self.tolerance_share}"
            )


def find_cycles(
    seller: Nodes, buyer: Nodes, day: NDArray[np.int64], amount: Floats, search: Search
) -> NDArray[np.int64]:
    """Every circle of invoices, once.

    A circle is a chain of invoices in which each buyer is the next seller and the last buyer the
    first seller, no firm twice. The days need not follow the chain.

    Args:
        seller: Seller of each invoice.
        buyer: Its buyer.
        day: Its day, as a number.
        amount: Its amount, above zero.
        search: What counts.

    Returns:
        Shape (circles, length_max): places of the invoices, the earliest first; -1 where a circle
        is shorter.

    Examples:
        >>> a, b = np.array([0, 1, 2, 1]), np.array([1, 2, 0, 0])
        >>> find_cycles(a, b, np.array([1, 3, 2, 2]), np.array([9.0, 9, 9, 2]), Search(5, 0.1))
        array([[ 0,  1,  2, -1]])
    """
    kept = _on_circles(seller, buyer)
    order = kept[np.lexsort((kept, day[kept]))]
    edges = _Edges(seller[order], buyer[order], day[order], amount[order])
    found = [np.empty((0, search.length_max), np.int64)]
    for start in range(0, len(order), BLOCK):
        block = np.arange(start, min(start + BLOCK, len(order)))
        found += _extend(edges, block[:, None], search)
    places = np.concatenate(found)
    return np.where(places >= 0, order[places], -1)


def _on_circles(seller: Nodes, buyer: Nodes) -> NDArray[np.int64]:
    """Invoices whose ends both sell and buy, until nothing more falls away."""
    kept = np.flatnonzero(seller != buyer)
    while len(kept):
        nodes_n = int(max(seller[kept].max(), buyer[kept].max())) + 1
        sells = np.bincount(seller[kept], minlength=nodes_n) > 0
        buys = np.bincount(buyer[kept], minlength=nodes_n) > 0
        alive = buys[seller[kept]] & sells[buyer[kept]]
        if alive.all():
            break
        kept = kept[alive]
    return kept


class _Edges:
    """Invoices in order of their days, and by seller."""

    def __init__(self, seller: Nodes, buyer: Nodes, day: NDArray[np.int64], amount: Floats) -> None:
        self.seller, self.buyer, self.day, self.amount = seller, buyer, day, amount
        self.n = len(seller)
        self.by_seller = np.argsort(seller, kind="stable")
        self.key = seller[self.by_seller] * self.n + self.by_seller

    def after(
        self, node: Nodes, first: NDArray[np.int64], until: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """For each path: invoices sold by `node`, later than `first`, before place `until`."""
        low = np.searchsorted(self.key, node * self.n + first, side="right")
        high = np.searchsorted(self.key, node * self.n + until, side="left")
        counts = np.maximum(high - low, 0)
        path = np.repeat(np.arange(len(node)), counts)
        offset = np.arange(len(path)) - np.repeat(np.cumsum(counts) - counts, counts)
        return path, self.by_seller[low[path] + offset]


def _extend(edges: _Edges, paths: NDArray[np.int64], search: Search) -> list[NDArray[np.int64]]:
    """Circles that the paths close into, each padded with -1."""
    found = []
    for length in range(2, search.length_max + 1):
        first = paths[:, 0]
        until = np.searchsorted(edges.day, edges.day[first] + search.window_days, side="right")
        path, added = edges.after(edges.buyer[paths[:, -1]], first, until)
        paths = np.concatenate([paths[path], added[:, None]], axis=1)
        sums = edges.amount[paths]
        alike = sums.min(axis=1) >= (1.0 - search.tolerance_share) * sums.max(axis=1)
        paths = paths[alike]
        closed = edges.buyer[paths[:, -1]] == edges.seller[paths[:, 0]]
        circles = paths[closed]
        padding = np.full((len(circles), search.length_max - length), -1)
        found.append(np.concatenate([circles, padding], axis=1))
        again = (edges.buyer[paths[:, -1]][:, None] == edges.seller[paths]).any(axis=1)
        paths = paths[~again]
    return found
