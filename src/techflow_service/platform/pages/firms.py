"""The list of firms, and one firm."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.urls import path

from techflow_service.platform.models import Run, Standing
from techflow_service.platform.pages import failures
from techflow_service.platform.reading import read_firm, read_parts, read_standings, run_at
from techflow_service.platform.roles import NAMED
from techflow_service.platform.routes import GET, NAMED_ORGS, Row
from techflow_service.platform.showing import show

PAGE_ROWS = 50


def listing(request: Any) -> HttpResponse:
    """Firms that the member may see, 50 a page."""
    run = run_at(day_of(request))
    rows = read_standings(request, _rows(run)) if run else []
    return show(request, "firms.html", run=run, rows=rows)


def firm(request: Any, firm_id: str) -> HttpResponse:
    """One firm, as of the day that the address names."""
    run = run_at(day_of(request))
    found = read_firm(request, firm_id)
    if found is None or run is None:
        return failures.absent(request)
    parts = read_parts(request, firm_id, run)
    return show(request, "firm.html", firm=found, run=run, parts=parts)


def day_of(request: Any) -> date | None:
    """The as-of day of the address; None (the newest) if it names none or nonsense."""
    try:
        return date.fromisoformat(request.GET.get("as_of", ""))
    except ValueError:
        return None


def _rows(run: Run) -> Any:
    order = ("-limit_lcy", "firm_id")
    return Standing.objects.filter(run=run).order_by(*order)[:PAGE_ROWS]


URLS = [path("firms", listing, name="firms"), path("firms/<str:firm_id>", firm, name="firm")]
ROWS = {"firms": Row(GET, NAMED_ORGS, "firm"), "firm": Row(GET, NAMED, "firm")}
PLACES = [(10, "firms", "frame.firms")]
