"""Contests: a firm says that a fact is wrong, the operator answers within the days of the law."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpResponse
from django.urls import path

from techflow.flow.contesting import ANSWER_DAYS, answer_due_on
from techflow_service.platform.asking import (
    Reasoned,
    back,
    names_of,
    own_firm,
    page_number,
    said,
    today,
)
from techflow_service.platform.facts import MISSING, Fact, facts_of, shown, words_of
from techflow_service.platform.models import Contest, Sheet
from techflow_service.platform.pages import failures
from techflow_service.platform.reading import note, run_at
from techflow_service.platform.roles import Part, Role
from techflow_service.platform.routes import FIRM, GET, POST, Row
from techflow_service.platform.showing import DASH, Speaker, show
from techflow_service.platform.speaking import language_of

OPERATOR = frozenset({Role.OPERATOR})
PAGE_ROWS = 50
ANSWERS = ("corrected", "upheld", "unconfirmed")


class Claim(Reasoned):
    """What is right instead, and why."""

    claimed_value = forms.CharField(max_length=500)


class Answer(Reasoned):
    """What became of it, and why."""

    state = forms.ChoiceField(choices=[(one, one) for one in ANSWERS])


def contests(request: Any) -> HttpResponse:
    """A firm's own contests; all of them for the operator, those due first."""
    return _page(request)


def start(request: Any) -> HttpResponse:
    """Contest one fact. The old value is what is on the sheet, not what a form says."""
    firm_id, part, item = own_firm(request), request.POST.get("part"), request.POST.get("item")
    form = Claim(request.POST)
    old = {MISSING: ""} | {fact.item: fact.value for fact in _facts(firm_id, part)}
    wrong = [*form.errors, *(["item"] if item not in old or part not in list(Part) else [])]
    same = Contest.objects.filter(firm_id=firm_id, part=part, item=item, state="open")
    if not wrong and item != MISSING and same.exists():
        wrong = ["contest_twice"]
    if wrong:
        return _page(request, wrong)
    Contest.objects.create(
        firm_id=firm_id,
        part=part,
        item=item,
        old_value=old[item],
        claimed_value=form.cleaned_data["claimed_value"],
        reason=form.cleaned_data["reason"],
        opened_by=request.membership.person,
        opened_at=Now(),
        due_on=answer_due_on(today()),
    )
    return back("contests", "opened")


def withdraw(request: Any, number: int) -> HttpResponse:
    """Take one's own contest back."""
    mine = Contest.objects.filter(pk=number, firm_id=own_firm(request), state="open")
    return back("contests", "withdrawn") if mine.update(state="withdrawn") else _absent(request)


def answer(request: Any, number: int) -> HttpResponse:
    """Say what became of a contest, with reasons. The old value stays on record."""
    form = Answer(request.POST)
    if not form.is_valid():
        return _page(request, form.errors)
    done = Contest.objects.filter(pk=number, state="open").update(
        state=form.cleaned_data["state"],
        answer=form.cleaned_data["reason"],
        answered_by=request.membership,
        answered_at=Now(),
    )
    return back("contests", "answered") if done else _absent(request)


def _absent(request: Any) -> HttpResponse:
    return failures.absent(request)


def _page(request: Any, wrong: Iterable[str] = ()) -> HttpResponse:
    operator = Role(request.membership.role) is Role.OPERATOR
    number, part = page_number(request), request.POST.get("part") or request.GET.get("part")
    found = _found(request, operator)
    rows = list(found[PAGE_ROWS * (number - 1) :][: PAGE_ROWS + 1])
    for one in rows[:PAGE_ROWS]:
        note(request, [one.firm_id], [Part(one.part)])
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
        names=names_of(request, [one.firm_id for one in rows[:PAGE_ROWS]]),
        every=list(Part),
        part=part,
        facts=[] if operator else list(_facts(own_firm(request), part)),
        missing=MISSING,
        item_of=partial(_words, language_of(request)),
        value_of=partial(_value, language_of(request)),
        answers=ANSWERS,
        days=ANSWER_DAYS,
        today=today(),
        typed=request.POST,
    )


def _words(language: str, item: str) -> str:
    speak = Speaker(language)
    return speak("contests.missing") if item == MISSING else words_of(item, language)


def _value(language: str, item: str, value: str) -> str:
    return shown(item, value, language) if value and item != MISSING else DASH


def _found(request: Any, operator: bool) -> QuerySet[Contest]:
    """The open ones first, by the day they are due; then the answered, the newest first."""
    mine = Contest.objects.all() if operator else Contest.objects.filter(firm_id=own_firm(request))
    return mine.annotate(closed=~Q(state="open")).order_by("closed", "due_on", "pk")


def _facts(firm_id: str, part: str | None) -> Iterable[Fact]:
    run = run_at(None)
    sheet = Sheet.objects.filter(run=run, firm_id=firm_id, part=part).first() if run else None
    return facts_of(sheet.body) if sheet else ()


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
