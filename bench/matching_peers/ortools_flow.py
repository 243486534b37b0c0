"""OR-tools min-cost flow on the file of `bench.matching`, in its own environment; prints JSON."""

import json
import sys
import time
from pathlib import Path

import numpy as np
from ortools.graph.python import min_cost_flow

REPEATS = 3


def solve(market) -> dict:
    """One solution: CPU seconds to build the network and to solve it, and the total."""
    firms_n, products_n = market["start"].size - 1, market["places_n"].size
    firms, sink = np.arange(firms_n), firms_n + products_n
    firm = np.repeat(firms, np.diff(market["start"]))
    before = time.process_time()
    flow = min_cost_flow.SimpleMinCostFlow()
    ones, none = np.ones(firm.size, dtype=np.int64), np.zeros(firms_n, dtype=np.int64)
    flow.add_arcs_with_capacity_and_unit_cost(
        firm, firms_n + market["product"].astype(np.int64), ones, -market["value"]
    )
    out = np.full(firms_n, sink)
    flow.add_arcs_with_capacity_and_unit_cost(firms, out, ones[:firms_n], none)
    products = firms_n + np.arange(products_n)
    flow.add_arcs_with_capacity_and_unit_cost(
        products, np.full(products_n, sink), market["places_n"], none[:products_n]
    )
    flow.set_nodes_supplies(firms, ones[:firms_n])
    flow.set_node_supply(sink, -firms_n)
    built = time.process_time()
    if flow.solve() != flow.OPTIMAL:
        sys.exit("OR-tools found no best flow")
    return {
        "build_s": built - before,
        "solve_s": time.process_time() - built,
        "total_fen": -flow.optimal_cost(),
    }


if __name__ == "__main__":
    market = dict(np.load(Path(sys.argv[1]) / "market.npz"))
    print(json.dumps({"runs": [solve(market) for _ in range(REPEATS)]}))
