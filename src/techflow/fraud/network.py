"""Kernels on the invoice network: who trades both ways, and who shares persons or addresses."""

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from techflow.basics import Floats, Frame, InvalidInput, day_number

Nodes = NDArray[np.int64]
"""Numbers of firms and other parties, from 0."""


def trade_edges(invoices: Frame) -> Frame:
    """Each valid invoice once, from its seller to its buyer.

    The same invoice may be on record with both sides; it is one edge.

    Args:
        invoices: Rows of the table `invoice`.

    Returns:
        One row per invoice above zero: `seller_id buyer_id invoice_number issued_on net_lcy`,
        and `day_n`, the number of the day.
    """
    sale = nw.col("direction") == "sale"
    key = ("seller_id", "buyer_id", "invoice_number", "issued_on", "net_lcy")
    known = (
        (nw.col("status") == "valid") & (nw.col("net_lcy") > 0) & ~nw.col("partner_id").is_null()
    )
    edges = (
        invoices.filter(known)
        .with_columns(
            seller_id=nw.when(sale).then(nw.col("firm_id")).otherwise(nw.col("partner_id")),
            buyer_id=nw.when(sale).then(nw.col("partner_id")).otherwise(nw.col("firm_id")),
        )
        .group_by(*key)
        .agg(nw.len().alias("rows_n"))
    )
    return edges.select(*key, day_n=day_number(nw.col("issued_on")))


def trade_both_ways(seller: Nodes, buyer: Nodes, amount: Floats, nodes_n: int) -> dict[str, Any]:
    """Degree and reciprocity of each node.

    Args:
        seller: Seller of each invoice.
        buyer: Its buyer.
        amount: Its amount, above zero.
        nodes_n: How many nodes there are.

    Returns:
        Arrays of shape (nodes_n,): `customers_n`, `suppliers_n`, `mutual_n` (partners that are
        both) and `mutual_share`, the part of all it sold and bought that could cancel out: twice
        the lesser of both directions, over all partners; NaN without trade.

    Raises:
        InvalidInput: The arrays differ in length or a node is out of range.

    Examples:
        >>> found = trade_both_ways(np.array([0, 1]), np.array([1, 0]), np.array([3.0, 1.0]), 2)
        >>> found["mutual_share"].tolist()
        [0.5, 0.5]
    """
    _check_edges(seller, buyer, amount, nodes_n)
    key, place = np.unique(seller * nodes_n + buyer, return_inverse=True)
    total = np.bincount(place, weights=amount, minlength=len(key))
    first, second = key // nodes_n, key % nodes_n
    other = np.searchsorted(key, second * nodes_n + first)
    back = np.minimum(other, max(len(key) - 1, 0))
    mutual = (key[back] == second * nodes_n + first) & (first != second)
    less = np.where(mutual, np.minimum(total, total[back]), 0.0)
    traded = np.bincount(first, total, nodes_n) + np.bincount(second, total, nodes_n)
    cancels = 2.0 * np.bincount(first, less, nodes_n)
    return {
        "customers_n": np.bincount(first, minlength=nodes_n),
        "suppliers_n": np.bincount(second, minlength=nodes_n),
        "mutual_n": np.bincount(first[mutual], minlength=nodes_n),
        "mutual_share": np.divide(
            cancels, traded, out=np.full(nodes_n, np.nan), where=traded > 0.0
        ),
    }


def link_groups(firm: Nodes, other: Nodes, nodes_n: int, *, hub_n_max: int) -> Nodes:
    """The group of each node through shared persons and addresses.

    Args:
        firm: Firm of each relation.
        other: The person, address or firm it shares.
        nodes_n: How many nodes there are.
        hub_n_max: Something shared by more firms than this, such as the address of a registry
            agent, links nobody.

    Returns:
        Shape (nodes_n,): the smallest node of the group; a node without links is its own.

    Raises:
        InvalidInput: The arrays differ in length or a node is out of range.

    Examples:
        >>> link_groups(np.array([0, 1, 2]), np.array([3, 3, 4]), 5, hub_n_max=9).tolist()
        [0, 0, 2, 0, 2]
    """
    _check_edges(firm, other, np.ones(len(firm)), nodes_n)
    pairs = np.unique(firm * nodes_n + other)
    firm, other = pairs // nodes_n, pairs % nodes_n
    kept = np.bincount(other, minlength=nodes_n)[other] <= hub_n_max
    firm, other = firm[kept], other[kept]
    group = np.arange(nodes_n)
    while True:
        low = np.minimum(group[firm], group[other])
        after = group.copy()
        np.minimum.at(after, firm, low)
        np.minimum.at(after, other, low)
        after = after[after]
        if (after == group).all():
            return after
        group = after


def _check_edges(first: Nodes, second: Nodes, amount: Floats, nodes_n: int) -> None:
    if not len(first) == len(second) == len(amount):
        raise InvalidInput(
            f"edges must be arrays of one length; got {len(first)}, {len(second)}, {len(amount)}"
        )
    ends = np.concatenate([first, second])
    if len(ends) and (ends.min() < 0 or ends.max() >= nodes_n):
        raise InvalidInput(f"nodes must be in 0 .. {nodes_n - 1}; got {ends.min()} to {ends.max()}")
