"""Headers as users write them against the dictionary: its names, or its labels in zh or en."""

import difflib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from techflow.basics import InvalidInput
from techflow.schema import TABLES, Column, Table
from techflow_service.imports.judge import COMPUTED, EXTRA_CELLS, readable_columns

LIKENESS_MIN = 0.5
NOT_STORED_BY_HAND = frozenset({"source", "quarantine"})


def importable_tables() -> dict[str, Table]:
    """The tables a user may fill, by name."""
    return {name: table for name, table in TABLES.items() if name not in NOT_STORED_BY_HAND}


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def match_table(stem: str) -> Table | None:
    """The table a file belongs to, by its name without ending.

    Args:
        stem: Table name, or its label in Chinese or English.

    Examples:
        >>> match_table("发票").name, match_table("Invoice").name, match_table("bills")
        ('invoice', 'invoice', None)
    """
    for table in importable_tables().values():
        if _plain(stem) in map(_plain, (table.name, table.zh, table.en)):
            return table
    return None


def nearest_table(stem: str) -> str:
    """The table name most like a file name, or nothing if none is.

    Args:
        stem: File name without ending.
    """
    return _nearest(stem, {name: name for name in importable_tables()})


def match_columns(headers: Sequence[str], table: Table, name: str) -> dict[str, str]:
    """Header as found -> column of the table. Columns the import fills itself are left out.

    Args:
        headers: The first row as found.
        table: The table the file belongs to.
        name: File name, for messages.

    Raises:
        InvalidInput: A header is not in the dictionary, two mean the same, or a required
            column is missing.
    """
    words = _words(readable_columns(table))
    computed = _words(column for column in table.columns if column.name in COMPUTED)
    found: dict[str, str] = {}
    for header in headers:
        word = _plain(header)
        if header == EXTRA_CELLS or word in computed:
            continue
        if word not in words:
            raise InvalidInput(_unknown(header, words, name))
        if words[word] in found.values():
            raise InvalidInput(f"{name}: two columns mean {words[word]}; keep one")
        found[header] = words[word]
    _require(set(found.values()), table, name)
    return found


def _words(columns: Iterable[Column]) -> dict[str, str]:
    return {
        _plain(word): column.name
        for column in columns
        for word in (column.zh, column.en, column.name)
    }


def _unknown(header: str, words: Mapping[str, str], name: str) -> str:
    like = _nearest(header, words)
    hint = f"the nearest expected name is {like}; rename it" if like else "rename it"
    return f"{name}: the column {header!r} is not in the dictionary; {hint}, or remove the column"


def _nearest(word: str, words: Mapping[str, str]) -> str:
    like = difflib.get_close_matches(_plain(word), words, n=1, cutoff=LIKENESS_MIN)
    return words[like[0]] if like else ""


def _require(present: set[str], table: Table, name: str) -> None:
    absent = [
        f"{column.name} ({column.zh})"
        for column in readable_columns(table)
        if column.required and column.name not in present | {"known_at"}
    ]
    if absent:
        raise InvalidInput(
            f"{name}: the required column {', '.join(absent)} is missing; add it "
            "(`techflow template` writes files with all columns)"
        )


def check_headers(headers: Sequence[str], name: str) -> None:
    """Check that the first row names every column, each once.

    Args:
        headers: The first row as found.
        name: File name, for messages.

    Raises:
        InvalidInput: A name is missing or occurs twice.
    """
    names = [header.strip() for header in headers]
    if not any(names):
        raise InvalidInput(f"{name}: the first row is empty; it must hold the column names")
    if EXTRA_CELLS in names:
        raise InvalidInput(f"{name}: the column name {EXTRA_CELLS} is taken; rename the column")
    if "" in names:
        place = names.index("") + 1
        raise InvalidInput(f"{name}: column {place} has no name in the first row; name it")
    twice = sorted({item for item in names if names.count(item) > 1})
    if twice:
        raise InvalidInput(f"{name}: the column {', '.join(twice)} occurs twice; keep one")
