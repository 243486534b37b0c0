"""A member's keys of the API: made, seen, revoked."""

from typing import Any

from django import forms
from django.db.models import Q
from django.db.models.functions import Now
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path, reverse

from techflow_service.clock import now
from techflow_service.platform.api.keys import DAYS_MAX, KEYS_MAX, SCOPES, make_key
from techflow_service.platform.models import ApiKey
from techflow_service.platform.pages import failures
from techflow_service.platform.roles import EVERYONE
from techflow_service.platform.routes import GET, POST, Row
from techflow_service.platform.showing import show

SHOWN_MAX = 50
LIVE = Q(revoked_at__isnull=True, expires_at__gt=Now())


class Wanted(forms.Form):
    """What a new key is to be."""

    name = forms.CharField(max_length=80)
    scopes = forms.MultipleChoiceField(choices=[(one, one) for one in SCOPES])
    days = forms.IntegerField(min_value=1, max_value=DAYS_MAX)


def keys(request: Any) -> HttpResponse:
    """The keys of the membership that is worn."""
    return _page(request)


def make(request: Any) -> HttpResponse:
    """Make a key and show it, this once."""
    form = Wanted(request.POST)
    if not form.is_valid() or _mine(request).filter(LIVE).count() >= KEYS_MAX:
        return _page(request, status=422, wrong=True)
    told = form.cleaned_data
    key = make_key(request.membership, told["name"], told["scopes"], told["days"])
    return _page(request, made=key)


def revoke(request: Any, number: int) -> HttpResponse:
    """End a key at once."""
    done = _mine(request).filter(pk=number, revoked_at__isnull=True).update(revoked_at=Now())
    return HttpResponseRedirect(reverse("keys")) if done else failures.absent(request)


def _mine(request: Any) -> Any:
    return ApiKey.objects.filter(membership=request.membership)


def _page(request: Any, status: int = 200, wrong: bool = False, made: str = "") -> HttpResponse:
    return show(
        request,
        "keys.html",
        status=status,
        wrong=wrong,
        made=made,
        rows=_mine(request).order_by("-made_at", "-pk")[:SHOWN_MAX],
        scopes=SCOPES,
        days_max=DAYS_MAX,
        now=now(),
        typed=request.POST,
    )


URLS = [
    path("keys", keys, name="keys"),
    path("keys/make", make, name="key_make"),
    path("keys/<int:number>/revoke", revoke, name="key_revoke"),
]
ROWS = {
    "keys": Row(GET, EVERYONE, "own"),
    "key_make": Row(POST, EVERYONE, "own"),
    "key_revoke": Row(POST, EVERYONE, "own"),
}
PLACES = [(94, "keys", "keys.title")]
