"""What a firm may have looked at again: a fact that it contests, a refusal by a machine."""

from collections.abc import Mapping
from typing import Any

from techflow.evidence import ANSWER_DAYS, answer_due_on

__all__ = ["ANSWER_DAYS", "answer_due_on", "refusals"]
NO_REFUSAL = frozenset({None, "need_covered"})
"""Remarks on a limit of zero that refuse nothing: the firm needs no loan."""


def refusals(assessment: Mapping[str, Any]) -> tuple[str, ...]:
    """What an assessment refused a firm without a person having looked.

    Args:
        assessment: One row of the table `assessment`: `verdict`, `limit_lcy`,
            `limit_reason_code`.

    Returns:
        `verdict` where there was no grade; `limit` where there is a grade but nothing is lent,
        unless the firm's need is covered. Each may be reviewed by a person on request.

    Source:
        Personal Information Protection Law (个人信息保护法, 2021), Art. 24: a decision made by
        automated means alone may be explained and refused. The law protects natural persons; the
        platform gives the same to every firm.

    Examples:
        >>> refusals({"verdict": "insufficient", "limit_lcy": None, "limit_reason_code": None})
        ('verdict',)
        >>> refusals({"verdict": "graded", "limit_lcy": 0.0, "limit_reason_code": "pd_too_high"})
        ('limit',)
        >>> refusals({"verdict": "graded", "limit_lcy": 5e6, "limit_reason_code": None})
        ()
    """
    if assessment["verdict"] == "insufficient":
        return ("verdict",)
    refused = not assessment["limit_lcy"] and assessment["limit_reason_code"] not in NO_REFUSAL
    return ("limit",) if refused else ()
