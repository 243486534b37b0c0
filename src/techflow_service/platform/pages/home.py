"""The first page: what needs me, what changed since the last run, how many of each grade."""

from typing import Any, NamedTuple

from django.http import HttpResponse
from django.urls import path

from techflow_service.platform.booking import totals
from techflow_service.platform.listing import Question
from techflow_service.platform.models import Run, Standing
from techflow_service.platform.needs import needs_of
from techflow_service.platform.reading import looks_at, read_standings
from techflow_service.platform.roles import EVERYONE, NAMED, Role
from techflow_service.platform.routes import GET, NAMED_ORGS, TABLE, Row
from techflow_service.platform.scales import grade_places, meaning
from techflow_service.platform.showing import show
from techflow_service.platform.speaking import language_of
from techflow_service.platform.studies.storing import suppress

MOVED_SHOWN, LOOKS_SHOWN = 12, 5


def home(request: Any) -> HttpResponse:
    """The home of the member's role."""
    runs = list(Run.objects.defer("record").order_by("-as_of", "-pk")[:2])
    role, run = Role(request.membership.role), runs[0] if runs else None
    firm_id = request.membership.org.firm_id if role is Role.FIRM else ""
    mine = list(Standing.objects.filter(run=run, firm_id=firm_id)) if run and firm_id else []
    return show(
        request,
        "home.html",
        run=run,
        before=runs[1] if len(runs) > 1 else None,
        needs=needs_of(request),
        routes=TABLE,
        moved=_moved(request, run) if run and role in NAMED_ORGS else None,
        counted=role in NAMED_ORGS,
        whole=_told(run, whole_counts(run), request) if run and role not in NAMED else None,
        firm_id=firm_id,
        mine=mine[0] if mine else None,
        looks=looks_at(firm_id, LOOKS_SHOWN) if firm_id else [],
    )


def _moved(request: Any, run: Run) -> list[Standing]:
    """Firms whose grade moved since the run before, largest limit first."""
    return read_standings(request, Question(moved="any").rows(run, MOVED_SHOWN))


class Count(NamedTuple):
    """Firms of one grade.

    Attributes:
        grade: The grade; empty for none.
        verdict: One of `listing.VERDICTS`; empty where grades alone are counted.
        n: How many; None for so few that they are not told.
    """

    grade: str
    verdict: str
    n: int | None


def whole_counts(run: Run) -> list[Count]:
    """Firms by grade of the whole book, from the run's record: names no firm, and no few firms."""
    grades = run.record.get("counts", {}).get("grades", {})
    told = zip(grades, suppress(list(grades.values())), strict=True)
    return _best_first(run, [Count(grade, "", n) for grade, n in told])


def agreed_counts(run: Run) -> list[Count]:
    """Firms by grade and verdict among those that the member may see."""
    rows = [(*row["name"].split("/"), row["n"]) for row in totals(run, "standing")]
    return _best_first(run, [Count(grade, verdict, n) for grade, verdict, n in rows])


def _best_first(run: Run, rows: list[Count]) -> list[Count]:
    places = {grade: place for place, grade in enumerate(grade_places(run.record))}
    return sorted(rows, key=lambda row: places.get(row.grade, len(places)))


def _told(run: Run, rows: list[Count], request: Any) -> list[tuple[Any, ...]]:
    language = language_of(request)
    return [
        (row.grade, row.verdict, meaning(run.record, row.grade, language), row.n) for row in rows
    ]


def counts(request: Any) -> HttpResponse:
    """Firms by grade among those that the member may see: a part of the first page."""
    run = Run.objects.last()
    rows = _told(run, agreed_counts(run), request) if run else []
    most = max((row[3] for row in rows), default=1)
    return show(request, "home_counts.html", rows=rows, most=most)


URLS = [path("", home, name="home"), path("home/counts", counts, name="home_counts")]
ROWS = {"home": Row(GET, EVERYONE, "own"), "home_counts": Row(GET, NAMED_ORGS, "firm")}
PLACES = [(0, "home", "frame.home")]
