"""What needs a member: short lines on the first page, each with a link to where it is done.

An area of the pages adds what it knows: a function in `NEEDS` that is cheap and names its words.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from techflow_service.clock import now
from techflow_service.platform.lending_telling import applications
from techflow_service.platform.models import Consent, ConsentRequest, Contest, Review
from techflow_service.platform.roles import LENDING, PURPOSES, Role

SOON = timedelta(days=30)
COUNTED_MAX = 200


class Need(NamedTuple):
    """One line.

    Attributes:
        key: Its words, which take `n`.
        n: How many; a line of nothing is left out.
        route: Where it is done; empty if that page is not there.
    """

    key: str
    n: int
    route: str = ""


def ending_consents(request: Any) -> Iterable[Need]:
    """Consents to the member's organisation, or of the member's firm, that end within a month."""
    member, role = request.membership, Role(request.membership.role)
    if role not in PURPOSES:
        return
    whose: dict[str, Any] = {"org_id": member.org_id, "purpose": PURPOSES[role]}
    if role is Role.FIRM:
        whose = {"firm_id": member.org.firm_id}
    at = now()
    soon = Consent.objects.filter(
        revoked_at__isnull=True, until_at__gt=at, until_at__lte=at + SOON, **whose
    )
    route = "consents" if role is Role.FIRM else "requests"
    yield Need("need.ending", soon.values("pk")[:COUNTED_MAX].count(), route)


def open_contests(request: Any) -> Iterable[Need]:
    """Facts that firms contest: for who answers, and for the firm that asked."""
    if Role(request.membership.role) in (Role.OPERATOR, Role.FIRM):
        found = Contest.objects.filter(state="open").values("pk")[:COUNTED_MAX].count()
        yield Need("need.contests", found, "contests")


def open_requests(request: Any) -> Iterable[Need]:
    """Organisations that ask the firm for consent; refusals that a bank is asked to look at."""
    role = Role(request.membership.role)
    if role is Role.FIRM:
        asked = ConsentRequest.objects.filter(state="open").values("pk")
        yield Need("need.requests", asked[:COUNTED_MAX].count(), "consents")
    if role in LENDING:
        refused = Review.objects.filter(state="open").values("pk")
        yield Need("need.reviews", refused[:COUNTED_MAX].count(), "reviews")


WAITING: Mapping[Role, tuple[str, ...]] = {
    Role.FIRM: ("asked", "offered"),
    Role.CREDIT_OFFICER: ("applied", "qualified", "assessed", "overridden", "accepted", "lent"),
    Role.BRANCH_HEAD: ("proposed", "endorsed", "claim_prepared"),
}
"""States of a loan in which the next step is this role's."""


def waiting_states(member: Any) -> tuple[str, ...]:
    """States of a loan in which the next step is the member's."""
    return WAITING.get(Role(member.role), ())


def waiting_loans(request: Any) -> Iterable[Need]:
    """Loans whose next step is the member's."""
    states = waiting_states(request.membership)
    if states:
        rows = applications().filter(state__in=states).order_by()
        yield Need("need.loans", rows.values("pk")[:COUNTED_MAX].count(), "lending")


NEEDS: list[Callable[[Any], Iterable[Need]]] = [
    ending_consents,
    open_contests,
    open_requests,
    waiting_loans,
]


def needs_of(request: Any) -> list[Need]:
    """Every line for the member, those with something in them."""
    return [need for told in NEEDS for need in told(request) if need.n]
