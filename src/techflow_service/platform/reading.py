"""Reading of firms, and its record: both in one transaction, so that no look leaves no trace."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from techflow_service.platform.models import Firm, Reading, Run, Sheet, Standing
from techflow_service.platform.roles import PURPOSES, Part, Role


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
    Reading.objects.bulk_create(
        Reading(
            firm_id=firm_id,
            org_id=member.org_id,
            person_id=member.person_id,
            role=role.value,
            purpose=PURPOSES[role],
            parts=sorted(parts),
            route=request.route,
        )
        for firm_id in firm_ids
    )


def run_at(as_of: date | None) -> Run | None:
    """The newest assessment not after a day; the newest of all if no day is given."""
    runs = Run.objects.filter(as_of__lte=as_of) if as_of else Run.objects.all()
    return runs.last()


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
