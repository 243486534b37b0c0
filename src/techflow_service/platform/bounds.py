"""What no request may be: too large, or holding a character that no text has.

Number and size of headers, and the length of an address, are bounded by the web server.
"""

from collections.abc import Callable
from itertools import chain
from typing import Any

from techflow_service.platform.pages import failures

BODY_BYTES_MAX = 3_000_000
"""Django bounds the fields of a form, not its files. The API bounds its calls itself."""


def bounds(get_response: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Middleware: 413 for a body that is too large, 400 for the null character."""

    def answer(request: Any) -> Any:
        if request.path_info.startswith("/api/"):
            return get_response(request)
        if _length(request) > BODY_BYTES_MAX:
            return failures.fail(request, 413, "page_too_large")
        if "\0" in request.path_info or any(map(_holds_null, (request.GET, request.POST))):
            return failures.bad(request)
        return get_response(request)

    return answer


def _length(request: Any) -> int:
    told = request.META.get("CONTENT_LENGTH") or "0"
    return int(told[:15]) if told.isascii() and told.isdecimal() else 0


def _holds_null(words: Any) -> bool:
    return any("\0" in one for one in chain(words, *(told for _, told in words.lists())))
