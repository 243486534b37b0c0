"""Disclosure: whether what a firm publishes ties, what is unusual in it, and what to ask."""

from techflow.disclosure.checks import (
    CARRIED,
    CHECKS,
    Check,
    add_check,
    add_next_cash_flow,
    add_previous,
    check_statements,
)
from techflow.disclosure.digits import benford_p, count_first_digits
from techflow.disclosure.notices import (
    Item,
    Stated,
    compare_stated,
    read_stated,
    wording_change,
)
from techflow.disclosure.residuals import accrual_residuals
from techflow.disclosure.score import (
    DisclosureModel,
    Question,
    Signal,
    ask_questions,
    score_statements,
)
from techflow.disclosure.signals import accrual_signals, find_restatements, peer_deviations

__all__ = [
    "CARRIED",
    "CHECKS",
    "Check",
    "DisclosureModel",
    "Item",
    "Question",
    "Signal",
    "Stated",
    "accrual_residuals",
    "accrual_signals",
    "add_check",
    "add_next_cash_flow",
    "add_previous",
    "ask_questions",
    "benford_p",
    "check_statements",
    "compare_stated",
    "count_first_digits",
    "find_restatements",
    "peer_deviations",
    "read_stated",
    "score_statements",
    "wording_change",
]
