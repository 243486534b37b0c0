"""Loans: the firm applies and answers, the bank works through its queue."""

import hashlib
import uuid
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path, reverse

from techflow.credit.five_classes import LABELS
from techflow.credit.lending_moves import FIRM as FIRM_ROLE
from techflow.credit.lending_moves import MOVES, STATES
from techflow_service.platform import lending
from techflow_service.platform.lending_telling import applications, shown, tell
from techflow_service.platform.models import Organisation, Standing
from techflow_service.platform.needs import waiting_states
from techflow_service.platform.pages import failures
from techflow_service.platform.reading import note, run_at
from techflow_service.platform.refusing import Refused
from techflow_service.platform.roles import LENDING, Part
from techflow_service.platform.routes import BOTH, FIRM, GET, POST, Row
from techflow_service.platform.showing import show

PAGE_ROWS = 50
UNITS: Mapping[str, tuple[int, int]] = {
    "amount_cny": (1, 0),
    "limit_cny": (1, 0),
    "term_months": (1, 0),
    "amount_fen": (100, 0),
    "rate_pa": (1, 2),
}
"""Field of a form -> times what it is, and how many places the percent sign moves it."""
TEXTS = ("start_on", "paid_on", "pool_id")


def queue(request: Any) -> HttpResponse:
    """Applications of the firm, or to the bank, newest first."""
    state = request.GET.get("state", "")
    state = state if state in STATES else ""
    before = request.GET.get("before", "")
    number = int(before) if before.isdecimal() and len(before) < 19 else None
    rows = list(applications(state, number)[: PAGE_ROWS + 1])
    page = rows[:PAGE_ROWS]
    note(request, sorted({row.firm_id for row in page}), [Part.IDENTITY])
    more = page[-1].pk if len(rows) > PAGE_ROWS else None
    return show(
        request, "lending.html", rows=page, states=STATES, state=state, more=more,
        waiting=waiting_states(request.membership),
    )  # fmt: skip


def apply(request: Any) -> HttpResponse:
    """The form to apply, and what is sent by it."""
    if request.method != "POST":
        return _form(request)
    said = request.POST
    org = said.get("org", "")
    try:
        made = lending.apply(
            request.membership,
            org_id=int(org) if org.isdecimal() and len(org) < 19 else 0,
            amount_cny=figure("amount_cny", said.get("amount_cny")),
            term_months=figure("term_months", said.get("term_months")),
            purpose=said.get("purpose", ""),
            token=said.get("token", ""),
        )
    except Refused as error:
        return _form(request, 409, codes=error.codes)
    return HttpResponseRedirect(reverse("lending_one", args=[made.pk]))


def one(request: Any, application_id: int) -> HttpResponse:
    """One application: where it stands and what may be done."""
    return _one(request, application_id)


def move(request: Any, application_id: int, name: str) -> HttpResponse:
    """One move, sent by a form of the page."""
    if name not in MOVES or name == "apply":
        return failures.absent(request)
    said = request.POST
    terms = {field: figure(field, said[field]) for field in UNITS if field in said}
    terms |= {field: said[field] for field in TEXTS if field in said}
    try:
        lending.move(
            request.membership,
            application_id,
            name,
            token=said.get("token", ""),
            reason=said.get("reason", ""),
            terms=terms,
            evidence=_papers(request, name),
        )
    except Refused as error:
        return _one(request, application_id, 409, codes=error.codes, tried=name)
    return HttpResponseRedirect(reverse("lending_one", args=[application_id]))


def figure(field: str, text: str | None) -> Any:
    """A number of a form in the unit that the system keeps; None if it is none.

    Args:
        field: Its field.
        text: What was typed: yuan, months, or percent a year.

    Examples:
        >>> figure("rate_pa", "4.35"), figure("amount_fen", "12.34"), figure("amount_cny", "1e999")
        (0.0435, 1234, None)
    """
    times, places = UNITS[field]
    try:
        value = Decimal((text or "").replace(",", "").strip()[:30]) * times
    except InvalidOperation:
        return None
    if not value.is_finite() or value.adjusted() > 15:
        return None
    value = value.scaleb(-places)
    return int(value) if value == int(value) else float(value)


def _papers(request: Any, name: str) -> dict[str, str]:
    """Fingerprints of the files sent; the files themselves are not kept here."""
    files = {kind: request.FILES.get(kind) for kind in MOVES[name].evidence}
    return {kind: _digest(file) for kind, file in files.items() if file}


def _digest(file: Any) -> str:
    total = hashlib.sha256()
    for chunk in file.chunks():
        total.update(chunk)
    return total.hexdigest()


def _form(request: Any, status: int = 200, codes: Any = ()) -> HttpResponse:
    banks = Organisation.objects.filter(kind="bank").order_by("pk")
    run, firm_id = run_at(None), request.membership.org.firm_id
    mine = Standing.objects.filter(run=run, firm_id=firm_id, limit_lcy__isnull=False).first()
    return show(
        request, "lending_apply.html", status=status, banks=banks, codes=codes, run=run, mine=mine,
        said=request.POST, token=request.POST.get("token") or uuid.uuid4().hex,
    )  # fmt: skip


def _one(
    request: Any, application_id: int, status: int = 200, codes: Any = (), tried: str = ""
) -> HttpResponse:
    application = lending.find(application_id)
    found = tell(request.membership, application)
    parts = [Part.IDENTITY, *([Part.GRADE] if found["assessment"] else [])]
    note(request, [application.firm_id], parts)
    return show(
        request,
        "lending_one.html",
        status=status,
        codes=codes,
        tried=tried,
        said=request.POST,
        token=uuid.uuid4().hex,
        own=request.membership.role == FIRM_ROLE,
        shown=shown,
        labels=LABELS,
        **found,
    )


URLS = [
    path("lending", queue, name="lending"),
    path("lending/apply", apply, name="lending_apply"),
    path("lending/<int:application_id>", one, name="lending_one"),
    path("lending/<int:application_id>/<str:name>", move, name="lending_move"),
]
ROWS = {
    "lending": Row(GET, LENDING | FIRM, "firm"),
    "lending_apply": Row(BOTH, FIRM, "own"),
    "lending_one": Row(GET, LENDING | FIRM, "firm"),
    "lending_move": Row(POST, LENDING | FIRM, "firm"),
}
PLACES = [(20, "lending", "lending.title")]
