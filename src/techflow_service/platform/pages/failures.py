"""Pages and API answers for what went wrong: what, why, what to do."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse

from techflow_service.platform.showing import show
from techflow_service.platform.words import WORDS


def absent(request: Any, exception: Any = None) -> HttpResponse:
    """Nothing is there, or nothing that this member may know of: both look the same."""
    return fail(request, 404, "absent")


def forbidden(request: Any, reason: str = "forbidden") -> HttpResponse:
    """The role may not."""
    return fail(request, 403, reason)


def csrf(request: Any, reason: str = "") -> HttpResponse:
    """The form's seal is missing or old."""
    return fail(request, 403, "csrf")


def method(request: Any, allowed: frozenset[str]) -> HttpResponse:
    """The address does not answer to this method."""
    response = fail(request, 405, "method")
    response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def broken(request: Any) -> HttpResponse:
    """A fault of ours; nothing was kept. The page asks no database: that may be the fault."""
    request.membership = None
    return fail(request, 500, "broken")


def too_often(request: Any) -> HttpResponse:
    """Sign-in and the like were asked for too often."""
    return fail(request, 429, "too_often")


def sign_in(request: Any) -> HttpResponse:
    """Nobody is signed in, or the person is in no organisation."""
    if request.user.is_authenticated:
        return fail(request, 403, "no_membership")
    if request.path.startswith("/api/"):
        return fail(request, 401, "sign_in")
    return HttpResponseRedirect(f"/account/login/?next={quote(request.path)}")


def bad(request: Any, exception: Any = None) -> HttpResponse:
    """A request that the web server's library refuses: too many fields, a strange host."""
    return fail(request, 400, "bad")


def fail(
    request: Any, status: int, reason: str, errors: Sequence[Mapping[str, str]] = ()
) -> HttpResponse:
    """An answer in the form the caller reads: a page, or problem+json in both languages.

    Args:
        request: The request.
        status: Status.
        reason: Key under `failure.` of the words.
        errors: For a program: where it is wrong, and what.
    """
    if request.path.startswith("/api/"):
        zh, en = WORDS[f"failure.{reason}"]
        problem = {"type": f"urn:techflow:{reason}", "status": status, "title": en, "title_zh": zh}
        return JsonResponse(
            problem | ({"errors": list(errors)} if errors else {}),
            status=status,
            content_type="application/problem+json",
            json_dumps_params={"ensure_ascii": False},
        )
    if not hasattr(request, "membership"):
        request.membership = None
    return show(request, "failure.html", status=status, reason=reason, code=status)
