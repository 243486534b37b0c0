"""The firm's side of consent: grant, see, revoke in one click, answer requests."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from django.urls import path

from techflow_service.platform import consenting
from techflow_service.platform.asking import back, said, today
from techflow_service.platform.consenting import LIVE
from techflow_service.platform.pages import failures
from techflow_service.platform.refusing import Wrong
from techflow_service.platform.roles import Part
from techflow_service.platform.routes import FIRM, GET, POST, Row
from techflow_service.platform.showing import show

ENDED_SHOWN = 100


def consents(request: Any) -> HttpResponse:
    """Everything that the firm lets others read, and what they ask for."""
    return _page(request)


def grant(request: Any) -> HttpResponse:
    """Let an organisation read."""
    try:
        consenting.grant(request.membership, request.POST)
    except Wrong as error:
        return _page(request, error.codes)
    return back("consents", "granted")


def revoke(request: Any, number: int) -> HttpResponse:
    """Take a consent back: one click."""
    done = consenting.revoke(request.membership, number)
    return back("consents", "revoked") if done else failures.forbidden(request)


def accept(request: Any, number: int) -> HttpResponse:
    """Grant just what was asked for."""
    try:
        consenting.accept(request.membership, number, request.POST.get("text"))
    except Wrong as error:
        return _page(request, error.codes)
    return back("consents", "accepted")


def decline(request: Any, number: int) -> HttpResponse:
    """Say no; the organisation learns it."""
    consenting.decline(request.membership, number)
    return back("consents", "declined")


def _page(request: Any, wrong: Iterable[str] = ()) -> HttpResponse:
    member = request.membership
    given = consenting.given_by(member)
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
        asked=consenting.open_requests(member).select_related("org").order_by("pk"),
        pairs=consenting.pairs(),
        text=consenting.newest_text(),
        every=list(Part),
        today=today(),
        typed=request.POST,
        ticked=request.POST.getlist("parts"),
    )


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
