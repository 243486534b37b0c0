"""A figure in words, in the unit that the data dictionary gives its column."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from techflow.schema import DERIVED, TABLES, Column
from techflow_service.platform.showing import DASH, Speaker, money, number, rate, share

COLUMNS: Mapping[str, Mapping[str, Column]] = {
    name: {column.name: column for column in table.columns}
    for name, table in {**TABLES, **DERIVED}.items()
}
TIMES = re.compile(r"^(current|cash|asset_turnover|sales_volatility|.*_hhi|risk_weight)_ratio$")
"""Ratios that read as a multiple; all others read as a percentage."""
COUNTED: Mapping[str, str] = {"month": "firm.months", "day": "firm.days", "year": "firm.years"}
SHARES: Mapping[str, Callable[[float], str]] = {
    "share": share,
    "pd": rate,
    "rate_pa": rate,
}
"""How units of terms and columns read; `pd` stands in terms only, columns have it as a share."""


def label(speak: Speaker, table: str, name: str) -> str:
    """What the dictionary calls a column."""
    column = COLUMNS[table][name]
    return choose(speak, (column.zh, column.en))


def choose(speak: Speaker, pair: tuple[str, str]) -> str:
    """The Chinese or the English of a pair."""
    return pair[0] if speak.language == "zh" else pair[1]


def tell(speak: Speaker, value: Any, column: Column, currency: str | None = "CNY") -> str:
    """A value as people write it.

    Args:
        speak: Words of the language.
        value: As it is in a sheet; None for unknown.
        column: Its column of the dictionary.
        currency: Of amounts in the firm's own currency.
    """
    if value is None:
        return DASH
    if column.codes:
        return choose(speak, column.codes.get(value, (str(value), str(value))))
    if column.kind in ("date", "timestamp"):
        return str(value)[:10]
    if column.kind == "text":
        return speak.both(str(value))
    if column.name == "pd":
        return rate(value)
    if column.unit in ("lcy", "cny"):
        return amount(speak, value, "CNY" if column.unit == "cny" else currency)
    if column.unit in COUNTED:
        places = 0 if float(value).is_integer() else 1
        return speak(COUNTED[column.unit], n=number(value, places))
    if column.unit == "ratio":
        return number(value, 2) if TIMES.match(column.name) else share(value)
    plain = number(value, 0 if float(value).is_integer() else 1)
    return SHARES[column.unit](value) if column.unit in SHARES else plain


def labelled(
    speak: Speaker, table: str, row: Mapping[str, Any], names: Iterable[str]
) -> list[tuple[str, str]]:
    """Label and figure of some columns of a row.

    Args:
        speak: Words of the language.
        table: Table of the dictionary.
        row: The row; its `currency`, if it has one, is that of its own amounts.
        names: Columns, in the order wanted.
    """
    currency = row.get("currency")
    return [
        (label(speak, table, name), tell(speak, row.get(name), COLUMNS[table][name], currency))
        for name in names
    ]


def amount(speak: Speaker, value: float | None, currency: str | None) -> str:
    """An amount with its currency: 1,100.00万元, CNY 11.00m."""
    if value is None:
        return DASH
    text = money(value, speak.language)
    if speak.language == "zh":
        return f"{text}元" if currency == "CNY" else f"{text} {currency or ''}".rstrip()
    return f"{currency or ''} {text}".lstrip()
