"""Compositions of rooms: the only place where rooms meet."""

from techflow.flow.assessing import (
    LENT,
    OPINION,
    PART,
    assess_firms,
    judge_firms,
    lend_firms,
    part_names,
)
from techflow.flow.gaps import GAPS
from techflow.flow.outcomes import loan_outcomes
from techflow.flow.policies import (
    KEY,
    compare_draft,
    decide_policies,
    facts_of,
    find_law,
    judge_policies,
    last_rule,
    laws_for,
    rules_on,
)
from techflow.flow.profiling import (
    PROFILED,
    month_rows,
    profile_firms,
    profile_records,
    see_records,
)

__all__ = [
    "GAPS",
    "KEY",
    "LENT",
    "OPINION",
    "PART",
    "PROFILED",
    "assess_firms",
    "compare_draft",
    "decide_policies",
    "facts_of",
    "find_law",
    "judge_firms",
    "judge_policies",
    "last_rule",
    "laws_for",
    "lend_firms",
    "loan_outcomes",
    "month_rows",
    "part_names",
    "profile_firms",
    "profile_records",
    "rules_on",
    "see_records",
]
