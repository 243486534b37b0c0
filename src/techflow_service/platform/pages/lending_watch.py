"""Loans of a bank on a day: overdue, class, early warning."""

from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone

from techflow.credit.five_classes import LABELS
from techflow_service.clock import now
from techflow_service.platform.lending_watch import watched
from techflow_service.platform.listing import read_day
from techflow_service.platform.reading import note
from techflow_service.platform.roles import LENDING, Part
from techflow_service.platform.routes import GET, Row
from techflow_service.platform.showing import show


def watch(request: Any) -> HttpResponse:
    """Loans that are not settled: those warned of first, the worst on top."""
    today = timezone.localdate(now())
    on = read_day(request.GET.get("on")) or today
    rows = watched(min(on, today))
    note(request, sorted({row["loan"].firm_id for row in rows}), [Part.IDENTITY, Part.GRADE])
    return show(
        request,
        "lending_watch.html",
        rows=rows,
        on=min(on, today),
        warned_n=sum(row["warned"] for row in rows),
        labels=LABELS,
    )


URLS = [path("lending/watch", watch, name="lending_watch")]
ROWS = {"lending_watch": Row(GET, LENDING, "firm")}
PLACES = [(21, "lending_watch", "lending.watch")]
