"""Reading of firms, and its record: both in one transaction, so that no look leaves no trace."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q

from techflow_service.clock import now
from techflow_service.platform.models import Consent, Firm, Reading, Run, Sheet, Standing
from techflow_service.platform.roles import PURPOSES, Part, Role

NOTE = """
INSERT INTO platform_reading (org_id, person_id, role, purpose, parts, route, firm_id, read_at)
SELECT %s, %s, %s, %s, %s, %s, firm_id, now() FROM unnest(%s::text[]) AS firm_id
"""
"""One statement for all firms of a page: fifty objects of Python cost as much as the page."""


RUNS_SHOWN = 12


class Look(NamedTuple):
    """What was read of a firm for its page.

    Attributes:
        firm: Who it is.
        run: The assessment.
        parts: Part -> body, of parts that the reader may see and that hold something.
        granted: Parts that the reader may see.
        until_at: When the consent ends; None for the firm itself.
        history: Standings of this run and of earlier ones, oldest first.
    """

    firm: Firm
    run: Run
    parts: dict[str, Any]
    granted: frozenset[str]
    until_at: datetime | None
    history: list[dict[str, Any]]


HISTORY = (
    *("run__as_of", "verdict", "grade", "pd", "pd_basis", "limit_lcy", "rate_pa", "currency"),
)


def note(request: Any, firm_ids: Iterable[str], parts: Iterable[Part]) -> None:
    """Record that the member of a request read parts of firms. A firm reading itself leaves none.

    Args:
        request: The request, with its membership and route.
        firm_ids: Firms whose figures the answer holds.
        parts: Parts of them that it holds.
    """
    member, role = request.membership, Role(request.membership.role)
    if role is Role.FIRM:
        return
    told = [member.org_id, member.person_id, role.value, PURPOSES[role], sorted(parts)]
    with connection.cursor() as cursor:
        cursor.execute(NOTE, [*told, request.route, list(firm_ids)])


def run_at(as_of: date | None) -> Run | None:
    """The newest assessment not after a day; the newest of all if no day is given."""
    runs = Run.objects.filter(as_of__lte=as_of) if as_of else Run.objects.all()
    return runs.last()


def run_days(most: int = RUNS_SHOWN) -> list[date]:
    """Days of the newest assessments, newest first.

    Args:
        most: How many.
    """
    days = Run.objects.order_by("-as_of").values_list("as_of", flat=True).distinct()
    return list(days[:most])


def read_firm(request: Any, firm_id: str) -> Firm | None:
    """Who a firm is, recorded; None if it is not there or not for this member."""
    found = Firm.objects.filter(firm_id=firm_id).first()
    if found:
        note(request, [firm_id], [Part.IDENTITY])
    return found


def read_parts(request: Any, firm_id: str, run: Run) -> dict[str, Any]:
    """Parts of a firm that the member may see, recorded: part -> body."""
    found = dict(Sheet.objects.filter(firm_id=firm_id, run=run).values_list("part", "body"))
    if found:
        note(request, [firm_id], [Part(part) for part in found])
    return found


def read_standings(request: Any, rows: Iterable[Standing]) -> list[Standing]:
    """Rows of the list of firms, recorded."""
    found = list(rows)
    note(request, [row.firm_id for row in found], [Part.GRADE])
    return found


def read_whole(request: Any, firm_id: str, run: Run) -> Look | None:
    """All that the member may see of a firm, recorded once; None if it is not for this member."""
    firm = Firm.objects.filter(firm_id=firm_id).first()
    if firm is None:
        return None
    parts = dict(Sheet.objects.filter(firm_id=firm_id, run=run).values_list("part", "body"))
    earlier = Standing.objects.filter(firm_id=firm_id, run__as_of__lte=run.as_of)
    newest = {
        row["run__as_of"]: row for row in earlier.order_by("run__as_of", "run").values(*HISTORY)
    }
    granted, until_at = granted_parts(request, firm_id)
    seen = {Part.IDENTITY, *map(Part, parts), *([Part.GRADE] if newest else [])}
    note(request, [firm_id], seen)
    return Look(firm, run, parts, granted, until_at, list(newest.values()))


def granted_parts(request: Any, firm_id: str) -> tuple[frozenset[str], datetime | None]:
    """Parts of a firm that the member may see, and until when; the firm itself sees all."""
    member, role = request.membership, Role(request.membership.role)
    if role is Role.FIRM:
        return frozenset(part.value for part in Part), None
    at = now()
    live = Consent.objects.filter(
        *(Q(firm_id=firm_id), Q(org_id=member.org_id), Q(purpose=PURPOSES[role])),
        *(Q(revoked_at__isnull=True), Q(since_at__lte=at), Q(until_at__gt=at)),
    ).values_list("parts", "until_at")
    found = list(live)
    parts = frozenset(part for parts, _ in found for part in parts)
    return parts, max((until for _, until in found), default=None)


def looks_at(firm_id: str, looks_max: int) -> list[Reading]:
    """The newest looks at a firm, for the firm itself: others see their own only."""
    rows = Reading.objects.filter(firm_id=firm_id).select_related("org", "person")
    return list(rows.order_by("-read_at")[:looks_max])
