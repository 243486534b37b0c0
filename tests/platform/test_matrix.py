"""The authorisation matrix: every route, method, role and state of a firm, from the routes.

Expected answers follow from the table alone: who is nobody signs in, a method that a row does not
name is 405, a role that it does not name is 403; a firm that did not agree, or no longer does, is
as absent as one that is not there.
"""

import re

import pytest

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
STATES = ("consented", "revoked", "foreign", "absent")
PARTS = ("identity", "grade", "technology", "patents", "cash", "network", "qualification", "plan")
LATER = re.compile(r"<(?:(\w+):)?(\w+)>")
FILLERS = {"int": "0", "uuid": "00000000-0000-4000-8000-000000000000"}


@pytest.fixture(scope="module")
def routes(web_url):
    from django.urls import get_resolver

    from techflow_service.platform.routes import TABLE

    found = {}
    for pattern in walk(get_resolver().url_patterns):
        name, text = pattern
        if name in TABLE:
            found.setdefault(name, text)
    return found, TABLE


def walk(patterns, before="", space=""):
    """Name and text of every address."""
    for one in patterns:
        text = before + str(one.pattern)
        if hasattr(one, "url_patterns"):
            inner = one.namespace or ""
            yield from walk(one.url_patterns, text, f"{space}{inner}:" if inner else space)
        elif one.name:
            yield f"{space}{one.name}", "/" + text


@pytest.fixture(scope="module")
def cast(world):
    """A member of each role, and for each a firm in every state."""
    from techflow_service.platform.roles import PURPOSES, Role

    run = world.run()
    members, firms = {}, {}
    for role in Role:
        own = world.firm(run, PARTS) if role is Role.FIRM else ""
        org = world.org("firm" if own else "bank", firm_id=own)
        members[role] = world.member(role.value, org)
        firms[role] = {state: world.firm(run, PARTS) for state in STATES[:3]}
        firms[role] |= {"absent": "test:nowhere", "own": own}
        if role in PURPOSES and not own:
            for state in ("consented", "revoked"):
                given = world.consent(firms[role][state], org, PURPOSES[role], PARTS)
                if state == "revoked":
                    world.revoke(given)
    return members, firms, world.org("bank")


def address(text, firm_id):
    """An address with its variable parts filled in."""
    fill = lambda found: firm_id if found[2] == "firm_id" else FILLERS.get(found[1], "x")  # noqa: E731
    return LATER.sub(fill, text)


def expected(row, role, method):
    """Status by the table; None where it lets the request through."""
    if row.roles and role is None:
        return {302, 401}
    if method not in row.methods:
        return {405}
    return {403} if row.roles and role not in row.roles else None


def test_every_address_of_ours_has_a_row(routes):
    found, table = routes
    assert set(table) == set(found)


@pytest.fixture(scope="module")
def gate(web_url):
    """The gate alone, with nothing behind it: what it refuses is refused for every address."""
    from django.http import HttpResponse
    from django.test import RequestFactory

    from techflow_service.platform.access import access

    def ask(member, method, path):
        request = RequestFactory().generic(method, path)
        request.membership, request.user, request.bearer = member, member.person, None
        request.session = {}
        return access(lambda _: HttpResponse())(request)

    return ask


@pytest.mark.parametrize(
    "whole_n", [3, pytest.param(99, marks=pytest.mark.soak)], ids=["gate", "whole"]
)
def test_every_route_method_and_role(routes, cast, world, gate, whole_n):
    """Whole requests of the first callers; of later ones what the gate lets through in turn."""
    found, table = routes
    members, firms, _ = cast
    cells = 0
    for place, role in enumerate((None, *members)):
        client = world.client(members.get(role))
        client.raise_request_exception = False
        firm_id = firms[role]["consented"] or "x" if role else "x"
        for turn, (name, text) in enumerate(found.items()):
            for method in METHODS:
                wanted, path = expected(table[name], role, method), address(text, firm_id)
                if place >= whole_n and (wanted or method == "HEAD" or (turn + place) % 3):
                    answer = gate(members[role], method, path)
                else:
                    answer = client.generic(method, path)
                cells += 1
                said = f"{name} {method} {role}: {answer.status_code}"
                assert answer.status_code < 500, said
                if wanted:
                    assert answer.status_code in wanted, said
                else:
                    assert answer.status_code not in (401, 405), said
    assert cells == len(METHODS) * len(found) * (1 + len(members))


def test_every_route_of_a_firm_by_state_and_role(routes, cast, world):
    from techflow_service.platform.roles import Role

    found, table = routes
    members, firms, _ = cast
    of_a_firm = [
        name for name, text in found.items() if "firm_id" in text and "GET" in table[name].methods
    ]
    assert of_a_firm
    for role in members:
        client = world.client(members[role])
        client.raise_request_exception = False
        for name in of_a_firm:
            if role not in (table[name].roles or members):
                continue
            for state, firm_id in firms[role].items():
                if not firm_id:
                    continue
                status = client.get(address(found[name], firm_id)).status_code
                seen = state == "own" if role is Role.FIRM else state == "consented"
                assert status == (200 if seen else 404), f"{name} {role} {state}: {status}"


def test_every_operation_of_the_api_and_role(routes, cast, world):
    """An address that is read by some roles and written by others: each method has its own."""
    from techflow_service.platform.api.operations import CALLS

    found, table = routes
    members, firms, _ = cast
    for role, member in members.items():
        client = world.client(member)
        for (route, method), call in CALLS.items():
            assert method in table[route].methods
            if call.row.roles == table[route].roles or role in call.row.roles:
                continue  # as its address: tried above
            path = address(found[route], firms[role]["consented"] or "x")
            status = client.generic(method, path).status_code
            assert status == 403, f"{route} {method} {role}: {status}"
