"""The API under /api/v1, its schema and its page."""

import json
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.urls import path

from techflow_service.platform.api import (
    bulk,
    cases,
    consents,
    figures,
    firm,
    home,
    lending,
    reads,
    requests,
)
from techflow_service.platform.api.operations import API, CALLS, PREFIX, serve
from techflow_service.platform.api.schema import openapi
from techflow_service.platform.roles import EVERYONE
from techflow_service.platform.routes import GET, OUTSIDE, Row
from techflow_service.platform.showing import show

OPERATIONS = (reads, firm, bulk, consents, requests, cases, lending, figures, home)
"""Modules that declare operations."""


def schema(request: Any) -> HttpResponse:
    """OpenAPI 3.1."""
    return JsonResponse(openapi(), json_dumps_params={"ensure_ascii": False})


def docs(request: Any) -> HttpResponse:
    """Every operation with its parameters and examples."""
    calls = [
        (address, method.upper(), one)
        for address, methods in openapi()["paths"].items()
        for method, one in methods.items()
    ]
    return show(request, "api_docs.html", calls=calls, told=_told, everyone=len(EVERYONE))


def _told(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


_VIEWS = {one.name: one for one in API.urls[0] if one.name != "api-root"}
URLS = [
    path(f"{PREFIX}openapi.json", schema, name="api_schema"),
    path(f"{PREFIX}docs", docs, name="api_docs"),
    *(
        path(f"{PREFIX}{one.pattern}", serve(one.callback), name=one.name)
        for one in _VIEWS.values()
    ),
]
ROWS = {"api_schema": Row(GET, OUTSIDE), "api_docs": Row(GET, OUTSIDE)}
for call in CALLS.values():
    known = ROWS.get(call.route)
    if known:
        # Reading and writing may be of different roles: `serve` tells them apart.
        roles = known.roles | call.row.roles if known.roles and call.row.roles else OUTSIDE
        ROWS[call.route] = Row(known.methods | call.row.methods, roles, known.scope)
    else:
        ROWS[call.route] = call.row
PLACES = [(95, "api_docs", "api.title")]
