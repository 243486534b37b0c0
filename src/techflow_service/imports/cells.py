"""One cell: text as people write it becomes a value, nothing, or a problem."""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

from techflow.basics.identifiers import CHECKERS, NORMALISERS
from techflow.basics.problem import Problem
from techflow.schema import Column
from techflow_service.imports import reasons

Reader = Callable[[str], object]
"""Text in; a value, None for an empty cell, or a `Problem` out."""

NOTHING = frozenset(
    {"", "-", "--", "—", "——", "/", "n/a", "#n/a", "na", "nan", "null", "none", "不适用"}
)
YES = frozenset({"是", "有", "真", "y", "yes", "true", "t", "1", "√", "✓"})
NO = frozenset({"否", "无", "没有", "假", "n", "no", "false", "f", "0", "×", "x"})
SHARES = frozenset({"share", "ratio", "rate_pa"})

_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?", re.ASCII)
_WITH_UNIT = re.compile(r"[+-]?[\d,.]+\s*(?:[十百千万亿]+元?|元|[kmb]|bn|mn|mio)", re.ASCII | re.I)
_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
    r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?UTC|Z|[+-]\d{2}:?\d{2})?)?",
    re.ASCII,
)
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?", re.ASCII)
_SERIAL_ZERO = date(1899, 12, 30)
_WHOLE_LIMIT = 2**63


def plain(text: str) -> str:
    """Half-width characters, one kind of minus, no space around.

    Examples:
        >>> plain(" （１，２３４） ")
        '(1,234)'
    """
    return unicodedata.normalize("NFKC", text).replace("−", "-").strip()


def read_number(text: str, *, is_share: bool = False) -> float | Problem | None:
    """A number with thousands separators, accounting parentheses or, for shares, a percent sign.

    Args:
        text: The cell.
        is_share: True if the column holds a fraction, where `5%` means 0.05.

    Examples:
        >>> read_number("(1,234.50)"), read_number("5%", is_share=True), read_number("-")
        (-1234.5, 0.05, None)
        >>> read_number("12万元").code, read_number("1,5").code
        ('unit_in_cell', 'not_a_number')
    """
    bare = plain(text)
    if bare.lower() in NOTHING:
        return None
    if _WITH_UNIT.fullmatch(bare):
        return reasons.UNIT_IN_CELL
    negative = bare.startswith("(") and bare.endswith(")")
    bare = bare[1:-1].strip() if negative else bare
    percent = bare.endswith("%")
    bare = bare[:-1].rstrip() if percent else bare
    if not (_PLAIN.fullmatch(bare) or _GROUPED.fullmatch(bare)):
        return reasons.NOT_A_NUMBER
    if percent and not is_share:
        return reasons.PERCENT_SIGN
    value = float(bare.replace(",", "")) / (100 if percent else 1)
    if not math.isfinite(value) or (negative and bare[0] in "+-"):
        return reasons.NOT_A_NUMBER
    return -value if negative else value


def read_whole(text: str) -> int | Problem | None:
    """A whole number; `12.0` is one, `12.5` is not.

    Examples:
        >>> read_whole("1,200"), read_whole("12.5").code
        (1200, 'not_whole')
    """
    value = read_number(text)
    if value is None or isinstance(value, Problem):
        return value
    return int(value) if value == int(value) and abs(value) < _WHOLE_LIMIT else reasons.NOT_WHOLE


def read_date(text: str, *, serials: bool = False) -> date | Problem | None:
    """A day, written year first. Day-first and two-digit years are refused, not guessed.

    Args:
        text: The cell.
        serials: True in a workbook, where 43835 is the serial number of 2020-01-05.

    Examples:
        >>> read_date("2020年1月5日"), read_date("43835", serials=True)
        (datetime.date(2020, 1, 5), datetime.date(2020, 1, 5))
        >>> read_date("5/1/2020").code
        'not_a_date'
    """
    bare = plain(text)
    if bare.lower() in NOTHING:
        return None
    if serials and (serial := _SERIAL.fullmatch(bare)):
        return _SERIAL_ZERO + timedelta(days=int(serial[1]))
    found = _DATE.fullmatch(bare) or _COMPACT_DATE.fullmatch(bare)
    try:
        return date(*map(int, found.groups())) if found else reasons.NOT_A_DATE
    except ValueError:  # 2020-02-30
        return reasons.NOT_A_DATE


def read_stamp(text: str, *, serials: bool = False) -> datetime | Problem | None:
    """A moment in UTC; a bare date is its first moment, a time without a zone is UTC.

    Examples:
        >>> read_stamp("2020-01-05T08:00:00+08:00")
        datetime.datetime(2020, 1, 5, 0, 0, tzinfo=datetime.timezone.utc)
    """
    try:
        moment = datetime.fromisoformat(plain(text).replace(" UTC", "Z"))
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        day = read_date(text, serials=serials)
    if isinstance(day, date):
        return datetime.combine(day, time(), UTC)
    return reasons.NOT_A_TIME if day else None


def read_flag(text: str) -> bool | Problem | None:
    """Yes or no, in Chinese or English words.

    Examples:
        >>> read_flag("是"), read_flag("No"), read_flag("")
        (True, False, None)
    """
    bare = plain(text).lower()
    if bare in YES or bare in NO:
        return bare in YES
    return None if bare in NOTHING else reasons.NOT_A_FLAG


def code_reader(column: Column) -> Reader:
    """Reads a column with a list of codes: the code or its label in either language."""
    problem = reasons.unknown_code(column)
    codes: Mapping[str, str] = {
        plain(word).lower(): code
        for code, labels in column.codes.items()
        for word in (*labels, code)
    }

    def _read_code(text: str) -> str | Problem | None:
        bare = plain(text).lower()
        return codes.get(bare, problem) if bare else None

    return _read_code


def checked_reader(name: str) -> Reader:
    """Reads a column with a checker: canonical spelling first, then the check."""

    def _read_checked(text: str) -> str | Problem | None:
        if not text.strip():
            return None
        value = NORMALISERS[name](text)
        return CHECKERS[name](value) or value

    return _read_checked


def reader_of(column: Column, *, serials: bool) -> Reader:
    """The reader for a column of the dictionary; free text needs none.

    Args:
        column: The column; its kind, codes, check and unit decide.
        serials: True if bare numbers in date columns are serial numbers of a workbook.
    """
    if column.codes:
        return code_reader(column)
    if column.check:
        return checked_reader(column.check)
    readers: Mapping[str, Reader] = {
        "float": partial(read_number, is_share=column.unit in SHARES),
        "int": read_whole,
        "bool": read_flag,
        "date": partial(read_date, serials=serials),
        "timestamp": partial(read_stamp, serials=serials),
    }
    return readers[column.kind]
