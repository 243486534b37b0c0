"""What consents, requests, contests and reviews share."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from techflow_service.clock import now
from techflow_service.platform.models import Firm
from techflow_service.platform.models.consents import PARTS
from techflow_service.platform.reading import note
from techflow_service.platform.roles import Part

DAYS_MAX = 5 * 366
"""A proposal: no consent runs for longer; no law sets a length."""
SAID = frozenset({
    *("granted", "revoked", "accepted", "declined", "sent", "withdrawn"),
    *("opened", "answered"),
})  # fmt: skip


class Wanted(forms.Form):
    """Parts, and the last day: what a grant and a request both name."""

    parts = forms.MultipleChoiceField(choices=PARTS)
    until_on = forms.DateField(input_formats=["%Y-%m-%d"])

    def clean_until_on(self) -> date:
        """Not past, and not for ever."""
        until_on: date = self.cleaned_data["until_on"]
        if not today() <= until_on <= today() + timedelta(days=DAYS_MAX):
            raise forms.ValidationError("range")
        return until_on


class Reasoned(forms.Form):
    """Words of the person who asks or answers."""

    reason = forms.CharField(max_length=2_000)


def today() -> date:
    """The day in the platform's time zone."""
    return timezone.localdate(now())


def end_of(day: date) -> datetime:
    """The moment when a day is over, in the platform's time zone."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))


def own_firm(member: Any) -> str:
    """The firm that a member speaks for; never what a form says."""
    return str(member.org.firm_id)


def back(route: str, word: str) -> HttpResponseRedirect:
    """To a page that says what was done."""
    return HttpResponseRedirect(f"{reverse(route)}?said={word}")


def said(request: Any) -> str | None:
    """What was just done, if the address says it in a word that we know."""
    word = request.GET.get("said")
    return word if word in SAID else None


def names_of(request: Any, firm_ids: Iterable[str]) -> dict[str, str]:
    """Names of those firms whose identity the member may read, recorded."""
    found = dict(Firm.objects.filter(firm_id__in=set(firm_ids)).values_list("firm_id", "name"))
    note(request, found, [Part.IDENTITY])
    return found


def page_number(request: Any) -> int:
    """The page that the address names; the first, if it names none or nonsense."""
    word = request.GET.get("page", "")
    return max(1, int(word)) if word.isascii() and word.isdecimal() and len(word) < 6 else 1
