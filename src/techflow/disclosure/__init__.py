"""Disclosure: whether what a firm publishes ties, what is unusual in it, and what to ask."""

from techflow.disclosure.checks import (
    CARRIED,
    CHECKS,
    Check,
    add_check,
    add_previous,
    check_statements,
)
from techflow.disclosure.digits import benford_p, count_first_digits
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
    "Question",
    "Signal",
    "accrual_signals",
    "add_check",
    "add_previous",
    "ask_questions",
    "benford_p",
    "check_statements",
    "count_first_digits",
    "find_restatements",
    "peer_deviations",
    "score_statements",
]
