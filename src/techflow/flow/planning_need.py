"""What a firm of a book needs money for: as it states, or as its accounts show; never invented."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from techflow.basics import InvalidInput
from techflow.flow.planning_asked import Need

AMOUNT, MONTHS, PURPOSE, PROJECT = (
    "funding_need_cny",
    "funding_need_months",
    "funding_need_purpose",
    "funding_project_cny",
)
NEED_FACTS = (AMOUNT, MONTHS, PURPOSE, PROJECT)
"""Facts of the table `declaration` that state a need."""
YEAR_MONTHS = 12
"""Term of a need for working capital, which turns over within the year."""


@dataclass(frozen=True, slots=True)
class FoundNeed:
    """A need, or why there is none to plan for.

    Attributes:
        need: What is asked for; None if there is nothing to plan.
        basis: `declared` or `turnover`; None without a need.
        lack: `need_unknown`, `need_incomplete`, `need_impossible` or `need_covered`; None with one.
        facts: What to ask the firm for.
    """

    need: Need | None
    basis: str | None = None
    lack: str | None = None
    facts: tuple[str, ...] = ()


def find_need(
    stated: Mapping[str, Any], known: Mapping[str, Any], assumed: Mapping[str, float]
) -> FoundNeed:
    """What a firm states, else what its accounts show it lacks for a year's turnover.

    Args:
        stated: `NEED_FACTS` the firm declared, latest first; others are absent.
        known: Columns of its assessment: `need_basis`, `need_lcy`, `own_funds_lcy`,
            `debt_outstanding_lcy`, in yuan; None where unknown. A need that is only a share of
            sales is no account of the firm and is not taken.
        assumed: `products_n_max`, `dilution_share_max`.

    Examples:
        >>> assumed = {"products_n_max": 3, "dilution_share_max": 0.25}
        >>> books = {"need_basis": "turnover", "need_lcy": 500.0, "own_funds_lcy": 120.0}
        >>> find_need({}, books, assumed).need.amount_cny
        380.0
        >>> find_need({"funding_need_cny": 9e5}, books, assumed).facts
        ('funding_need_months', 'funding_need_purpose')
        >>> find_need({}, {"need_basis": "sales_share", "need_lcy": 500.0}, assumed).lack
        'need_unknown'
    """
    if AMOUNT in stated:
        return _stated(stated, assumed)
    if known.get("need_basis") != "turnover" or known.get("need_lcy") is None:
        return FoundNeed(None, None, "need_unknown", NEED_FACTS[:3])
    covered = (max(known.get(name) or 0.0, 0.0) for name in ("own_funds_lcy", DEBT))
    amount = float(math.floor(known["need_lcy"] - sum(covered)))
    if amount < 1:
        return FoundNeed(None, None, "need_covered")
    return FoundNeed(_need(amount, YEAR_MONTHS, "working_capital", None, assumed), "turnover")


DEBT = "debt_outstanding_lcy"


def _stated(stated: Mapping[str, Any], assumed: Mapping[str, float]) -> FoundNeed:
    lacking = tuple(name for name in NEED_FACTS[:3] if stated.get(name) is None)
    if lacking:
        return FoundNeed(None, None, "need_incomplete", lacking)
    amount, months, purpose = (stated[name] for name in NEED_FACTS[:3])
    try:
        need = _need(float(amount), int(months), str(purpose), stated.get(PROJECT), assumed)
    except (InvalidInput, ValueError, OverflowError):
        return FoundNeed(None, None, "need_impossible", NEED_FACTS[:3])
    return FoundNeed(need, "declared")


def _need(
    amount: float, months: int, purpose: str, project: float | None, assumed: Mapping[str, float]
) -> Need:
    return Need(
        amount,
        months,
        purpose,
        project,
        int(assumed["products_n_max"]),
        assumed["dilution_share_max"],
    )
