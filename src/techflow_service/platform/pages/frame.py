"""What every page has around it: language, the hat a person wears, the health of the server."""

from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme

from techflow_service.platform.context import CHOSEN
from techflow_service.platform.pages import failures
from techflow_service.platform.roles import EVERYONE
from techflow_service.platform.routes import GET, OUTSIDE, POST, Row
from techflow_service.platform.speaking import CODES

YEAR_SECONDS = 365 * 24 * 3600


def health(request: Any) -> HttpResponse:
    """Whether the server and its database answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


def language(request: Any) -> HttpResponse:
    """Choose the language; kept in a cookie that holds nothing else."""
    response = _back(request)
    wanted = request.POST.get("language")
    if wanted in CODES:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            wanted,
            YEAR_SECONDS,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response


def membership(request: Any) -> HttpResponse:
    """Put on another of one's own hats."""
    mine = request.user.memberships.filter(ended_at__isnull=True)
    wanted = request.POST.get("membership", "")
    if not wanted.isdecimal() or not mine.filter(pk=int(wanted)).exists():
        return failures.absent(request)
    request.session[CHOSEN] = int(wanted)
    return HttpResponseRedirect("/")


def _back(request: Any) -> HttpResponseRedirect:
    wanted = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}) and wanted.startswith("/")
    return HttpResponseRedirect(wanted if safe else "/")


URLS = [
    path("health", health, name="health"),
    path("language", language, name="language"),
    path("membership", membership, name="membership"),
]
ROWS = {
    "health": Row(GET, OUTSIDE),
    "language": Row(POST, OUTSIDE),
    "membership": Row(POST, EVERYONE, "own"),
}
