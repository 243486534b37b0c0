"""Pages of a list by a cursor."""

from typing import Any

from django.db.models import QuerySet

from techflow_service.platform.api.operations import NoPlace
from techflow_service.platform.api.shapes import PageAsked, hide, seen

DIGITS_MAX = 18


def page_of(found: QuerySet[Any], asked: PageAsked) -> tuple[list[Any], str | None]:
    """A page of rows, the newest first, and where the next begins; None at the end.

    Args:
        found: All the rows.
        asked: Which page.

    Raises:
        NoPlace: The cursor is none of this list.
    """
    rows = found.order_by("-pk")
    if asked.after:
        rows = rows.filter(pk__lt=number_of(asked.after))
    kept = list(rows[: asked.limit + 1])
    shown = kept[: asked.limit]
    return shown, hide(str(shown[-1].pk)) if len(kept) > asked.limit else None


def number_of(cursor: str) -> int:
    """The number of the row that a page ended with.

    Raises:
        NoPlace: It is none.
    """
    place = seen(cursor) or ""
    if not (place.isascii() and place.isdecimal()) or len(place) > DIGITS_MAX:
        raise NoPlace
    return int(place)
