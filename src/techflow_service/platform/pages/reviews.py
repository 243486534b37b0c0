"""Review by a person: a firm that a machine refused asks, the head of the bank's branch decides."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.http import HttpResponse
from django.urls import path

from techflow.flow.contesting import refusals
from techflow.schema.assessment import LIMIT_REASONS
from techflow_service.platform import reviewing
from techflow_service.platform.asking import back, own_firm, page_number, said
from techflow_service.platform.refusing import Wrong
from techflow_service.platform.reviewing import OUTCOMES
from techflow_service.platform.roles import Role
from techflow_service.platform.routes import FIRM, GET, POST, Row
from techflow_service.platform.showing import show
from techflow_service.platform.speaking import language_of

HEAD = frozenset({Role.BRANCH_HEAD})
PAGE_ROWS = 50


def reviews(request: Any) -> HttpResponse:
    """A firm's own reviews; for the head of a branch those that wait."""
    return _page(request)


def start(request: Any) -> HttpResponse:
    """Ask a bank that may read the firm."""
    try:
        reviewing.ask(request.membership, request.POST)
    except Wrong as error:
        return _page(request, error.codes)
    return back("reviews", "opened")


def withdraw(request: Any, number: int) -> HttpResponse:
    """Take one's own review back."""
    reviewing.withdraw(request.membership, number)
    return back("reviews", "withdrawn")


def decide(request: Any, number: int) -> HttpResponse:
    """A person's decision, with reasons."""
    try:
        reviewing.decide(request.membership, number, request.POST)
    except Wrong as error:
        return _page(request, error.codes)
    return back("reviews", "answered")


def _page(request: Any, wrong: Iterable[str] = ()) -> HttpResponse:
    member, number = request.membership, page_number(request)
    head = Role(member.role) is Role.BRANCH_HEAD
    # The open ones first, the oldest of them on top.
    found = reviewing.reviews_of(member).order_by("closed", "pk")
    rows = list(found[PAGE_ROWS * (number - 1) :][: PAGE_ROWS + 1])
    told = None if head else reviewing.assessment(own_firm(member))[1]
    return show(
        request,
        "reviews.html",
        status=422 if wrong else 200,
        wrong=list(wrong),
        said=said(request),
        head=head,
        rows=rows[:PAGE_ROWS],
        more=len(rows) > PAGE_ROWS,
        number=number,
        names=reviewing.read(request, rows[:PAGE_ROWS]),
        told=told,
        refused=refusals(told) if told else (),
        banks=[] if head else reviewing.banks(own_firm(member)),
        outcomes=OUTCOMES,
        limit_words=partial(limit_words, language_of(request)),
        typed=request.POST,
    )


def limit_words(language: str, code: str) -> str:
    """Why a limit is what it is."""
    zh, en = LIMIT_REASONS[code]
    return zh if language == "zh" else en


URLS = [
    path("reviews", reviews, name="reviews"),
    path("reviews/open", start, name="review_open"),
    path("reviews/<int:number>/withdraw", withdraw, name="review_withdraw"),
    path("reviews/<int:number>/decide", decide, name="review_decide"),
]
ROWS = {
    "reviews": Row(GET, FIRM | HEAD, "own"),
    "review_open": Row(POST, FIRM, "own"),
    "review_withdraw": Row(POST, FIRM, "own"),
    "review_decide": Row(POST, HEAD, "own"),
}
PLACES = [(66, "reviews", "reviews.title")]
