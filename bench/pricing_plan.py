"""Plans of a firm on 200 products: time, proof, and HiGHS through SciPy in the same run."""

import json
import time

import numpy as np
from tests.matching.plans import random_plan, scipy_value

from techflow.matching import solve_plan

PLANS_N, PRODUCTS_N, ROOMS_N, REPEATS_N = 60, 200, 8, 3
TIGHT = (0.8, 1.0, 3.0)
MS_PER_S = 1e3


def timed(work, argument):
    """Result and the least of some times, milliseconds."""
    times = []
    for _ in range(REPEATS_N):
        begun = time.perf_counter()
        result = work(argument)
        times.append((time.perf_counter() - begun) * MS_PER_S)
    return result, min(times)


def measure(plans_n=PLANS_N):
    """The figures of one run."""
    rows = []
    for seed in range(plans_n):
        problem = random_plan(
            seed, products_n=PRODUCTS_N, rooms_n=ROOMS_N, tight=TIGHT[seed % len(TIGHT)]
        )
        found, own = timed(solve_plan, problem)
        other, theirs = timed(scipy_value, problem)
        same = found.value_cny == other or abs(found.value_cny - other) <= 1e-7 * abs(other)
        rows.append((own, theirs, found.gap_share, found.nodes_n, same, np.isfinite(other)))
    own, theirs, gap, nodes, same, possible = (
        np.array(column) for column in zip(*rows, strict=True)
    )
    return {
        "plan_ms": round(float(np.median(own)), 3),
        "plan_ms_quartiles": np.quantile(own, [0.25, 0.75]).round(3).tolist(),
        "plan_ms_max": round(float(own.max()), 3),
        "plan_gap_max": float(gap.max()),
        "plan_nodes_max": int(nodes.max()),
        "plans_n": plans_n,
        "plans_possible_n": int(possible.sum()),
        "products_n": PRODUCTS_N,
        "equal_to_highs_n": int(same.sum()),
        "highs_ms": round(float(np.median(theirs)), 3),
    }


if __name__ == "__main__":
    print(json.dumps(measure()))
