"""Matching: firms to products under quotas.

The matchings themselves (`techflow.matching.best` and others) need the extra `simulate` and are not
imported here.
"""

from techflow.matching.market import Market, build_market
from techflow.matching.pairs import MANDATES, RATE_COLUMNS, REFUSALS, gain_by_rates, judge_pairs
from techflow.matching.plan import PlanSolution, plan_cost, solve_plan
from techflow.matching.plan_problem import PlanProblem, build_plan

__all__ = [
    "MANDATES",
    "RATE_COLUMNS",
    "REFUSALS",
    "Market",
    "PlanProblem",
    "PlanSolution",
    "build_market",
    "build_plan",
    "gain_by_rates",
    "judge_pairs",
    "plan_cost",
    "solve_plan",
]
