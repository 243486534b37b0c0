"""Headers of every answer: what a page may load, and what may be kept."""

from collections.abc import Callable
from typing import Any

PAGES = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
OFFICE = PAGES.replace(
    "script-src 'self'", "script-src 'self' 'unsafe-inline' 'unsafe-eval'"
).replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
"""The back office is a kept library whose pages run small scripts of their own."""


def headers(get_response: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Middleware: policy of content, no storing of pages, no features of the device."""

    def answer(request: Any) -> Any:
        response = get_response(request)
        office = request.path.startswith("/office/")
        response.headers.setdefault("Content-Security-Policy", OFFICE if office else PAGES)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=()"
        )
        if not request.path.startswith("/assets/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return answer
