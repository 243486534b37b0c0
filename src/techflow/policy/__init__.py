"""Policy as code: law as data, for one firm or for a nation."""

from techflow.policy.build import all_of, any_of, best_of, free_of, holds, least_of, total_points
from techflow.policy.checks import Problem, check_law, check_staleness
from techflow.policy.decide import decide, decide_one
from techflow.policy.decision import Decision, Scored, Tested
from techflow.policy.evaluate import evaluate, evaluate_by_date, in_order
from techflow.policy.facts import Fact, Facts
from techflow.policy.gap_words import explain_gaps
from techflow.policy.gaps import Gap
from techflow.policy.measures import Excess, Growth, Mean, MeanGrowth, Plus, Share, Total
from techflow.policy.model import (
    Amount,
    AnswerOf,
    Case,
    Choose,
    Condition,
    Fixed,
    Flag,
    Given,
    Judged,
    Listed,
    Policy,
    Steps,
    Value,
    Version,
)
from techflow.policy.naming import Titles
from techflow.policy.outline import describe_rule, show_term
from techflow.policy.params import PROPOSAL, TEXT, Params, unverified
from techflow.policy.plan import gaps_of
from techflow.policy.replay import record_decision, replay_decision, rule_hash
from techflow.policy.rule import Law, Rule
from techflow.policy.sql import to_sql, to_sql_by_date
from techflow.policy.tables import (
    condition_table,
    condition_table_by_date,
    decision_table,
    decision_table_by_date,
)
from techflow.policy.whatif import compare_rules, count_changes, draft_law, final_law
from techflow.policy.windows import statement_years
from techflow.policy.words import explain

__all__ = [
    "PROPOSAL",
    "TEXT",
    "Amount",
    "AnswerOf",
    "Case",
    "Choose",
    "Condition",
    "Decision",
    "Excess",
    "Fact",
    "Facts",
    "Fixed",
    "Flag",
    "Gap",
    "Given",
    "Growth",
    "Judged",
    "Law",
    "Listed",
    "Mean",
    "MeanGrowth",
    "Params",
    "Plus",
    "Policy",
    "Problem",
    "Rule",
    "Scored",
    "Share",
    "Steps",
    "Tested",
    "Titles",
    "Total",
    "Value",
    "Version",
    "all_of",
    "any_of",
    "best_of",
    "check_law",
    "check_staleness",
    "compare_rules",
    "condition_table",
    "condition_table_by_date",
    "count_changes",
    "decide",
    "decide_one",
    "decision_table",
    "decision_table_by_date",
    "describe_rule",
    "draft_law",
    "evaluate",
    "evaluate_by_date",
    "explain",
    "explain_gaps",
    "final_law",
    "free_of",
    "gaps_of",
    "holds",
    "in_order",
    "least_of",
    "record_decision",
    "replay_decision",
    "rule_hash",
    "show_term",
    "statement_years",
    "to_sql",
    "to_sql_by_date",
    "total_points",
    "unverified",
]
