"""How pages are written: one environment, words in both languages, figures in one manner."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import get_template
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone

from techflow_service.mark_words import say_mark
from techflow_service.platform.roles import EVERYONE, Role
from techflow_service.platform.routes import PLACES, TABLE
from techflow_service.platform.speaking import language_of
from techflow_service.platform.words import WORDS

DASH = "—"
OURS = ("autoescape", "undefined")


def environment(**options: Any) -> Any:
    """The Jinja environment that Django asks for."""
    from jinja2 import Environment, StrictUndefined

    options = {name: value for name, value in options.items() if name not in OURS}
    made = Environment(autoescape=True, undefined=StrictUndefined, **options)
    made.globals.update(static=static, url=_url, session_seconds=settings.SESSION_COOKIE_AGE)
    made.filters.update(money=money, share=share, rate=rate, day=day, number=number, moment=moment)
    return made


def show(request: Any, template: str, /, status: int = 200, **values: Any) -> HttpResponse:
    """One page.

    Args:
        request: The request.
        template: Its template, such as `firms.html`.
        status: Status of the answer.
        values: What the template names.
    """
    language = language_of(request)
    membership = getattr(request, "membership", None)
    text = get_template(template, using="jinja2").render(
        {
            "request": request,
            "lang": language,
            "t": Speaker(language),
            "membership": membership,
            "person": membership.person if membership else None,
            "csrf_token_text": get_token(request),
            "places": places_of(membership),
            "fragment": request.headers.get("HX-Request") == "true",
            **values,
        }
    )
    return HttpResponse(text, status=status)


def places_of(membership: Any | None) -> list[tuple[str, str]]:
    """Entries of the rail that the member's role may open: route, key of its words."""
    if membership is None:
        return []
    role = Role(membership.role)
    return [(route, key) for _, route, key in PLACES if role in (TABLE[route].roles or EVERYONE)]


class Speaker:
    """Words of one language: `t("firms.title")`, `t("firms.count", n=5)`."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._place = ("zh", "en").index(language)

    def __call__(self, key: str, /, **values: Any) -> str:
        """The words of a key; an unknown key is a fault of the program."""
        return WORDS[key][self._place].format(**values) if values else WORDS[key][self._place]

    def pick(self, value: Mapping[str, Any], stem: str) -> Any:
        """`stem_zh` or `stem_en` of a record."""
        return value.get(f"{stem}_{self.language}")

    def named(self, thing: Any, stem: str = "name") -> Any:
        """`stem_zh` or `stem_en` of an object."""
        return getattr(thing, f"{stem}_{self.language}")

    def mark(self, mark: str) -> str:
        """The mark of a rule or number, such as `unverified 0.95`, in words."""
        return say_mark(mark, self.language)

    def both(self, text: str | None) -> str:
        """The half of a text like `软件 / Software` that is in this language."""
        halves = (text or DASH).split(" / ", 1)
        return halves[self._place] if len(halves) == 2 else halves[0]


def money(value: float | None, language: str = "zh") -> str:
    """An amount: 万元 and 亿元, or k, m and bn.

    Examples:
        >>> money(12_345_678), money(12_345_678, "en"), money(None)
        ('1,234.57万', '12.35m', '—')
    """
    if value is None:
        return DASH
    steps = (
        ((1e8, "亿"), (1e4, "万")) if language == "zh" else ((1e9, "bn"), (1e6, "m"), (1e3, "k"))
    )
    for size, unit in steps:
        if abs(value) >= size:
            return f"{value / size:,.2f}{unit}"
    return f"{value:,.0f}"


def share(value: float | None) -> str:
    """A share in percent with one decimal."""
    return DASH if value is None else f"{100 * value:.1f}%"


def rate(value: float | None) -> str:
    """A yearly rate or PD in percent with two decimals."""
    return DASH if value is None else f"{100 * value:.2f}%"


def number(value: float | None, places: int = 0) -> str:
    """A number with separators."""
    return DASH if value is None else f"{value:,.{places}f}"


def day(value: date | None) -> str:
    """2026-01-31."""
    return DASH if value is None else value.strftime("%Y-%m-%d")


def moment(value: datetime | None) -> str:
    """2026-01-31 09:30, in the platform's time zone."""
    return DASH if value is None else timezone.localtime(value).strftime("%Y-%m-%d %H:%M")


def _url(name: str, *values: Any) -> str:
    return reverse(name, args=values)
