"""The organisation's side of consent: ask a firm, and see what was given until when."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.http import HttpResponse
from django.urls import path

from techflow.basics.identifiers import CHECKERS, NORMALISERS
from techflow_service.platform.asking import Wanted, back, names_of, page_number, said, today
from techflow_service.platform.models import Consent, ConsentRequest
from techflow_service.platform.pages import failures
from techflow_service.platform.pages.consents import LIVE
from techflow_service.platform.roles import PURPOSES, Part, Role
from techflow_service.platform.routes import GET, NAMED_ORGS, POST, Row
from techflow_service.platform.showing import show

PAGE_ROWS = 50


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


def requests(request: Any) -> HttpResponse:
    """What the organisation asked for and what it was given."""
    return _page(request)


def send(request: Any) -> HttpResponse:
    """Ask a firm. The answer is the same whether or not there is such a firm."""
    form = Asked(request.POST)
    if not form.is_valid():
        return _page(request, wrong=form.errors)
    member, wish = request.membership, form.cleaned_data
    try:
        with transaction.atomic():
            ConsentRequest.objects.create(
                **wish,
                org_id=member.org_id,
                purpose=PURPOSES[Role(member.role)],
                asked_by_id=member.person_id,
            )
    except IntegrityError:
        return _page(request, wrong=["twice"])
    return back("requests", "sent")


def withdraw(request: Any, number: int) -> HttpResponse:
    """Take one's own request back."""
    mine = ConsentRequest.objects.filter(pk=number, org_id=request.membership.org_id, state="open")
    done = mine.update(state="withdrawn", answered_at=Now())
    return back("requests", "withdrawn") if done else failures.absent(request)


def _page(request: Any, wrong: Iterable[str] = ()) -> HttpResponse:
    member = request.membership
    purpose, number = PURPOSES[Role(member.role)], page_number(request)
    mine = ConsentRequest.objects.filter(org_id=member.org_id, purpose=purpose)
    given = Consent.objects.filter(LIVE, org_id=member.org_id, purpose=purpose)
    rows = list(given.order_by("until_at", "pk")[PAGE_ROWS * (number - 1) :][: PAGE_ROWS + 1])
    return show(
        request,
        "requests.html",
        status=422 if wrong else 200,
        wrong=list(wrong),
        said=said(request),
        asked=mine.order_by("-pk")[:PAGE_ROWS],
        given=rows[:PAGE_ROWS],
        given_n=given.count(),
        names=names_of(request, [one.firm_id for one in rows[:PAGE_ROWS]]),
        number=number,
        more=len(rows) > PAGE_ROWS,
        purpose=purpose,
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
