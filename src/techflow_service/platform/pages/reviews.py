"""Review by a person: a firm that a machine refused asks, the head of the bank's branch decides."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from django import forms
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpResponse
from django.urls import path

from techflow.flow.contesting import refusals
from techflow.schema.assessment import LIMIT_REASONS
from techflow_service.platform.asking import (
    Reasoned,
    back,
    names_of,
    own_firm,
    page_number,
    said,
)
from techflow_service.platform.models import Consent, Organisation, Review, Run, Sheet
from techflow_service.platform.pages import failures
from techflow_service.platform.pages.consents import LIVE
from techflow_service.platform.reading import note, run_at
from techflow_service.platform.roles import Part, Role
from techflow_service.platform.routes import FIRM, GET, POST, Row
from techflow_service.platform.showing import show
from techflow_service.platform.speaking import language_of

HEAD = frozenset({Role.BRANCH_HEAD})
PAGE_ROWS = 50
OUTCOMES = ("changed", "upheld")
TOLD = (
    *("verdict", "grade", "pd", "limit_lcy", "limit_reason_code", "as_of", "missing_zh"),
    *("missing_en", "reason_1_zh", "reason_1_en", "reason_2_zh", "reason_2_en"),
    *("reason_3_zh", "reason_3_en"),
)
"""What is kept of the assessment that refused."""


class Asked(Reasoned):
    """Which bank is asked to look at which refusal, and why."""

    org = forms.ChoiceField()
    refused = forms.ChoiceField()

    def __init__(self, banks: Iterable[Organisation], refused: Iterable[str], *told: Any) -> None:
        super().__init__(*told)
        self.fields["org"].choices = [(str(org.pk), "") for org in banks]
        self.fields["refused"].choices = [(one, "") for one in refused]


class Outcome(Reasoned):
    """What the person decided, and why."""

    state = forms.ChoiceField(choices=[(one, one) for one in OUTCOMES])


def reviews(request: Any) -> HttpResponse:
    """A firm's own reviews; for the head of a branch those that wait."""
    return _page(request)


def start(request: Any) -> HttpResponse:
    """Ask a bank that may read the firm. What the machine said is kept as it was."""
    firm_id = own_firm(request)
    run, told = _assessment(firm_id)
    form = Asked(_banks(firm_id), refusals(told) if told else (), request.POST)
    if not form.is_valid():
        return _page(request, form.errors)
    wish = form.cleaned_data
    try:
        with transaction.atomic():
            Review.objects.create(
                firm_id=firm_id,
                org_id=int(wish["org"]),
                run=run,
                refused=wish["refused"],
                told=told,
                reason=wish["reason"],
                opened_by=request.membership.person,
            )
    except IntegrityError:
        return _page(request, ["review_twice"])
    return back("reviews", "opened")


def withdraw(request: Any, number: int) -> HttpResponse:
    """Take one's own review back."""
    mine = Review.objects.filter(pk=number, firm_id=own_firm(request), state="open")
    done = mine.update(state="withdrawn", decided_at=Now())
    return back("reviews", "withdrawn") if done else failures.absent(request)


def decide(request: Any, number: int) -> HttpResponse:
    """A person's decision, with reasons."""
    form = Outcome(request.POST)
    if not form.is_valid():
        return _page(request, form.errors)
    mine = Review.objects.filter(pk=number, org_id=request.membership.org_id, state="open")
    done = mine.update(
        state=form.cleaned_data["state"],
        outcome=form.cleaned_data["reason"],
        decided_by=request.membership,
        decided_at=Now(),
    )
    return back("reviews", "answered") if done else failures.absent(request)


def _page(request: Any, wrong: Iterable[str] = ()) -> HttpResponse:
    head, number = Role(request.membership.role) is Role.BRANCH_HEAD, page_number(request)
    rows = list(_found(request, head)[PAGE_ROWS * (number - 1) :][: PAGE_ROWS + 1])
    firm_ids = [one.firm_id for one in rows[:PAGE_ROWS]]
    note(request, set(firm_ids), [Part.GRADE])
    told = None if head else _assessment(own_firm(request))[1]
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
        names=names_of(request, firm_ids),
        told=told,
        refused=refusals(told) if told else (),
        banks=[] if head else _banks(own_firm(request)),
        outcomes=OUTCOMES,
        limit_words=partial(_limit_words, language_of(request)),
        typed=request.POST,
    )


def _limit_words(language: str, code: str) -> str:
    zh, en = LIMIT_REASONS[code]
    return zh if language == "zh" else en


def _found(request: Any, head: bool) -> QuerySet[Review]:
    """The open ones first, the oldest of them on top."""
    whose = {"org_id": request.membership.org_id} if head else {"firm_id": own_firm(request)}
    mine = Review.objects.filter(**whose).select_related("org", "decided_by__person")
    return mine.annotate(closed=~Q(state="open")).order_by("closed", "pk")


def _banks(firm_id: str) -> list[Organisation]:
    """Organisations that may lend to the firm by its own consent."""
    given = Consent.objects.filter(LIVE, firm_id=firm_id, purpose="credit")
    return list(Organisation.objects.filter(pk__in=given.values("org_id")).order_by("pk"))


def _assessment(firm_id: str) -> tuple[Run | None, Mapping[str, Any]]:
    run = run_at(None)
    sheet = Sheet.objects.filter(run=run, firm_id=firm_id, part=Part.GRADE).first()
    rows = sheet.body.get("assessment") if sheet else None
    return run, {name: rows[0].get(name) for name in TOLD} if rows else {}


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
