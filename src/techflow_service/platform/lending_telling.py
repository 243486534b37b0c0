"""What a member is told of an application: state, history, figures, and what they may do now."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from techflow.credit.lending_checks import OFFER_DAYS, LendingStep, judge_step
from techflow.credit.lending_moves import FIRM, moves_from
from techflow_service.clock import now
from techflow_service.platform.lending import told
from techflow_service.platform.lending_watch import classed
from techflow_service.platform.models import Loan, LoanApplication, LoanPosting, LoanStep

INSIDE = ("assess", "override", "propose", "send_back", "endorse")
"""Steps whose reason and figures are the bank's own: the firm is told that they were made."""
ORDER = (
    *("amount_cny", "limit_cny", "rate_pa", "term_months", "grade", "pd", "verdict", "start_on"),
    *("pool_id", "amount_fen", "paid_on", "owed_fen", "overdue_fen", "days_overdue"),
    *("class_at_least_n", "qualified"),
)
ASIDE = frozenset({
    *("ask", "turn_down", "withdraw", "refuse", "send_back", "decline", "default", "override"),
})  # fmt: skip
"""Moves that leave the straight way to a loan: they are offered after the one that goes on."""
BEFOREHAND = ("same_person", "authority", "too_late", "too_soon")
"""What can be said against a move before its form is filled in."""


def applications(state: str = "", before: int | None = None) -> QuerySet[LoanApplication]:
    """Applications that the member may know of, newest first, with their `state`.

    Args:
        state: Only those in this state.
        before: Only those with a smaller number: where the page before ended.
    """
    last = LoanStep.objects.filter(application=OuterRef("pk")).order_by("-n")
    rows = LoanApplication.objects.select_related("org").annotate(
        state=Subquery(last.values("target")[:1]), moved_at=Subquery(last.values("at")[:1])
    )
    rows = rows.filter(state=state) if state else rows
    rows = rows.filter(pk__lt=before) if before else rows
    return rows.order_by("-pk")


def history(member: Any, application: LoanApplication) -> list[dict[str, Any]]:
    """Steps made, as far as the member is told of them.

    Args:
        member: Who asks.
        application: Of what.
    """
    steps = application.steps.select_related("person", "run").order_by("n")
    own = member.role == FIRM
    return [_step(step, hidden=own and step.move in INSIDE, outside=own) for step in steps]


def tell(member: Any, application: LoanApplication) -> dict[str, Any]:
    """All that the page or answer on one application holds.

    Args:
        member: Who asks.
        application: Of what.
    """
    steps = list(application.steps.order_by("n"))
    moves = {name: _last(steps, name) for name in ("propose", "assess", "override", "ask")}
    state = steps[-1].target
    approved = any(step.move == "approve" for step in steps)
    bank = member.role != FIRM
    return {
        "application": application,
        "state": state,
        "steps": history(member, application),
        "offer": moves["propose"] if bank or approved else None,
        "offer_days": OFFER_DAYS,
        "assessment": moves["assess"] if bank else None,
        "override": moves["override"] if bank else None,
        "asked": moves["ask"] if state == "asked" else None,
        "refusal": steps[-1] if state == "refused" else None,
        "moves": _moves(member, steps, state),
        "loan": _loan(application),
        "postings": LoanPosting.objects.filter(step__in=steps).order_by("pk") if bank else (),
    }


def _step(step: LoanStep, *, hidden: bool, outside: bool) -> dict[str, Any]:
    inside = outside and step.role != FIRM
    return {
        "n": step.n,
        "move": step.move,
        "target": step.target,
        "role": step.role,
        "person": "" if inside else str(step.person),
        "at": step.at,
        "reason": "" if hidden else step.reason,
        "terms": {} if hidden else shown(step.terms),
        "evidence": {} if hidden else step.evidence,
        "as_of": step.run.as_of if step.run else None,
        "card_hash": step.card_hash,
        "rule_version": step.rule_version,
    }


def shown(terms: Mapping[str, Any]) -> dict[str, Any]:
    """Terms of a step in the order of reading, but the hash, which has a place of its own."""
    return {name: terms[name] for name in ORDER if name in terms}


def _moves(member: Any, steps: Iterable[LoanStep], state: str) -> list[dict[str, Any]]:
    past = [told(step) for step in steps]
    asked = {
        "role": member.role,
        "person": str(member.person_id),
        "on": timezone.localdate(now()),
        "authority_cny": member.authority_cny,
    }
    found = []
    for move in sorted(moves_from(state, member.role), key=lambda one: one.name in ASIDE):
        against = judge_step(past, LendingStep(move=move.name, reason="-" * 9, **asked))
        found.append({"move": move, "against": [one for one in against if one in BEFOREHAND]})
    return found


def _loan(application: LoanApplication) -> dict[str, Any] | None:
    loans = Loan.objects.filter(application=application).select_related("application")
    rows = list(loans.prefetch_related("repayments", "application__steps"))
    return classed(rows, timezone.localdate(now()))[0] if rows else None


def _last(steps: Iterable[LoanStep], name: str) -> LoanStep | None:
    return next((step for step in reversed(list(steps)) if step.move == name), None)
