"""One firm, as of a day."""

from typing import Any

from django.http import HttpResponse
from django.urls import path

from techflow_service.platform.listing import read_day
from techflow_service.platform.pages import failures
from techflow_service.platform.reading import read_firm, read_parts, run_at
from techflow_service.platform.roles import NAMED
from techflow_service.platform.routes import GET, Row
from techflow_service.platform.showing import show


def firm(request: Any, firm_id: str) -> HttpResponse:
    """One firm, as of the day that the address names."""
    run = run_at(read_day(request.GET.get("as_of")))
    found = read_firm(request, firm_id)
    if found is None or run is None:
        return failures.absent(request)
    parts = read_parts(request, firm_id, run)
    return show(request, "firm.html", firm=found, run=run, parts=parts)


URLS = [path("firms/<str:firm_id>", firm, name="firm")]
ROWS = {"firm": Row(GET, NAMED, "firm")}
