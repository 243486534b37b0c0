"""The first page: what needs me, what changed since the last run, how many of each grade."""

from typing import Any

from django.db.models import F
from django.http import HttpResponse
from django.urls import path

from techflow_service.platform.agreeing import few
from techflow_service.platform.booking import totals
from techflow_service.platform.models import Run, Standing
from techflow_service.platform.models.firms import MOVED
from techflow_service.platform.needs import needs_of
from techflow_service.platform.reading import looks_at, read_standings
from techflow_service.platform.roles import EVERYONE, NAMED, Role
from techflow_service.platform.routes import GET, NAMED_ORGS, TABLE, Row
from techflow_service.platform.scales import grade_places, meaning
from techflow_service.platform.showing import show
from techflow_service.platform.speaking import language_of

MOVED_SHOWN, LOOKS_SHOWN = 12, 5


def home(request: Any) -> HttpResponse:
    """The home of the member's role."""
    runs = list(Run.objects.order_by("-as_of", "-pk").values("pk", "as_of")[:2])
    role, run = Role(request.membership.role), runs[0] if runs else None
    firm_id = request.membership.org.firm_id if role is Role.FIRM else ""
    mine = list(Standing.objects.filter(run=run["pk"], firm_id=firm_id)) if run and firm_id else []
    return show(
        request,
        "home.html",
        run=run,
        before=runs[1] if len(runs) > 1 else None,
        needs=needs_of(request),
        routes=TABLE,
        moved=_moved(request, run["pk"]) if run and role in NAMED_ORGS else None,
        counted=role in NAMED_ORGS,
        whole=_whole(run["pk"], language_of(request)) if run and role not in NAMED else None,
        firm_id=firm_id,
        mine=mine[0] if mine else None,
        looks=looks_at(firm_id, LOOKS_SHOWN) if firm_id else [],
    )


def _moved(request: Any, run: int) -> list[Standing]:
    """Firms whose grade moved since the run before, largest limit first."""
    moved = Standing.objects.filter(MOVED, few(), run=run)
    order = F("limit_lcy").desc(nulls_last=True)
    return read_standings(request, moved.order_by(order, "firm_id")[:MOVED_SHOWN])


def _whole(run: int, language: str) -> list[tuple[str, str, int]]:
    """Firms by grade of the whole book, from the run's record: names no firm."""
    record = Run.objects.get(pk=run).record
    grades = record.get("counts", {}).get("grades", {})
    places = grade_places(record)
    order = sorted(grades, key=lambda grade: list(places).index(grade) if grade in places else 99)
    return [(grade, meaning(record, grade, language), grades[grade]) for grade in order]


def counts(request: Any) -> HttpResponse:
    """Firms by grade among those that the member may see: a part of the first page."""
    run = Run.objects.last()
    if run is None:
        return show(request, "home_counts.html", rows=[], most=1)
    rows = [(*row["name"].split("/"), row["n"]) for row in totals(run, "standing")]
    places = list(grade_places(run.record))
    language = language_of(request)
    told = [
        (grade, verdict, meaning(run.record, grade, language), n)
        for grade, verdict, n in sorted(
            rows, key=lambda row: places.index(row[0]) if row[0] in places else len(places)
        )
    ]
    most = max((row[3] for row in told), default=1)
    return show(request, "home_counts.html", rows=told, most=most)


URLS = [path("", home, name="home"), path("home/counts", counts, name="home_counts")]
ROWS = {"home": Row(GET, EVERYONE, "own"), "home_counts": Row(GET, NAMED_ORGS, "firm")}
PLACES = [(0, "home", "frame.home")]
