"""The back office in the visitor's language: names of registers, fields and codes."""

from collections.abc import Iterable
from typing import Any

from django.utils.functional import lazystr
from django.utils.translation import get_language, trans_real

from techflow_service.platform.words import WORDS
from techflow_service.platform.words.office import LIBRARY


class Word:
    """A word that is chosen when it is shown.

    Args:
        key: Its key.
    """

    def __init__(self, key: str) -> None:
        self._key = key

    def __str__(self) -> str:
        """In the language of the request; Chinese outside one."""
        return WORDS[self._key][get_language() == "en"]


def word(key: str) -> Any:
    """A word as Django takes it.

    Args:
        key: Its key.

    Examples:
        >>> from django.utils import translation
        >>> with translation.override("en"):
        ...     str(word("office.org"))
        'organisation'
    """
    return lazystr(Word(key))


def title(request: Any) -> str:
    """What the back office calls itself.

    Args:
        request: The request.
    """
    return str(word("office.title"))


def name_register(model: Any, one: str, many: str) -> None:
    """Give a register and its fields words; migrations do not see them.

    Args:
        model: The model.
        one: Key of its name.
        many: Key of the name of several.
    """
    model._meta.verbose_name, model._meta.verbose_name_plural = word(one), word(many)
    for field in model._meta.fields:
        if f"office.{field.name}" in WORDS:
            field.verbose_name = word(f"office.{field.name}")


def choices(area: str, codes: Iterable[str]) -> list[tuple[str, Any]]:
    """Codes of a field with their words.

    Args:
        area: First half of the keys, such as `role`.
        codes: The codes.
    """
    return [(code, word(f"{area}.{code}")) for code in codes]


class _Library:
    """What Django's catalogue of words takes another from."""

    def __init__(self, plural: Any) -> None:
        self._catalog, self.plural, self._fallback = dict(LIBRARY), plural, None


def teach_library() -> None:
    """Add Chinese words to a library that has none of its own."""
    known = trans_real.translation("zh-hans")
    known.merge(_Library(known.plural))
