"""One patent under many spellings: which patent a number names, and what was done to read it."""

import re
from collections.abc import Callable
from typing import NamedTuple

from techflow.basics.patent_numbers import (
    check_patent_id,
    normalise_patent_id,
    patent_check_digit,
    without_points,
)
from techflow.basics.problem import Problem

RULES = {
    "separators": ("去除空格、标点与大小写差异", "spaces, points and case"),
    "prefix": ("补国别代码或去除 ZL 前缀", "prefix ZL, or none, for CN"),
    "check_digit_added": ("补算校验位", "check digit worked out"),
    "kind_code_added": ("补文献种类代码", "kind code of the document added"),
    "granted_document": ("授权公告与申请公布同号", "the grant keeps the number of its publication"),
    "kind_code_dropped": ("去除文献种类代码", "kind code of the document dropped"),
    "zeros": ("补零或去零", "zeros in front of the serial number"),
    "year": ("补全年份", "year written in full"),
}
"""What a reading may have done: (Chinese, English)."""
_BARE = re.compile(r"(?:CN|ZL)?(\d{12})|(?:CN|ZL)(\d{8})", re.ASCII)
_UNCODED = re.compile(r"CN((?!100)1|[23])(\d{8})", re.ASCII)
_GRANTED = re.compile(r"(CN1\d{8})B\d?", re.ASCII)
_KIND = r"(?:[A-Z]\d?)?"
_US_GRANT = re.compile(rf"US0*(\d{{6,8}}?){_KIND}", re.ASCII)
_US_APPLICATION = re.compile(rf"US(20\d\d)0?(\d{{6}}){_KIND}", re.ASCII)
_EP = re.compile(rf"EP(\d{{5,7}}){_KIND}", re.ASCII)
_WO = re.compile(rf"WO(\d\d|(?:19|20)\d\d)(\d{{5,6}}){_KIND}", re.ASCII)
_WO_FIRST_YEAR = 78
_KIND_OF_FIRST = {"1": "A", "2": "U", "3": "S"}


class Spelling(NamedTuple):
    """What a written number means.

    Attributes:
        patent_id: The one spelling of the patent; the tidied text if it is no patent number.
        rules: Names from `RULES`, in the order applied; empty if the text is already that.
        problem: What is wrong with the number, or None.
    """

    patent_id: str
    rules: tuple[str, ...]
    problem: Problem | None


def identify_patent(text: str) -> Spelling:
    """Which patent a number names.

    An application number and the number of its publication name the same patent, but neither can
    be worked out from the other: they stay two ids.

    Args:
        text: A number as people write it: Chinese application numbers with or without check digit
            and ZL, Chinese, US, European and international publications. Numbers of other
            offices are tidied only.

    Returns:
        The spelling. A wrong check digit is a problem, never mended: any digit may be the wrong
        one.

    Source:
        China: ZC 0006-2003 (application numbers) and ZC 0007-2012 (documents; a granted invention
        keeps its publication number, with B for A). US: 35 U.S.C. 122 publications carry year and
        seven digits. WO: WIPO ST.6, two-digit years and five digits before July 2002.

    Examples:
        >>> identify_patent("zl 2017 1 0601862").patent_id, identify_patent("WO 99/12345").patent_id
        ('CN201710601862.3', 'WO1999012345')
        >>> identify_patent("US 10,692,631 B2").rules
        ('separators', 'kind_code_dropped')
    """
    spelled, rules = _tidy(text)
    for step in (_complete, _drop_kind):
        spelled, done = step(spelled)
        rules += done
    if spelled != text and not rules:
        rules.append("separators")
    return Spelling(spelled, tuple(dict.fromkeys(rules)), check_patent_id(spelled))


def _tidy(text: str) -> tuple[str, list[str]]:
    spelled, plain = normalise_patent_id(text), without_points(text)
    point_lost = "." in text and "." not in spelled
    rules = ["separators"] if point_lost or text.replace(".", "") != plain else []
    if "." in spelled and not plain.startswith("CN"):
        rules.append("prefix")
    return spelled, rules


def _complete(spelled: str) -> tuple[str, list[str]]:
    """Chinese numbers: what is left out is put back."""
    bare = _BARE.fullmatch(spelled)
    if bare:
        number = bare[1] or bare[2]
        candidate = f"CN{number}.{patent_check_digit(number)}"
        if check_patent_id(candidate) is None:
            prefix = [] if spelled.startswith("CN") else ["prefix"]
            return candidate, [*prefix, "check_digit_added"]
    uncoded = _UNCODED.fullmatch(spelled.replace(".", ""))
    if uncoded and check_patent_id(spelled):
        return f"CN{uncoded[1]}{uncoded[2]}{_KIND_OF_FIRST[uncoded[1]]}", ["kind_code_added"]
    granted = _GRANTED.fullmatch(spelled)
    # Before 2010 a grant had a number of its own, CN100..., and the letter C.
    return (f"{granted[1]}A", ["granted_document"]) if granted else (spelled, [])


def _drop_kind(spelled: str) -> tuple[str, list[str]]:
    """Documents of one patent at other offices: the number without the kind of document."""
    for pattern, write in _OFFICES:
        found = pattern.fullmatch(spelled)
        if not found:
            continue
        plain = write(found)
        undone = re.sub(r"(?<=\d)[A-Z]\d?$", "", spelled)
        rules = ["kind_code_dropped"] if undone != spelled else []
        if undone != plain:
            rules.append("year" if pattern is _WO and len(found[1]) == 2 else "zeros")
        return plain, rules
    return spelled, []


def _write_wo(found: re.Match[str]) -> str:
    year = found[1]
    if len(year) == 2:
        year = ("19" if int(year) >= _WO_FIRST_YEAR else "20") + year
    return f"WO{year}{int(found[2]):06}"


_OFFICES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (_US_APPLICATION, lambda found: f"US{found[1]}{int(found[2]):07}"),
    (_US_GRANT, lambda found: f"US{int(found[1])}"),
    (_EP, lambda found: f"EP{int(found[1]):07}"),
    (_WO, _write_wo),
)
