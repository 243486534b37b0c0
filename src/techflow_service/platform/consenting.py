"""Consent, the firm's side: grant, revoke, answer requests. Pages and interfaces call these."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from techflow_service.platform.asking import Wanted, end_of, own_firm, today
from techflow_service.platform.models import (
    Consent,
    ConsentRequest,
    ConsentText,
    Firm,
    Membership,
    Organisation,
)
from techflow_service.platform.refusing import Absent, Wrong
from techflow_service.platform.roles import CONSENT_PURPOSES, PURPOSES, Role

LIVE = Q(revoked_at__isnull=True, until_at__gt=Now())


class Grant(Wanted):
    """To whom and what for, beside parts and end."""

    whom = forms.ChoiceField()

    def __init__(self, *told: Any, pairs: Iterable[tuple[Any, str]] = ()) -> None:
        super().__init__(*told)
        words = [f"{org.pk}:{purpose}" for org, purpose in pairs]
        self.fields["whom"].choices = [(word, word) for word in words]


def grant(member: Any, said: Mapping[str, Any]) -> Consent:
    """Let an organisation read; what it could read before for this purpose is replaced.

    Args:
        member: Membership of the firm.
        said: `whom` (organisation and purpose, `3:credit`), `parts`, `until_on` and `text`, the
            version that was read.

    Raises:
        Wrong: One of them cannot be.
    """
    form = Grant(said, pairs=pairs())
    if not form.is_valid():
        raise Wrong(form.errors)
    text, wish = _agreed(said.get("text")), form.cleaned_data
    org_id, purpose = wish["whom"].split(":")
    return _give(member, (int(org_id), purpose), wish["parts"], wish["until_on"], text)


def revoke(member: Any, number: int) -> bool:
    """Take a consent back: as easy as giving it.

    Args:
        member: Membership of the firm.
        number: The consent.

    Returns:
        False if reading rests on law: that is not the firm's to end.

    Raises:
        Absent: None of this firm.
    """
    found = Consent.objects.filter(pk=number, firm_id=own_firm(member)).first()
    if found is None:
        raise Absent
    if not found.basis:
        Consent.objects.filter(LIVE, pk=number).update(revoked_at=Now())
    return not found.basis


def accept(member: Any, number: int, version: str | None) -> Consent:
    """Grant just what was asked for.

    Args:
        member: Membership of the firm.
        number: The request.
        version: Of the text that was read.

    Raises:
        Absent: No open request to this firm.
        Wrong: The text has changed, or the time asked for is over.
    """
    asked = open_requests(member).filter(pk=number).first()
    if asked is None:
        raise Absent
    text = _agreed(version)
    if asked.until_on < today():
        raise Wrong(["lapsed"])
    given = _give(member, (asked.org_id, asked.purpose), asked.parts, asked.until_on, text)
    open_requests(member).filter(pk=number).update(
        state="accepted", answered_at=Now(), consent=given
    )
    return given


def decline(member: Any, number: int) -> None:
    """Say no; the organisation learns it.

    Args:
        member: Membership of the firm.
        number: The request.

    Raises:
        Absent: No open request to this firm.
    """
    done = open_requests(member).filter(pk=number).update(state="declined", answered_at=Now())
    if not done:
        raise Absent


def given_by(member: Any) -> QuerySet[Consent]:
    """Every consent of the member's firm, ended ones too."""
    return Consent.objects.filter(firm_id=own_firm(member)).select_related("org")


def open_requests(member: Any) -> QuerySet[ConsentRequest]:
    """Open requests that name the member's firm by its id or its credit code."""
    firm_id = own_firm(member)
    codes = Firm.objects.filter(firm_id=firm_id).exclude(uscc="").values_list("uscc", flat=True)
    mine = [firm_id, *(f"cn.uscc:{code}" for code in codes)]
    return ConsentRequest.objects.filter(asked__in=mine, state="open")


def newest_text() -> ConsentText | None:
    """The newest words of consent that are in force."""
    inforce = ConsentText.objects.filter(since_on__lte=today())
    return inforce.order_by("since_on", "version").last()


def pairs() -> list[tuple[Organisation, str]]:
    """Organisations with the purposes that their members read for."""
    seats = Membership.objects.filter(ended_at__isnull=True).exclude(role=Role.FIRM)
    held = set(seats.values_list("org_id", "role"))
    orgs = Organisation.objects.in_bulk({org_id for org_id, _ in held})
    found = {(org_id, PURPOSES.get(Role(role), "")) for org_id, role in held}
    made = [(orgs[org_id], what) for org_id, what in found if what in CONSENT_PURPOSES]
    return sorted(made, key=lambda pair: (pair[0].kind, pair[0].pk, pair[1]))


def _agreed(version: str | None) -> ConsentText:
    text = newest_text()
    if text is None or version != text.version:
        raise Wrong(["text"])
    return text


def _give(
    member: Any, whom: tuple[int, str], parts: list[str], until_on: date, text: ConsentText
) -> Consent:
    (org_id, purpose), firm_id = whom, own_firm(member)
    _one_at_a_time(firm_id)
    earlier = Consent.objects.filter(LIVE, firm_id=firm_id, org_id=org_id, purpose=purpose)
    earlier.filter(basis="").update(revoked_at=Now())
    return Consent.objects.create(
        firm_id=firm_id,
        org_id=org_id,
        purpose=purpose,
        parts=parts,
        text=text,
        granted_by=member.person,
        since_at=Now(),
        until_at=end_of(until_on),
    )


def _one_at_a_time(firm_id: str) -> None:
    """Two grants at once would not see each other, and both would hold: the later waits."""
    with connection.cursor() as cursor:
        words = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
        cursor.execute(words, [f"consents of {firm_id}"])
