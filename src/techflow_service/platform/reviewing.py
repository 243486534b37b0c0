"""Review by a person of what a machine refused. Pages and interfaces call these."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from techflow.flow.contesting import refusals
from techflow_service.platform.asking import Reasoned, names_of, own_firm
from techflow_service.platform.consenting import LIVE
from techflow_service.platform.models import Consent, Organisation, Review, Run, Sheet
from techflow_service.platform.reading import note, run_at
from techflow_service.platform.refusing import Absent, Wrong
from techflow_service.platform.roles import Part, Role

OUTCOMES = ("changed", "upheld")
TOLD = (
    *("verdict", "grade", "pd", "limit_lcy", "limit_reason_code", "as_of", "missing_zh"),
    *("missing_en", "reason_1_zh", "reason_1_en", "reason_2_zh", "reason_2_en"),
    *("reason_3_zh", "reason_3_en"),
)
"""What is kept of the assessment that refused."""


class Asked(Reasoned):
    """Which bank is asked to look at which refusal, and why."""

    org = forms.ChoiceField()
    refused = forms.ChoiceField()

    def __init__(self, banks: Iterable[Organisation], refused: Iterable[str], *told: Any) -> None:
        super().__init__(*told)
        self.fields["org"].choices = [(str(org.pk), "") for org in banks]
        self.fields["refused"].choices = [(one, "") for one in refused]


class Outcome(Reasoned):
    """What the person decided, and why."""

    state = forms.ChoiceField(choices=[(one, one) for one in OUTCOMES])


def ask(member: Any, said: Mapping[str, Any]) -> Review:
    """Ask a bank that may read the firm. What the machine said is kept as it was.

    Args:
        member: Membership of the firm.
        said: `org` (the bank), `refused` (what was refused), `reason`.

    Raises:
        Wrong: One of them cannot be, or this bank is asked already.
    """
    firm_id = own_firm(member)
    run, told = assessment(firm_id)
    form = Asked(banks(firm_id), refusals(told) if told else (), said)
    if not form.is_valid():
        raise Wrong(form.errors)
    wish = form.cleaned_data
    try:
        with transaction.atomic():
            return Review.objects.create(
                firm_id=firm_id,
                org_id=int(wish["org"]),
                run=run,
                refused=wish["refused"],
                told=told,
                reason=wish["reason"],
                opened_by=member.person,
            )
    except IntegrityError:
        raise Wrong(["review_twice"]) from None


def withdraw(member: Any, number: int) -> None:
    """Take one's own review back.

    Args:
        member: Membership of the firm.
        number: The review.

    Raises:
        Absent: No open review of this firm.
    """
    mine = Review.objects.filter(pk=number, firm_id=own_firm(member), state="open")
    if not mine.update(state="withdrawn", decided_at=Now()):
        raise Absent


def decide(member: Any, number: int, said: Mapping[str, Any]) -> None:
    """A person's decision, with reasons.

    Args:
        member: The head of a branch of the bank that was asked.
        number: The review.
        said: `state`, one of `OUTCOMES`, and `reason`.

    Raises:
        Wrong: One of them cannot be.
        Absent: No open review of this bank.
    """
    form = Outcome(said)
    if not form.is_valid():
        raise Wrong(form.errors)
    mine = Review.objects.filter(pk=number, org_id=member.org_id, state="open")
    done = mine.update(
        state=form.cleaned_data["state"],
        outcome=form.cleaned_data["reason"],
        decided_by=member,
        decided_at=Now(),
    )
    if not done:
        raise Absent


def reviews_of(member: Any) -> QuerySet[Review]:
    """A firm's own reviews; for the head of a branch those of the bank. `closed`: those over."""
    head = Role(member.role) is Role.BRANCH_HEAD
    whose = {"org_id": member.org_id} if head else {"firm_id": own_firm(member)}
    mine = Review.objects.filter(**whose).select_related("org", "decided_by__person")
    return mine.annotate(closed=~Q(state="open"))


def read(request: Any, rows: Iterable[Review]) -> dict[str, str]:
    """Record that reviews were read, and give the names of their firms."""
    firm_ids = [one.firm_id for one in rows]
    note(request, set(firm_ids), [Part.GRADE])
    return names_of(request, firm_ids)


def banks(firm_id: str) -> list[Organisation]:
    """Organisations that may lend to the firm by its own consent."""
    given = Consent.objects.filter(LIVE, firm_id=firm_id, purpose="credit")
    return list(Organisation.objects.filter(pk__in=given.values("org_id")).order_by("pk"))


def assessment(firm_id: str) -> tuple[Run | None, Mapping[str, Any]]:
    """The newest run, and what is kept of its row on a firm; empty if it has none."""
    run = run_at(None)
    sheet = Sheet.objects.filter(run=run, firm_id=firm_id, part=Part.GRADE).first()
    rows = sheet.body.get("assessment") if sheet else None
    return run, {name: rows[0].get(name) for name in TOLD} if rows else {}
