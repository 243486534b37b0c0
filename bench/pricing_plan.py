"""Plans of a firm on 200 products: time, proof, and HiGHS through SciPy in the same run."""

import json
import time
from dataclasses import replace
from datetime import date

import numpy as np
from tests.matching.plans import random_plan, scipy_value

from techflow.flow.planning import Planner
from techflow.flow.planning_asked import Applicant, Need
from techflow.flow.planning_told import plan_firm
from techflow.matching import solve_plan
from techflow.pricing import NOT_FOR_FIRMS, Terms
from techflow_service.planning import load_assumed
from techflow_service.products import load_products

PLANS_N, PRODUCTS_N, ROOMS_N, REPEATS_N = 60, 200, 8, 3
TIGHT = (0.8, 1.0, 3.0)
MS_PER_S = 1e3
SEED, ON = 7, date(2026, 6, 30)
RATES = ("rate_pa", "spread_rate_pa", "fee_rate_pa", "amount_cny_max", "collateral_share_max")
FACTS = {
    "pd": 0.02,
    "rate_pa": 0.055,
    "limit_cny": 2e6,
    "pledge_value_cny": 8e5,
    "receivables_cny": 1e6,
}


def timed(work, argument):
    """Result and the least of some times, milliseconds."""
    times = []
    for _ in range(REPEATS_N):
        begun = time.perf_counter()
        result = work(argument)
        times.append((time.perf_counter() - begun) * MS_PER_S)
    return result, min(times)


def many_products():
    """200 products of money: those that come along, again and again with rates a little apart."""
    rng = np.random.default_rng(SEED)
    money = [each for each in load_products().values() if each.kind not in NOT_FOR_FIRMS]
    found = {}
    for place in range(PRODUCTS_N):
        one = money[place % len(money)]
        histories = {
            name: tuple(
                replace(term, value=term.value * rng.uniform(0.9, 1.1)) if name in RATES else term
                for term in history
            )
            for name, history in one.terms.histories.items()
        }
        name = f"{one.id}-{place}"
        found[name] = replace(one, id=name, terms=Terms(histories))
    return found


def told_whole(products):
    """A plan with what every fact would save, milliseconds."""
    planner = Planner(products, ON, load_assumed())
    firm = Applicant("f", "growth", FACTS, {})
    need = Need(8e6, 12, "working_capital", None, 3, 0.25)
    plan, took = timed(lambda asked: plan_firm(planner, firm, asked), need)
    return plan, took


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
    plan, whole = told_whole(many_products())
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
        "plan_told_ms": round(whole, 1),
        "plan_told_facts_n": len(plan.facts),
        "highs_ms": round(float(np.median(theirs)), 3),
    }


if __name__ == "__main__":
    print(json.dumps(measure()))
