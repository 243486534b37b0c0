"""What a move brings about besides its step: the loan, a repayment, what the books are told."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date

from django.utils import timezone

from techflow.basics.canonical import canonical_json
from techflow_service.ledger import Request
from techflow_service.platform.models import (
    Loan,
    LoanApplication,
    LoanPosting,
    LoanRepayment,
    LoanStep,
)

BOOKED: Mapping[str, tuple[str, str]] = {
    "file": ("file", "filed"),
    "settle": ("move", "settled"),
    "default": ("move", "non_performing"),
    "cure": ("move", "admitted"),
    "claim": ("move", "claimed"),
}
"""Moves that the pool's books are told -> route and state there."""


def _lend(application: LoanApplication, step: LoanStep) -> None:
    steps = list(application.steps.order_by("n"))
    offer = next(one for one in reversed(steps) if one.move == "propose")
    judged = next(one for one in reversed(steps) if one.move == "assess")
    Loan.objects.create(
        application=application,
        step=step,
        firm_id=step.firm_id,
        org_id=step.org_id,
        amount_fen=100 * offer.terms["amount_cny"],
        rate_pa=f"{offer.terms['rate_pa']:.6f}",
        start_on=date.fromisoformat(step.terms["start_on"]),
        term_months=offer.terms["term_months"],
        pd_at_origination=judged.terms.get("pd"),
    )


def _receive(application: LoanApplication, step: LoanStep) -> None:
    LoanRepayment.objects.create(
        loan=application.loan,
        step=step,
        firm_id=step.firm_id,
        org_id=step.org_id,
        paid_on=date.fromisoformat(step.terms["paid_on"]),
        amount_fen=step.terms["amount_fen"],
    )


def _book(application: LoanApplication, step: LoanStep) -> None:
    filed = application.steps.filter(move="file").first()
    if filed is None:
        return
    request = asdict(request_of(application, step, filed.terms["pool_id"]))
    request["on"] = request["on"].isoformat()
    LoanPosting.objects.create(step=step, firm_id=step.firm_id, org_id=step.org_id, request=request)


def request_of(application: LoanApplication, step: LoanStep, pool_id: str) -> Request:
    """What the books of a pool are asked for a move.

    Args:
        application: Of what.
        step: The move made.
        pool_id: The pool that the loan is filed in.

    Raises:
        InvalidInput: The books could not read it.
    """
    route, state = BOOKED[step.move]
    papers = step.evidence
    if step.move == "claim":
        papers = application.steps.filter(move="prepare_claim").last().evidence
    loan_id = f"loan-{application.pk}"
    subjects = {"firm_id": step.firm_id, "bank_id": f"org-{step.org_id}", "loan_id": loan_id}
    return Request(
        key=f"{loan_id}-step-{step.n}",
        pool_id=pool_id,
        route=route,
        actor=f"person-{step.person_id}",
        evidence_hash=hashlib.sha256(canonical_json(papers).encode()).hexdigest(),
        rule_version=step.rule_version,
        on=timezone.localdate(step.at),
        claim_id=loan_id,
        state=state,
        detail=subjects if route == "file" else {},
        role="lender",
        evidence=papers,
    )


EFFECTS: Mapping[str, Callable[[LoanApplication, LoanStep], None]] = {
    "lend": _lend,
    "receive": _receive,
    **dict.fromkeys(BOOKED, _book),
}
