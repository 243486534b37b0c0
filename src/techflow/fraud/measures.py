"""The rules and the network of a set of firms put together; what a review of cases catches."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from techflow.basics import Floats, Frame
from techflow.fraud.cycles import Search, find_cycles
from techflow.fraud.network import Nodes, trade_both_ways
from techflow.fraud.rules import (
    late_sales,
    new_firm_sales,
    round_amounts,
    same_day_trips,
    sudden_partners,
    void_bursts,
)

NORMAL_95 = 1.959963984540054


def rule_numbers(firms: Frame, invoices: Frame, *, as_of: date, asked: Mapping[str, Any]) -> Frame:
    """All numbers of the rules of each firm.

    Args:
        firms: Rows of the table `firm`, one per firm.
        invoices: Rows of the table `invoice`.
        as_of: The last day that is seen: the day of the application.
        asked: Values of `params.toml` of the content folder `fraud_signs`.

    Returns:
        One row per firm: `firm_id` and the number of each rule; null where unknown.
    """
    found = new_firm_sales(firms, invoices, as_of=as_of, new_days=asked["new_days"])
    recent, history = asked["recent_days"], asked["history_days_min"]
    step, least = asked["step_lcy"], asked["invoices_n_min"]
    late, before = asked["late_days"], asked["before_days"]
    for other in (
        void_bursts(invoices, as_of=as_of, issued_n_min=asked["issued_n_min"]),
        sudden_partners(invoices, as_of=as_of, recent_days=recent, history_days_min=history),
        round_amounts(invoices, as_of=as_of, step_lcy=step, invoices_n_min=least),
        late_sales(invoices, as_of=as_of, late_days=late, before_days=before),
        same_day_trips(invoices, as_of=as_of, tolerance_share=asked["trip_tolerance_share"]),
    ):
        found = found.join(other, on="firm_id", how="left")
    return found


def network_numbers(
    edges: tuple[Nodes, Nodes, NDArray[np.int64], Floats], group: Nodes, search: Search
) -> tuple[dict[str, Any], NDArray[np.int64]]:
    """All numbers of the network of each node, and the circles behind them.

    Args:
        edges: Seller, buyer, number of the day and amount of each invoice.
        group: Result of `link_groups`, one entry per node.
        search: What counts as a circle.

    Returns:
        Arrays per node: those of `trade_both_ways`; `cycle_lcy` and `cycle_share`, sales on
        circles and their part of all sales (NaN without sales); `linked_sales_share`, sales to
        nodes of the same group; and the result of `find_cycles`. The shares of circles and of
        trade both ways are NaN for a node none of whose partners is seen both selling and
        buying: there the record could not show a circle.
    """
    seller, buyer, day, amount = edges
    nodes_n = len(group)
    circles = find_cycles(seller, buyer, day, amount, search)
    on_circle = np.unique(circles[circles >= 0])
    found = trade_both_ways(seller, buyer, amount, nodes_n)
    sold = np.bincount(seller, amount, nodes_n)
    linked = (group[seller] == group[buyer]) & (seller != buyer)
    sums = {
        "cycle": np.bincount(seller[on_circle], amount[on_circle], nodes_n),
        "linked_sales": np.bincount(seller[linked], amount[linked], nodes_n),
    }
    for name, values in sums.items():
        unknown = np.full(nodes_n, np.nan)
        found[f"{name}_share"] = np.divide(values, sold, out=unknown, where=sold > 0.0)
    blind = ~_sees_both_sides(seller, buyer, found)
    for name in ("cycle_share", "mutual_share"):
        found[name] = np.where(blind, np.nan, found[name])
    return {**found, "cycle_lcy": sums["cycle"]}, circles


def _sees_both_sides(seller: Nodes, buyer: Nodes, found: Mapping[str, Any]) -> NDArray[np.bool_]:
    """Whether a node has a partner that is on record as seller and as buyer."""
    both = (found["customers_n"] > 0) & (found["suppliers_n"] > 0)
    sees = np.zeros(len(both), np.bool_)
    sees[seller[both[buyer]]] = True
    sees[buyer[both[seller]]] = True
    return sees


def share_interval(hits_n: int, all_n: int) -> tuple[float, float, float]:
    """Lower end, value and upper end of a share, 95 %.

    Args:
        hits_n: How many hits.
        all_n: Of how many; at least 1.

    Source:
        Wilson, E. B. (1927), "Probable Inference", JASA 22(158).

    Examples:
        >>> [round(x, 4) for x in share_interval(8, 10)]
        [0.4902, 0.8, 0.9433]
    """
    p, z2 = hits_n / all_n, NORMAL_95**2
    middle = (p + z2 / (2 * all_n)) / (1.0 + z2 / all_n)
    half = NORMAL_95 * np.sqrt(p * (1.0 - p) / all_n + z2 / (4.0 * all_n**2)) / (1.0 + z2 / all_n)
    return float(middle - half), p, float(middle + half)
