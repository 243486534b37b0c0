"""Circles against brute force, groups and reciprocity against plain loops."""

from datetime import date
from itertools import permutations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from techflow.basics import InvalidInput
from techflow.fraud import Search, find_cycles, link_groups, trade_both_ways, trade_edges

EDGE = st.tuples(
    st.integers(0, 4), st.integers(0, 4), st.integers(0, 6), st.sampled_from([9.0, 10.0, 20.0])
)


def plain_cycles(edges, window_days, tolerance_share):
    """All closed chains, tried one by one; each as the set of its invoices."""
    found = set()
    for length in (2, 3, 4):
        for chain in permutations(range(len(edges)), length):
            sellers = [edges[i][0] for i in chain]
            buyers = [edges[i][1] for i in chain]
            days = [edges[i][2] for i in chain]
            sums = [edges[i][3] for i in chain]
            if buyers != sellers[1:] + sellers[:1] or len(set(sellers)) < length:
                continue
            near = max(days) - min(days) <= window_days
            if near and min(sums) >= (1 - tolerance_share) * max(sums):
                found.add(frozenset(chain))
    return found


@given(st.lists(EDGE, max_size=9), st.integers(0, 4))
def test_circles_are_those_of_brute_force(edges, window_days):
    columns = np.array(edges, float).reshape(-1, 4).T
    seller, buyer, day = columns[:3].astype(np.int64)
    found = find_cycles(seller, buyer, day, columns[3], Search(window_days, 0.1))
    sets = [frozenset(int(i) for i in row if i >= 0) for row in found]
    assert len(sets) == len(set(sets))
    assert set(sets) == plain_cycles(edges, window_days, 0.1)


@given(st.lists(EDGE, min_size=1, max_size=30))
def test_reciprocity_is_that_of_plain_loops(edges):
    columns = np.array(edges, float).T
    seller, buyer = columns[:2].astype(np.int64)
    found = trade_both_ways(seller, buyer, columns[3], 5)
    flow = np.zeros((5, 5))
    np.add.at(flow, (seller, buyer), columns[3])
    for node in range(5):
        others = [other for other in range(5) if other != node]
        both = [other for other in others if flow[node, other] and flow[other, node]]
        assert found["mutual_n"][node] == len(both)
        assert found["customers_n"][node] == np.count_nonzero(flow[node])
        assert found["suppliers_n"][node] == np.count_nonzero(flow[:, node])
        traded = flow[node].sum() + flow[:, node].sum()
        cancels = sum(2 * min(flow[node, other], flow[other, node]) for other in both)
        expected = cancels / traded if traded else np.nan
        assert found["mutual_share"][node] == pytest.approx(expected, nan_ok=True)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(6, 9)), max_size=12))
def test_groups_are_those_of_merging_sets(pairs):
    groups = [{node} for node in range(10)]
    for pair in pairs:
        touched = [group for group in groups if group & set(pair)]
        groups = [group for group in groups if not group & set(pair)] + [set().union(*touched)]
    firm, other = np.array(pairs, np.int64).reshape(-1, 2).T
    found = link_groups(firm, other, 10, hub_n_max=99)
    assert found.tolist() == [
        min(next(group for group in groups if node in group)) for node in range(10)
    ]


def test_a_hub_links_nobody():
    firm, other = np.array([0, 1, 2, 0, 1]), np.array([5, 5, 5, 6, 6])
    assert link_groups(firm, other, 7, hub_n_max=2).tolist() == [0, 0, 2, 3, 4, 5, 0]


def test_an_invoice_on_record_with_both_sides_is_one_edge(make, rows):
    on, more = date(2025, 1, 2), {"invoice_number": "1", "net_lcy": 5.0, "status": "valid"}
    lines = [
        {"firm_id": "a", "direction": "sale", "partner_id": "b", "issued_on": on} | more,
        {"firm_id": "b", "direction": "purchase", "partner_id": "a", "issued_on": on} | more,
        {"firm_id": "a", "direction": "sale", "partner_id": "b", "issued_on": on}
        | more
        | {"invoice_number": "2", "status": "void"},
    ]
    (edge,) = rows(trade_edges(make(pl.DataFrame(lines))))
    assert (edge["seller_id"], edge["buyer_id"], edge["net_lcy"]) == ("a", "b", 5.0)
    assert edge["day_n"] == on.toordinal()


def test_wrong_searches_and_edges_are_refused():
    with pytest.raises(InvalidInput, match="length_max must be 2 to 4; got 5"):
        Search(9, 0.1, 5)
    with pytest.raises(InvalidInput, match="tolerance_share"):
        Search(9, 1.0)
    with pytest.raises(InvalidInput, match=r"nodes must be in 0 \.\. 1"):
        trade_both_ways(np.array([0]), np.array([2]), np.array([1.0]), 2)
    with pytest.raises(InvalidInput, match="one length"):
        link_groups(np.array([0]), np.array([1, 1]), 2, hub_n_max=3)
