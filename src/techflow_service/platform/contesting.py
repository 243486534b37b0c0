"""Contests of facts: a firm opens one, the operator answers. Pages and interfaces call these."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from techflow.flow.contesting import answer_due_on
from techflow_service.platform.asking import Reasoned, names_of, own_firm, today
from techflow_service.platform.facts import MISSING, Fact, facts_of
from techflow_service.platform.models import Contest, Sheet
from techflow_service.platform.reading import note, run_at
from techflow_service.platform.refusing import Absent, Wrong
from techflow_service.platform.roles import Part, Role

ANSWERS = ("corrected", "upheld", "unconfirmed")


class Claim(Reasoned):
    """What is right instead, and why."""

    claimed_value = forms.CharField(max_length=500)


class Answer(Reasoned):
    """What became of it, and why."""

    state = forms.ChoiceField(choices=[(one, one) for one in ANSWERS])


def contest(member: Any, said: Mapping[str, Any]) -> Contest:
    """Contest one fact. The old value is what is on the sheet, not what a caller says.

    Args:
        member: Membership of the firm.
        said: `part`, `item`, `claimed_value`, `reason`.

    Raises:
        Wrong: One of them cannot be, or a contest of this fact is open.
    """
    firm_id, part, item = own_firm(member), said.get("part"), said.get("item")
    form = Claim(said)
    old = {MISSING: ""} | {fact.item: fact.value for fact in facts(firm_id, part)}
    wrong = [*form.errors, *(["item"] if item not in old or part not in list(Part) else [])]
    same = Contest.objects.filter(firm_id=firm_id, part=part, item=item, state="open")
    if not wrong and item != MISSING and same.exists():
        wrong = ["contest_twice"]
    if wrong:
        raise Wrong(wrong)
    return Contest.objects.create(
        firm_id=firm_id,
        part=part,
        item=item,
        old_value=old[str(item)],
        claimed_value=form.cleaned_data["claimed_value"],
        reason=form.cleaned_data["reason"],
        opened_by=member.person,
        opened_at=Now(),
        due_on=answer_due_on(today()),
    )


def withdraw(member: Any, number: int) -> None:
    """Take one's own contest back.

    Args:
        member: Membership of the firm.
        number: The contest.

    Raises:
        Absent: No open contest of this firm.
    """
    mine = Contest.objects.filter(pk=number, firm_id=own_firm(member), state="open")
    if not mine.update(state="withdrawn"):
        raise Absent


def answer(member: Any, number: int, said: Mapping[str, Any]) -> None:
    """Say what became of a contest, with reasons. The old value stays on record.

    Args:
        member: Membership of the operator.
        number: The contest.
        said: `state`, one of `ANSWERS`, and `reason`.

    Raises:
        Wrong: One of them cannot be.
        Absent: No open contest.
    """
    form = Answer(said)
    if not form.is_valid():
        raise Wrong(form.errors)
    done = Contest.objects.filter(pk=number, state="open").update(
        state=form.cleaned_data["state"],
        answer=form.cleaned_data["reason"],
        answered_by=member,
        answered_at=Now(),
    )
    if not done:
        raise Absent


def contests_of(member: Any) -> QuerySet[Contest]:
    """A firm's own contests; all of them for the operator. `closed` tells those that are over."""
    mine = {} if Role(member.role) is Role.OPERATOR else {"firm_id": own_firm(member)}
    return Contest.objects.filter(**mine).annotate(closed=~Q(state="open"))


def read(request: Any, rows: Iterable[Contest]) -> dict[str, str]:
    """Record that contests were read, and give the names of their firms."""
    found = list(rows)
    for one in found:
        note(request, [one.firm_id], [Part(one.part)])
    return names_of(request, [one.firm_id for one in found])


def facts(firm_id: str, part: str | None) -> Iterable[Fact]:
    """Facts of the newest sheet of one part: what can be contested."""
    run = run_at(None)
    sheet = Sheet.objects.filter(run=run, firm_id=firm_id, part=part).first() if run else None
    return facts_of(sheet.body) if sheet else ()
