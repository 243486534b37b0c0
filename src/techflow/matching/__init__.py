"""Matching: firms to products under quotas.

The matchings themselves (`techflow.matching.best` and others) need the extra `simulate` and are not
imported here.
"""

from techflow.matching.market import Market, build_market
from techflow.matching.plan import PlanSolution, plan_cost, solve_plan
from techflow.matching.plan_problem import PlanProblem, build_plan

__all__ = [
    "Market",
    "PlanProblem",
    "PlanSolution",
    "build_market",
    "build_plan",
    "plan_cost",
    "solve_plan",
]
