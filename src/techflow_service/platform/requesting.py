"""Consent, the organisation's side: ask a firm. Pages and interfaces call these."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from techflow.basics.identifiers import CHECKERS, NORMALISERS
from techflow_service.platform.asking import Wanted
from techflow_service.platform.consenting import LIVE
from techflow_service.platform.models import Consent, ConsentRequest
from techflow_service.platform.refusing import Absent, Wrong
from techflow_service.platform.roles import PURPOSES, Role


class Asked(Wanted):
    """Which firm, beside parts and end."""

    asked = forms.CharField(max_length=100)
    message = forms.CharField(max_length=500, required=False)

    def clean_asked(self) -> str:
        """Spelled the one way, and judged by its form only: nobody looks whether it exists."""
        asked = NORMALISERS["firm_id"](self.cleaned_data["asked"])
        if CHECKERS["firm_id"](asked):
            raise forms.ValidationError("form")
        return asked


def ask(member: Any, said: Mapping[str, Any]) -> ConsentRequest:
    """Ask a firm. What comes of it is the same whether or not there is such a firm.

    Args:
        member: Whose organisation asks, for the purpose of their role.
        said: `asked` (id or credit code), `parts`, `until_on`, `message`.

    Raises:
        Wrong: One of them cannot be, or a request to this firm is open.
    """
    form = Asked(said)
    if not form.is_valid():
        raise Wrong(form.errors)
    try:
        with transaction.atomic():
            return ConsentRequest.objects.create(
                **form.cleaned_data,
                org_id=member.org_id,
                purpose=purpose_of(member),
                asked_by_id=member.person_id,
            )
    except IntegrityError:
        raise Wrong(["twice"]) from None


def withdraw(member: Any, number: int) -> None:
    """Take one's own request back.

    Args:
        member: Whose organisation asked.
        number: The request.

    Raises:
        Absent: No open request of this organisation.
    """
    mine = ConsentRequest.objects.filter(pk=number, org_id=member.org_id, state="open")
    if not mine.update(state="withdrawn", answered_at=Now()):
        raise Absent


def sent_by(member: Any) -> QuerySet[ConsentRequest]:
    """What the member's organisation asked for, for the purpose of their role."""
    return ConsentRequest.objects.filter(org_id=member.org_id, purpose=purpose_of(member))


def given_to(member: Any) -> QuerySet[Consent]:
    """Consents to the member's organisation that hold, for the purpose of their role."""
    return Consent.objects.filter(LIVE, org_id=member.org_id, purpose=purpose_of(member))


def purpose_of(member: Any) -> str:
    """What the member reads firms for."""
    return PURPOSES[Role(member.role)]
