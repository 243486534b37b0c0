"""Lending: what pages, interfaces and the demo call. Every move goes through `move`.

The library judges (`techflow.credit.lending_checks`); the database holds the same table against
whatever reaches it. The caller runs in a transaction that speaks as the member (`context`).
"""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from techflow.credit.lending_checks import LendingStep, judge_step, state_after
from techflow.credit.lending_moves import FIRM, MOVES
from techflow_service.clock import now
from techflow_service.platform.lending_effects import EFFECTS
from techflow_service.platform.lending_figures import figures, read_figure, rests_on
from techflow_service.platform.models import LoanApplication, LoanStep, Organisation
from techflow_service.platform.refusing import Absent, Refused

PURPOSE_CHARS_MAX = 500
REASON_CHARS_MAX = 2_000
TOKEN_CHARS = (8, 64)
FIRST = ("unknown_move", "state", "role")
"""What is told before any figure is looked up."""


def apply(
    member: Any, *, org_id: int, amount_cny: int, term_months: int, purpose: str, token: str
) -> LoanApplication:
    """A firm asks a bank for a loan.

    Args:
        member: Membership of the firm.
        org_id: The bank.
        amount_cny: Amount, whole yuan.
        term_months: Months.
        purpose: What for.
        token: Chosen by the caller; the same one is acted on once.

    Raises:
        Refused: Not a firm, no such bank, or a figure out of range.
    """
    bank = Organisation.objects.filter(pk=org_id, kind="bank").first()
    said = {"amount_cny": amount_cny, "term_months": term_months}
    terms = {name: read_figure(name, value) for name, value in said.items()}
    purpose = purpose.replace("\0", "").strip()[:PURPOSE_CHARS_MAX]
    found = [] if bank else ["bank"]
    found += [] if purpose else ["purpose"]
    asked = _asked(member, "apply", "", terms, {})
    found += judge_step([], asked)
    if done := _done(member, token, "apply"):
        return done.application
    if found:
        raise Refused(found)
    try:
        with transaction.atomic():
            application = LoanApplication.objects.create(
                firm_id=member.org.firm_id,
                firm_name=member.org.name_zh,
                org=bank,
                purpose=purpose,
                **terms,
            )
            _write(member, application, [], asked, token)
    except IntegrityError:
        return _again(member, token, "apply").application
    return application


def move(
    member: Any,
    application_id: int,
    name: str,
    *,
    token: str,
    reason: str = "",
    terms: Mapping[str, Any] | None = None,
    evidence: Mapping[str, str] | None = None,
) -> LoanStep:
    """Make one move of an application.

    Args:
        member: Who makes it.
        application_id: Of what.
        name: A move of `techflow.credit.lending_moves.MOVES`, not `apply`.
        token: Chosen by the caller; the same one is acted on once.
        reason: Why, in writing.
        terms: Figures the maker gives; facts (limit, arrears, class) are looked up here, whatever
            the caller says of them.
        evidence: Kind of document -> SHA-256 of it.

    Returns:
        The step made; that of the first time, if the token was seen before.

    Raises:
        Absent: No such application, or none that the member may know of.
        Refused: Something stands against it.
    """
    application = find(application_id)
    if done := _done(member, token, name, application_id):
        return done
    past = list(application.steps.order_by("n"))
    made = [told(step) for step in past]
    first = judge_step(made, _asked(member, name, reason, {}, {}))
    if found := [code for code in first if code in FIRST]:
        raise Refused(found)
    given = figures(member, application, name, terms or {})
    papers = {kind: sha for kind, sha in (evidence or {}).items() if kind in MOVES[name].evidence}
    asked = _asked(member, name, reason, given, papers)
    if found := judge_step(made, asked):
        raise Refused(found)
    try:
        with transaction.atomic():
            step = _write(member, application, past, asked, token)
            if effect := EFFECTS.get(name):
                effect(application, step)
    except IntegrityError:
        return _again(member, token, name, application_id)
    return step


def find(application_id: int) -> LoanApplication:
    """An application that the member may know of.

    Raises:
        Absent: There is none.
    """
    found = LoanApplication.objects.filter(pk=application_id).select_related("org").first()
    if found is None:
        raise Absent
    return found


def told(step: LoanStep) -> LendingStep:
    """A row of the history as the library reads it."""
    return LendingStep(
        step.move,
        step.role,
        str(step.person_id),
        timezone.localdate(step.at),
        step.reason,
        step.terms,
        step.evidence,
        step.authority_cny,
    )


def _asked(
    member: Any, name: str, reason: str, terms: Mapping[str, Any], evidence: Mapping[str, str]
) -> LendingStep:
    return LendingStep(
        name,
        member.role,
        str(member.person_id),
        timezone.localdate(now()),
        reason.replace("\0", "").strip()[:REASON_CHARS_MAX],
        terms,
        evidence,
        member.authority_cny,
    )


def _write(
    member: Any, application: LoanApplication, past: list[LoanStep], asked: LendingStep, token: str
) -> LoanStep:
    source = state_after([told(step) for step in past])
    return LoanStep.objects.create(
        application=application,
        firm_id=application.firm_id,
        org_id=application.org_id,
        n=len(past) + 1,
        move=asked.move,
        source=source,
        target=MOVES[asked.move].target or source,
        role=asked.role,
        person_id=member.person_id,
        membership_id=member.pk,
        authority_cny=member.authority_cny,
        token=token,
        reason=asked.reason,
        terms=dict(asked.terms),
        evidence=dict(asked.evidence),
        **({} if member.role == FIRM else rests_on(application, asked, past)),
    )


def _done(member: Any, token: str, name: str, application_id: int | None = None) -> LoanStep | None:
    """The step that this token made; None if it is new."""
    if not TOKEN_CHARS[0] <= len(token) <= TOKEN_CHARS[1] or "\0" in token:
        raise Refused(["token"])
    step = LoanStep.objects.filter(person_id=member.person_id, token=token).first()
    if step and (step.move, step.application_id) != (name, application_id or step.application_id):
        raise Refused(["token"])
    return step


def _again(member: Any, token: str, name: str, application_id: int | None = None) -> LoanStep:
    """Someone was faster: either this very form, or another move."""
    if done := _done(member, token, name, application_id):
        return done
    raise Refused(["moved"])
