"""The firm's side of consent: grant, see, revoke in one click, answer requests."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpResponse
from django.urls import path

from techflow_service.platform.asking import Wanted, back, end_of, own_firm, said, today
from techflow_service.platform.models import (
    Consent,
    ConsentRequest,
    ConsentText,
    Firm,
    Membership,
    Organisation,
)
from techflow_service.platform.pages import failures
from techflow_service.platform.roles import CONSENT_PURPOSES, PURPOSES, Part, Role
from techflow_service.platform.routes import FIRM, GET, POST, Row
from techflow_service.platform.showing import show

LIVE = Q(revoked_at__isnull=True, until_at__gt=Now())
ENDED_SHOWN = 100


class Grant(Wanted):
    """To whom and what for, beside parts and end."""

    whom = forms.ChoiceField()

    def __init__(self, *told: Any, pairs: Iterable[tuple[Any, str]] = ()) -> None:
        super().__init__(*told)
        words = [f"{org.pk}:{purpose}" for org, purpose in pairs]
        self.fields["whom"].choices = [(word, word) for word in words]


def consents(request: Any) -> HttpResponse:
    """Everything that the firm lets others read, and what they ask for."""
    return _page(request)


def grant(request: Any) -> HttpResponse:
    """Let an organisation read; what it could read before for this purpose is replaced."""
    form = Grant(request.POST, pairs=_pairs())
    if not form.is_valid():
        return _page(request, wrong=form.errors)
    text = _text()
    if text is None or request.POST.get("text") != text.version:
        return _page(request, wrong=["text"])
    wish = form.cleaned_data
    org_id, purpose = wish["whom"].split(":")
    _give(request, (int(org_id), purpose), wish["parts"], wish["until_on"], text)
    return back("consents", "granted")


def revoke(request: Any, number: int) -> HttpResponse:
    """Take a consent back: one click, as easy as giving it."""
    found = Consent.objects.filter(pk=number, firm_id=own_firm(request)).first()
    if found is None:
        return failures.absent(request)
    if found.basis:
        return failures.forbidden(request)
    Consent.objects.filter(LIVE, pk=number).update(revoked_at=Now())
    return back("consents", "revoked")


def accept(request: Any, number: int) -> HttpResponse:
    """Grant just what was asked for."""
    asked, text = _asked(request).filter(pk=number).first(), _text()
    if asked is None:
        return failures.absent(request)
    if text is None or request.POST.get("text") != text.version:
        return _page(request, wrong=["text"])
    if asked.until_on < today():
        return _page(request, wrong=["lapsed"])
    given = _give(request, (asked.org_id, asked.purpose), asked.parts, asked.until_on, text)
    _asked(request).filter(pk=number).update(state="accepted", answered_at=Now(), consent=given)
    return back("consents", "accepted")


def decline(request: Any, number: int) -> HttpResponse:
    """Say no; the organisation learns it."""
    done = _asked(request).filter(pk=number).update(state="declined", answered_at=Now())
    return back("consents", "declined") if done else failures.absent(request)


def _give(
    request: Any, whom: tuple[int, str], parts: list[str], until_on: date, text: ConsentText
) -> Consent:
    (org_id, purpose), firm_id = whom, own_firm(request)
    earlier = Consent.objects.filter(LIVE, firm_id=firm_id, org_id=org_id, purpose=purpose)
    earlier.filter(basis="").update(revoked_at=Now())
    return Consent.objects.create(
        firm_id=firm_id,
        org_id=org_id,
        purpose=purpose,
        parts=parts,
        text=text,
        granted_by=request.membership.person,
        since_at=Now(),
        until_at=end_of(until_on),
    )


def _page(request: Any, wrong: Iterable[str] = ()) -> HttpResponse:
    given = Consent.objects.filter(firm_id=own_firm(request)).select_related("org")
    ended = list(given.exclude(LIVE).order_by("-since_at", "-pk")[: ENDED_SHOWN + 1])
    return show(
        request,
        "consents.html",
        status=422 if wrong else 200,
        wrong=list(wrong),
        said=said(request),
        live=given.filter(LIVE).order_by("until_at", "pk"),
        ended=ended[:ENDED_SHOWN],
        ended_shown=ENDED_SHOWN if len(ended) > ENDED_SHOWN else None,
        asked=_asked(request).select_related("org").order_by("pk"),
        pairs=_pairs(),
        text=_text(),
        every=list(Part),
        today=today(),
        typed=request.POST,
        ticked=request.POST.getlist("parts"),
    )


def _asked(request: Any) -> QuerySet[ConsentRequest]:
    """Open requests that name this firm by its id or its credit code."""
    firm_id = own_firm(request)
    codes = Firm.objects.filter(firm_id=firm_id).exclude(uscc="").values_list("uscc", flat=True)
    mine = [firm_id, *(f"cn.uscc:{code}" for code in codes)]
    return ConsentRequest.objects.filter(asked__in=mine, state="open")


def _text() -> ConsentText | None:
    """The newest words of consent."""
    inforce = ConsentText.objects.filter(since_on__lte=today())
    return inforce.order_by("since_on", "version").last()


def _pairs() -> list[tuple[Organisation, str]]:
    """Organisations with the purposes that their members read for."""
    seats = Membership.objects.filter(ended_at__isnull=True).exclude(role=Role.FIRM)
    held = set(seats.values_list("org_id", "role"))
    orgs = Organisation.objects.in_bulk({org_id for org_id, _ in held})
    found = {(org_id, PURPOSES.get(Role(role), "")) for org_id, role in held}
    pairs = [(orgs[org_id], what) for org_id, what in found if what in CONSENT_PURPOSES]
    return sorted(pairs, key=lambda pair: (pair[0].kind, pair[0].pk, pair[1]))


URLS = [
    path("consents", consents, name="consents"),
    path("consents/grant", grant, name="consent_grant"),
    path("consents/<int:number>/revoke", revoke, name="consent_revoke"),
    path("consents/requests/<int:number>/accept", accept, name="request_accept"),
    path("consents/requests/<int:number>/decline", decline, name="request_decline"),
]
ROWS = {
    "consents": Row(GET, FIRM, "own"),
    "consent_grant": Row(POST, FIRM, "own"),
    "consent_revoke": Row(POST, FIRM, "own"),
    "request_accept": Row(POST, FIRM, "own"),
    "request_decline": Row(POST, FIRM, "own"),
}
PLACES = [(60, "consents", "consents.title")]
