"""Which language a visitor reads; kept libraries are told the same."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils import translation

CODES = {"zh": "zh-hans", "en": "en"}


def language_of(request: Any) -> str:
    """`zh` or `en`: what the visitor chose, else the person's own, else Chinese.

    A program says it in the address: it keeps no cookie, and gets the same whoever's key it uses.
    """
    program = request.path.startswith("/api/")
    asked = request.GET.get("language") if program else None
    chosen = asked or request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    if chosen in CODES:
        return str(chosen)
    user = None if program else getattr(request, "user", None)
    return user.language if user is not None and user.is_authenticated else "zh"


def speaking(get_response: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Middleware: words of kept libraries (sign-in, back office) in the visitor's language."""

    def answer(request: Any) -> Any:
        with translation.override(CODES[language_of(request)]):
            return get_response(request)

    return answer
