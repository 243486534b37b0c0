"""Who may call which route: one table, closed to whatever it does not name.

A route's row names the roles. Whether a member may read a *certain* firm is not decided here but
by row-level security, from the firm's consents.
"""

from typing import NamedTuple

from techflow_service.platform.roles import NAMED, Role


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

NAMED_ORGS = NAMED - FIRM
"""Roles that read named firms by consent: all with a purpose but the firm itself."""
TABLE: dict[str, Row] = {}
"""The whole table: route -> row. `areas` fills it from what each area of the pages declares."""
PLACES: list[tuple[int, str, str]] = []
"""The rail: order, route, key of its words."""
