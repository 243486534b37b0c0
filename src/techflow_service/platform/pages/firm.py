"""One firm, read like a credit memo, as of a day."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpResponse
from django.urls import path

from techflow_service.clock import now
from techflow_service.platform.listing import read_day
from techflow_service.platform.marks import marks_of
from techflow_service.platform.memo import Memo
from techflow_service.platform.memo.money import tell_accounts, tell_cash, tell_network
from techflow_service.platform.memo.sources import Term
from techflow_service.platform.memo.technology import tell_flow, tell_patents
from techflow_service.platform.memo.terms import (
    STALE_DAYS,
    tell_evidence,
    tell_plan,
    tell_qualification,
    tell_terms,
)
from techflow_service.platform.memo.verdict import tell_verdict
from techflow_service.platform.models import Run
from techflow_service.platform.pages import failures
from techflow_service.platform.reading import RUNS_SHOWN, looks_at, read_whole, run_at
from techflow_service.platform.roles import NAMED, Part, Role
from techflow_service.platform.routes import GET, TABLE, Row
from techflow_service.platform.showing import Speaker, show
from techflow_service.platform.speaking import language_of

SECTIONS: Mapping[str, tuple[Part, Callable[[Memo], Any]]] = {
    "verdict": (Part.GRADE, tell_verdict),
    "flow": (Part.TECHNOLOGY, tell_flow),
    "patents": (Part.PATENTS, tell_patents),
    "cash": (Part.CASH, tell_cash),
    "accounts": (Part.CASH, tell_accounts),
    "network": (Part.NETWORK, tell_network),
    "qualification": (Part.QUALIFICATION, tell_qualification),
    "plan": (Part.PLAN, tell_plan),
    "evidence": (Part.EVIDENCE, tell_evidence),
}
"""Sections of the page in order -> the part that a consent must name, and who tells it."""
LOOKS_SHOWN = 20
LINKS = ("requests", "firm_report", "looks", "contests")
"""Routes of other areas that the page leads to, where the platform has them and the role may."""


def firm(request: Any, firm_id: str) -> HttpResponse:
    """One firm, as of the day that the address names."""
    asked = read_day(request.GET.get("as_of"))
    days = list(Run.objects.order_by("-as_of").values_list("as_of", flat=True).distinct())
    run = run_at(asked) or (run_at(days[-1]) if days else None)
    look = read_whole(request, firm_id, run) if run else None
    if look is None:
        return failures.absent(request)
    memo = Memo(look, Speaker(language_of(request)))
    role = Role(request.membership.role)
    return show(
        request,
        "firm.html",
        memo=memo,
        told=tell_sections(memo),
        sections=SECTIONS,
        days=days[:RUNS_SHOWN],
        marks=marks_of(firm_id, language_of(request)),
        early=asked is not None and asked < look.run.as_of,
        age_days=age_days(look.run),
        stale_days=STALE_DAYS,
        terms=shown_terms(memo),
        looks=looks_at(firm_id, LOOKS_SHOWN) if role is Role.FIRM else None,
        links={name for name in LINKS if name in TABLE and role in TABLE[name].roles},
    )


def tell_sections(memo: Memo) -> dict[str, Any]:
    """Sections of the parts that the reader may see."""
    granted = memo.look.granted
    return {name: tell(memo) for name, (part, tell) in SECTIONS.items() if part in granted}


def shown_terms(memo: Memo) -> list[Term]:
    """Parameters of the run, for who may see the grade."""
    return tell_terms(memo) if Part.GRADE in memo.look.granted else []


def age_days(run: Run) -> int:
    """How old an assessment is today."""
    return (now().date() - run.as_of).days


URLS = [path("firms/<str:firm_id>", firm, name="firm")]
ROWS = {"firm": Row(GET, NAMED, "firm")}
