"""Facts on the sheets of a firm, one by one: what can be contested."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from techflow.schema import DERIVED, TABLES, Column

KEYS = ("period_end_on", "month_on", "patent_id", "policy_id")
"""What tells rows of one file apart."""
MISSING = "missing"
"""The item of a contest that says something is left out."""
NOT_FACTS = ("_zh", "_en", "_hash", "_feature", "_part")
"""Ends of columns that explain other columns."""
YES_NO = {"True": ("是", "yes"), "False": ("否", "no")}
LABELS: Mapping[str, Column] = {
    column.name: column
    for table in (*TABLES.values(), *DERIVED.values())
    for column in table.columns
    if not column.name.endswith(NOT_FACTS)
}


class Fact(NamedTuple):
    """One value.

    Attributes:
        item: `file/row/column`; the row is empty where a file has one.
        value: As it is shown; empty if unknown.
    """

    item: str
    value: str


def facts_of(body: Mapping[str, Iterable[Mapping[str, Any]]]) -> Iterator[Fact]:
    """Facts of one sheet, in its order.

    Args:
        body: File -> rows.

    Examples:
        >>> sheet = {"series": [{"month_on": "2026-05-01", "currency": "CNY"}]}
        >>> [(fact.item, fact.value) for fact in facts_of(sheet)]
        [('series/2026-05-01/currency', 'CNY')]
    """
    for file, rows in body.items():
        for row in rows:
            told = next((str(row[key]) for key in KEYS if row.get(key)), "")
            for name, value in row.items():
                if name in LABELS and name not in KEYS:
                    shown = "" if value is None else str(value)
                    yield Fact(f"{file}/{told}/{name}", shown)


def words_of(item: str, language: str) -> str:
    """What an item is called; its column's name, should the dictionary have lost it.

    Examples:
        >>> words_of("statements/2025-12-31/revenue_lcy", "en")
        'Revenue · 2025-12-31'
    """
    _, row, name = item.split("/")
    label: str = getattr(LABELS[name], language) if name in LABELS else name
    return f"{label} · {row}" if row else label


def shown(item: str, value: str, language: str) -> str:
    """A value of an item as people read it.

    Examples:
        >>> shown("statements/2025-12-31/revenue_lcy", "48670517.0", "zh")
        '48,670,517'
        >>> shown("assessment//verdict", "insufficient", "zh")
        '证据不足'
    """
    column, place = LABELS.get(item.split("/")[2]), ("zh", "en").index(language)
    if column is None:
        return value
    if value in column.codes:
        return column.codes[value][place]
    if value in YES_NO:
        return YES_NO[value][place]
    if value and column.kind in ("float", "int"):
        text = f"{Decimal(value):,f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    halves = value.split(" / ", 1)
    return halves[place] if len(halves) == 2 else value
