"""Contests: a firm says that a fact is wrong, the operator answers within the days of the law."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.http import HttpResponse
from django.urls import path

from techflow.flow.contesting import ANSWER_DAYS
from techflow_service.platform import contesting
from techflow_service.platform.asking import back, own_firm, page_number, said, today
from techflow_service.platform.contesting import ANSWERS
from techflow_service.platform.facts import MISSING, shown, words_of
from techflow_service.platform.refusing import Wrong
from techflow_service.platform.roles import Part, Role
from techflow_service.platform.routes import FIRM, GET, POST, Row
from techflow_service.platform.showing import DASH, Speaker, show
from techflow_service.platform.speaking import language_of

OPERATOR = frozenset({Role.OPERATOR})
PAGE_ROWS = 50


def contests(request: Any) -> HttpResponse:
    """A firm's own contests; all of them for the operator, those due first."""
    return _page(request)


def start(request: Any) -> HttpResponse:
    """Contest one fact."""
    try:
        contesting.contest(request.membership, request.POST)
    except Wrong as error:
        return _page(request, error.codes)
    return back("contests", "opened")


def withdraw(request: Any, number: int) -> HttpResponse:
    """Take one's own contest back."""
    contesting.withdraw(request.membership, number)
    return back("contests", "withdrawn")


def answer(request: Any, number: int) -> HttpResponse:
    """Say what became of a contest, with reasons."""
    try:
        contesting.answer(request.membership, number, request.POST)
    except Wrong as error:
        return _page(request, error.codes)
    return back("contests", "answered")


def _page(request: Any, wrong: Iterable[str] = ()) -> HttpResponse:
    member, number = request.membership, page_number(request)
    operator = Role(member.role) is Role.OPERATOR
    part = request.POST.get("part") or request.GET.get("part")
    # The open ones first, by the day they are due; then the answered.
    found = contesting.contests_of(member).order_by("closed", "due_on", "pk")
    rows = list(found[PAGE_ROWS * (number - 1) :][: PAGE_ROWS + 1])
    return show(
        request,
        "contests.html",
        status=422 if wrong else 200,
        wrong=list(wrong),
        said=said(request),
        operator=operator,
        rows=rows[:PAGE_ROWS],
        more=len(rows) > PAGE_ROWS,
        number=number,
        names=contesting.read(request, rows[:PAGE_ROWS]),
        every=list(Part),
        part=part,
        facts=[] if operator else list(contesting.facts(own_firm(member), part)),
        missing=MISSING,
        item_of=partial(item_words, language_of(request)),
        value_of=partial(_value, language_of(request)),
        answers=ANSWERS,
        days=ANSWER_DAYS,
        today=today(),
        typed=request.POST,
    )


def item_words(language: str, item: str) -> str:
    """What a contested fact is called, or that one is left out."""
    speak = Speaker(language)
    return speak("contests.missing") if item == MISSING else words_of(item, language)


def _value(language: str, item: str, value: str) -> str:
    return shown(item, value, language) if value and item != MISSING else DASH


URLS = [
    path("contests", contests, name="contests"),
    path("contests/open", start, name="contest_open"),
    path("contests/<int:number>/withdraw", withdraw, name="contest_withdraw"),
    path("contests/<int:number>/answer", answer, name="contest_answer"),
]
ROWS = {
    "contests": Row(GET, FIRM | OPERATOR, "own"),
    "contest_open": Row(POST, FIRM, "own"),
    "contest_withdraw": Row(POST, FIRM, "own"),
    "contest_answer": Row(POST, OPERATOR, "own"),
}
PLACES = [(64, "contests", "contests.title")]
