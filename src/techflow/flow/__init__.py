"""Compositions of rooms: the only place where rooms meet."""

from techflow.flow.allocating import (
    BookRules,
    RateMarket,
    book_tail,
    decide_book,
    explain_decision,
    open_book,
    plain_books,
)
from techflow.flow.assessing import (
    LENT,
    OPINION,
    PART,
    assess_firms,
    judge_firms,
    lend_firms,
    part_names,
)
from techflow.flow.counting import COUNTED, count_loans, size_firms
from techflow.flow.facts import policy_facts, source_table
from techflow.flow.gaps import GAPS
from techflow.flow.loan_numbers import POOLS, Quoted, loan_numbers
from techflow.flow.loan_pricing import (
    TOLD_CODES,
    TOLD_FLAGS,
    grant_tools,
    irb_column,
    price_book,
    year_columns,
)
from techflow.flow.outcomes import loan_outcomes
from techflow.flow.planning import Planner
from techflow.flow.planning_asked import Applicant, Need
from techflow.flow.planning_told import FirmPlan, plan_firm
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
    RECORDS,
    month_rows,
    profile_firms,
    profile_records,
    see_records,
)
from techflow.flow.qualifying import (
    QUALIFICATIONS,
    Qualifying,
    judge_qualifications,
    list_qualifications,
    meets_groups,
    tell_firm_gaps,
)
from techflow.flow.scoring import rate_rows
from techflow.flow.suspecting import suspect_firms
from techflow.flow.technology import (
    compare_technology,
    firm_patents,
    rate_technology,
    value_technology,
)
from techflow.flow.warning import WarningRules, warn_fields, warning_rows

__all__ = [
    "COUNTED",
    "GAPS",
    "KEY",
    "LENT",
    "OPINION",
    "PART",
    "POOLS",
    "PROFILED",
    "QUALIFICATIONS",
    "RECORDS",
    "TOLD_CODES",
    "TOLD_FLAGS",
    "Applicant",
    "BookRules",
    "FirmPlan",
    "Need",
    "Planner",
    "Qualifying",
    "Quoted",
    "RateMarket",
    "WarningRules",
    "assess_firms",
    "book_tail",
    "compare_draft",
    "compare_technology",
    "count_loans",
    "decide_book",
    "decide_policies",
    "explain_decision",
    "facts_of",
    "find_law",
    "firm_patents",
    "grant_tools",
    "irb_column",
    "judge_firms",
    "judge_policies",
    "judge_qualifications",
    "last_rule",
    "laws_for",
    "lend_firms",
    "list_qualifications",
    "loan_numbers",
    "loan_outcomes",
    "meets_groups",
    "month_rows",
    "open_book",
    "part_names",
    "plain_books",
    "plan_firm",
    "policy_facts",
    "price_book",
    "profile_firms",
    "profile_records",
    "rate_rows",
    "rate_technology",
    "rules_on",
    "see_records",
    "size_firms",
    "source_table",
    "suspect_firms",
    "tell_firm_gaps",
    "value_technology",
    "warn_fields",
    "warning_rows",
    "year_columns",
]
