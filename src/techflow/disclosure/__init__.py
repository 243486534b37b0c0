"""Disclosure: whether what a firm publishes ties, what is unusual in it, and what to ask."""

from techflow.disclosure.checks import (
    CARRIED,
    CHECKS,
    Check,
    add_check,
    add_previous,
    check_statements,
)

__all__ = ["CARRIED", "CHECKS", "Check", "add_check", "add_previous", "check_statements"]
