"""Labels and figures of a row as the data dictionary names them, in one language."""

from collections.abc import Iterable, Mapping
from typing import Any

from techflow.schema import DERIVED, TABLES
from techflow.schema.model import Column
from techflow_service.platform.showing import DASH, money, number, rate, share

SHARES, RATES = ("share", "pct"), ("rate_pa", "pd", "probability")


def labelled(
    table: str, row: Mapping[str, Any], names: Iterable[str], language: str
) -> list[tuple[str, str]]:
    """Label and text of some columns of a row.

    Args:
        table: Table of the dictionary.
        row: The row.
        names: Columns, in the order wanted.
        language: `zh` or `en`.
    """
    columns = {column.name: column for column in _table(table).columns}
    return [
        (getattr(columns[name], language), written(columns[name], row.get(name), language))
        for name in names
    ]


def written(column: Column, value: Any, language: str) -> str:
    """A value as its column's unit asks; unknown is a dash.

    Args:
        column: Its column.
        value: The value.
        language: `zh` or `en`.
    """
    if value is None:
        return DASH
    if column.codes:
        return column.codes[value][language == "en"] if value in column.codes else str(value)
    if isinstance(value, bool):
        return (("否", "是"), ("no", "yes"))[language == "en"][value]
    if isinstance(value, str):
        return value
    if column.unit in ("cny", "lcy"):
        return money(value, language)
    if column.unit in RATES or column.name == "pd":
        return rate(value)
    if column.unit in SHARES:
        return share(value)
    return number(value, 0 if isinstance(value, int) else 1)


def _table(name: str) -> Any:
    return DERIVED[name] if name in DERIVED else TABLES[name]
