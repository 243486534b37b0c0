"""Headers of every answer: what a page may load, and what may be kept."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

PAGES = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
OFFICE = PAGES.replace(
    "script-src 'self'", "script-src 'self' 'unsafe-inline' 'unsafe-eval'"
).replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
"""The back office is a kept library whose pages run small scripts of their own."""
SIGN_ON = "/account/oidc/"


def headers(get_response: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Middleware: policy of content, no storing of pages, no features of the device."""

    def answer(request: Any) -> Any:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", _policy(request.path))
        if request.path == "/account/logout/" and request.method == "POST":
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=()"
        )
        if not request.path.startswith("/assets/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return answer


def _policy(path: str) -> str:
    if path.startswith("/office/"):
        return OFFICE
    if path.startswith(SIGN_ON):
        servers = " ".join(_servers())
        return PAGES.replace("form-action 'self'", f"form-action 'self' {servers}")
    return PAGES


def _servers() -> list[str]:
    """Where the sign-on servers are: a browser follows a form to no other place."""
    apps = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    parts = [urlsplit(app["settings"]["server_url"]) for app in apps]
    return [f"{one.scheme}://{one.netloc}" for one in parts]
