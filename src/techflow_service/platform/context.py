"""Who asks, for whom and what for: told to the database at the start of every request.

Row-level security judges by these words. They hold for one transaction; a request is one.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import Prefetch, prefetch_related_objects

from techflow_service.platform.api.keys import Bearer, find_bearer
from techflow_service.platform.api.pace import seconds_to_wait
from techflow_service.platform.models import Membership
from techflow_service.platform.roles import PURPOSES, Role

API = "/api/"
CHOSEN = "membership"
"""Key in the session: which of the person's memberships is worn."""
NOBODY = {"person": "", "org": "", "firm": "", "role": "", "purpose": ""}


@contextmanager
def speaking_as(membership: Any | None, asked: str = "") -> Iterator[None]:
    """One transaction in the name of a member of an organisation.

    Args:
        membership: Whose; None for nobody, who sees no firm.
        asked: What was asked for, such as `POST /membership`: trails keep it with every change.
    """
    with transaction.atomic():
        _tell(membership, asked)
        yield


def context(get_response: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Middleware: one transaction a request, undone if the answer is an error."""

    def answer(request: Any) -> Any:
        request.bearer = _bearer(request)
        request.membership = request.bearer.membership if request.bearer else _membership(request)
        request.wait_s = seconds_to_wait(request) if request.path.startswith(API) else 0
        with speaking_as(request.membership, f"{request.method} {request.path}"):
            response = get_response(request)
            if response.status_code >= 400 and not getattr(response, "keep", False):
                transaction.set_rollback(True)
        return response

    return answer


def _bearer(request: Any) -> Bearer | None:
    """The key of a call to the API. No other site can make a browser send one: no form's seal."""
    if not request.path.startswith(API):
        return None
    bearer = find_bearer(request)
    if bearer:
        request.user = bearer.membership.person
    request._dont_enforce_csrf_checks = bearer is not None or not request.user.is_authenticated
    return bearer


def _membership(request: Any) -> Any | None:
    if not request.user.is_authenticated:
        return None
    live = Prefetch(
        "memberships",
        Membership.objects.filter(ended_at__isnull=True).select_related("org").order_by("pk"),
    )
    prefetch_related_objects([request.user], live)
    mine = list(request.user.memberships.all())
    chosen = request.session.get(CHOSEN)
    return next((one for one in mine if one.pk == chosen), mine[0] if mine else None)


def _tell(membership: Any | None, asked: str) -> None:
    words = NOBODY if membership is None else _words(membership)
    settings = {f"app.{name}": word for name, word in words.items()} | {
        "pghistory.context_id": str(uuid4()),
        "pghistory.context_metadata": json.dumps(
            {name: words[name] for name in ("person", "org", "role")} | {"asked": asked}
        ),
    }
    parts = ", ".join("set_config(%s, %s, true)" for _ in settings)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {parts}", [word for pair in settings.items() for word in pair])


def _words(membership: Any) -> dict[str, str]:
    role = Role(membership.role)
    return {
        "person": str(membership.person_id),
        "org": str(membership.org_id),
        "firm": membership.org.firm_id or "" if role is Role.FIRM else "",
        "role": role.value,
        "purpose": PURPOSES.get(role, ""),
    }
