"""The gate: refuses what the table of routes does not allow."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponseRedirect
from django.urls import Resolver404, resolve

from techflow_service.platform.accounts import MUST_CHANGE
from techflow_service.platform.pages import failures
from techflow_service.platform.roles import Role
from techflow_service.platform.routes import TABLE

LIBRARIES = (
    *("/account/login/", "/account/logout/", "/account/inactive/", "/account/password/change/"),
    *("/account/reauthenticate/", "/account/2fa/", "/account/oidc/", "/account/3rdparty/"),
    *("/office/", "/assets/"),
)
"""Kept libraries check their own: sign-in, the back office, files of the pages. Of the sign-in only
what is named here: no accounts by oneself, nothing that would send a letter."""

CHANGE = "/account/password/change/"
CHANGING = (CHANGE, "/account/login/", "/account/logout/", "/assets/", "/language", "/health")
"""What is open to who came in by a password that somebody else gave."""
BODY_BYTES_MAX = 20_000_000


def access(get_response: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Middleware: refuses what the table does not allow."""

    def answer(request: Any) -> Any:
        if _must_change(request):
            api = request.path.startswith("/api/")
            return failures.forbidden(request) if api else HttpResponseRedirect(CHANGE)
        if request.path.startswith(LIBRARIES):
            return get_response(request)
        if request.path.startswith("/api/"):
            unfit = _unfit(request)
            if unfit:
                return unfit
        try:
            route = resolve(request.path_info).view_name
        except Resolver404:
            return failures.absent(request)
        row = TABLE.get(route)
        if row is None or (row.roles and request.membership is None):
            return failures.sign_in(request) if row else failures.forbidden(request)
        if request.method not in row.methods:
            return failures.method(request, row.methods)
        if row.roles and Role(request.membership.role) not in row.roles:
            return failures.forbidden(request)
        request.route = route
        return get_response(request)

    return answer


def _must_change(request: Any) -> bool:
    """Whether the person came in by a password that somebody else gave, and asks for more."""
    return not request.path.startswith(CHANGING) and request.session.get(MUST_CHANGE, False)


def _unfit(request: Any) -> Any | None:
    """What no operation of the API takes: a key that is not valid, or a body without end."""
    if "Authorization" in request.headers and not request.bearer:
        return failures.fail(request, 401, "key")
    told = request.META.get("CONTENT_LENGTH") or "0"
    if int(told) > BODY_BYTES_MAX if told.isdecimal() else True:
        return failures.fail(request, 413, "too_large")
    return None
