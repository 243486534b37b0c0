"""What the dictionary is made of: columns and tables as plain frozen records."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Literal

import narwhals.stable.v2 as nw

from techflow.basics import InvalidInput

Kind = Literal["text", "int", "float", "bool", "date", "timestamp"]
DTYPES: Mapping[str, Any] = {
    "text": nw.String,
    "int": nw.Int64,
    "float": nw.Float64,
    "bool": nw.Boolean,
    "date": nw.Date,
    "timestamp": nw.Datetime("us", "UTC"),
}
PYTHON_TYPES: Mapping[str, type] = {
    "text": str,
    "int": int,
    "float": float,
    "bool": bool,
    "date": date,
    "timestamp": datetime,
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its type, unit, range or codes, and its label in both languages.

    Attributes:
        name: Column name; the unit comes last.
        kind: Logical type.
        zh: Chinese label.
        en: English label.
        unit: `cny`, `lcy` (the row's own currency), `share`, `n`, `day`, ... or empty.
        required: True if a row without it is quarantined.
        low: Least allowed value, inclusive.
        high: Greatest allowed value, inclusive.
        codes: Allowed values with their (zh, en) labels; empty means free.
        check: Name of a checker in `techflow.basics.identifiers`, or empty.
    """

    name: str
    kind: Kind
    zh: str
    en: str
    unit: str = ""
    required: bool = False
    low: float | None = None
    high: float | None = None
    codes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    check: str = ""

    @property
    def dtype(self) -> Any:
        """The narwhals type of the column."""
        return DTYPES[self.kind]


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns and the columns that identify a record.

    Attributes:
        name: Table name, singular.
        zh: Chinese label.
        en: English label.
        key: Columns that together identify one record; versions of a record share them.
        columns: All columns, evidence columns last.
    """

    name: str
    zh: str
    en: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(column.name for column in self.columns)

    @property
    def schema(self) -> dict[str, Any]:
        """Column name -> narwhals type, in order."""
        return {column.name: column.dtype for column in self.columns}

    def column(self, name: str) -> Column:
        """The column of that name.

        Raises:
            InvalidInput: The table has no such column.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise InvalidInput(f"table {self.name} has no column {name}; it has {self.names}")


def text(name: str, zh: str, en: str, **more: Any) -> Column:
    """A text column."""
    return Column(name, "text", zh, en, **more)


def code(name: str, zh: str, en: str, codes: Mapping[str, tuple[str, str]], **more: Any) -> Column:
    """A text column with a closed list of values."""
    return Column(name, "text", zh, en, codes=codes, **more)


def count(name: str, zh: str, en: str, **more: Any) -> Column:
    """A whole number of things, not negative."""
    return Column(name, "int", zh, en, unit="n", low=0, **more)


def number(name: str, zh: str, en: str, unit: str, **more: Any) -> Column:
    """A float64 quantity with a unit."""
    return Column(name, "float", zh, en, unit=unit, **more)


def money(name: str, zh: str, en: str, **more: Any) -> Column:
    """An amount in the row's own currency."""
    return Column(name, "float", zh, en, unit="lcy", **more)


def day(name: str, zh: str, en: str, **more: Any) -> Column:
    """A calendar day."""
    return Column(name, "date", zh, en, **more)


def yes_no(name: str, zh: str, en: str, **more: Any) -> Column:
    """A nullable yes or no."""
    return Column(name, "bool", zh, en, **more)


def stamp(name: str, zh: str, en: str, **more: Any) -> Column:
    """A moment in UTC."""
    return Column(name, "timestamp", zh, en, **more)


EVIDENCE = (
    text("source_id", "来源编号", "Source id", required=True),
    Column("source_row_n", "int", "来源行号", "Row in the source", unit="n", low=1),
    stamp("known_at", "可知时间", "Known at", required=True),
    stamp("loaded_at", "载入时间", "Loaded at", required=True),
)
"""What every stored row carries: where it came from, when the world could know it, when we did."""


def table(name: str, zh: str, en: str, key: str, columns: Iterable[Column]) -> Table:
    """A stored table: the columns given, then the evidence columns.

    Args:
        name: Table name.
        zh: Chinese label.
        en: English label.
        key: Key columns, separated by spaces.
        columns: Columns without the evidence columns.
    """
    return Table(name, zh, en, tuple(key.split()), (*columns, *EVIDENCE))


BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)
"""Earliest moment a record may claim; an earlier one is an error of entry."""
