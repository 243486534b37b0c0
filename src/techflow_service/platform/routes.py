"""Who may call which route: one table, closed to whatever it does not name.

A route's row names the roles. Whether a member may read a *certain* firm is not decided here but
by row-level security, from the firm's consents.
"""

from collections.abc import Mapping
from typing import NamedTuple

from techflow_service.platform.roles import EVERYONE, NAMED, Role


class Row(NamedTuple):
    """One route.

    Attributes:
        methods: Methods it answers to.
        roles: Who may call it; empty: whoever comes, signed in or not.
        scope: `open` (names no firm), `own` (the member's own things) or `firm` (by consent).
    """

    methods: frozenset[str]
    roles: frozenset[Role]
    scope: str = "open"


GET = frozenset({"GET", "HEAD"})
POST = frozenset({"POST"})
BOTH = GET | POST
OUTSIDE: frozenset[Role] = frozenset()
FIRM = frozenset({Role.FIRM})

PAGES: Mapping[str, Row] = {
    "health": Row(GET, OUTSIDE),
    "home": Row(GET, EVERYONE, "own"),
    "membership": Row(POST, EVERYONE, "own"),
    "language": Row(POST, OUTSIDE),
    "firms": Row(GET, NAMED - FIRM, "firm"),
    "firm": Row(GET, NAMED, "firm"),
}


def rows() -> Mapping[str, Row]:
    """The whole table: route -> row. Each part of the platform keeps its own rows."""
    return PAGES
