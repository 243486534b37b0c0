"""The organisation's side of consent: ask a firm, and see what was given until when."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from django.urls import path

from techflow_service.platform import requesting
from techflow_service.platform.asking import back, names_of, page_number, said, today
from techflow_service.platform.refusing import Wrong
from techflow_service.platform.roles import Part
from techflow_service.platform.routes import GET, NAMED_ORGS, POST, Row
from techflow_service.platform.showing import show

PAGE_ROWS = 50


def requests(request: Any) -> HttpResponse:
    """What the organisation asked for and what it was given."""
    return _page(request)


def send(request: Any) -> HttpResponse:
    """Ask a firm."""
    try:
        requesting.ask(request.membership, request.POST)
    except Wrong as error:
        return _page(request, error.codes)
    return back("requests", "sent")


def withdraw(request: Any, number: int) -> HttpResponse:
    """Take one's own request back."""
    requesting.withdraw(request.membership, number)
    return back("requests", "withdrawn")


def _page(request: Any, wrong: Iterable[str] = ()) -> HttpResponse:
    member, number = request.membership, page_number(request)
    given = requesting.given_to(member)
    rows = list(given.order_by("until_at", "pk")[PAGE_ROWS * (number - 1) :][: PAGE_ROWS + 1])
    return show(
        request,
        "requests.html",
        status=422 if wrong else 200,
        wrong=list(wrong),
        said=said(request),
        asked=requesting.sent_by(member).order_by("-pk")[:PAGE_ROWS],
        given=rows[:PAGE_ROWS],
        given_n=given.count(),
        names=names_of(request, [one.firm_id for one in rows[:PAGE_ROWS]]),
        number=number,
        more=len(rows) > PAGE_ROWS,
        purpose=requesting.purpose_of(member),
        every=list(Part),
        today=today(),
        typed=request.POST or request.GET,
        ticked=(request.POST or request.GET).getlist("parts"),
    )


URLS = [
    path("requests", requests, name="requests"),
    path("requests/send", send, name="request_send"),
    path("requests/<int:number>/withdraw", withdraw, name="request_withdraw"),
]
ROWS = {
    "requests": Row(GET, NAMED_ORGS, "own"),
    "request_send": Row(POST, NAMED_ORGS, "own"),
    "request_withdraw": Row(POST, NAMED_ORGS, "own"),
}
PLACES = [(60, "requests", "requests.title")]
