"""Patent numbers: Chinese application numbers with their check digit, numbers of other offices."""

import re

from techflow.basics.problem import Problem, tidy_code

PATENT_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
_APPLICATION = re.compile(r"(?:ZL|CN)?(\d{12}|\d{8})\.?([\dX])", re.ASCII)
_CANONICAL = re.compile(r"CN(\d{12}|\d{8})\.([\dX])", re.ASCII)
_PUBLICATION = re.compile(r"CN\d{7,9}[A-Z]\d?", re.ASCII)
_FOREIGN = re.compile(r"(?!CN|ZL)[A-Z]{2,4}\d{4,14}(?:[A-Z]\d?)?", re.ASCII)
_KINDS = "12389"

_SHAPE = Problem(
    "bad_patent_id",
    "不是专利编号：应为 CN202010123456.2（申请号含校验位）、CN112345678A 或 US10692631",
    "not a patent number: expected CN202010123456.2 (application number with check digit), "
    "CN112345678A or US10692631",
)
_KIND = Problem(
    "bad_patent_id",
    "专利申请号的年份或种类位不存在（种类位为 1、2、3、8、9；8 位号仅用于 1985 至 2003 年）",
    "no such year or kind digit in the application number (kind is 1, 2, 3, 8 or 9; "
    "8-digit numbers ran from 1985 to 2003)",
)


def patent_check_digit(number: str) -> str:
    """Check digit of a Chinese application number.

    Args:
        number: The 12 digits (8 before October 2003) in front of the point.

    Returns:
        A digit, or `X` for 10.

    Source:
        ZC 0006-2003, application number standard: weights 2 to 9 then 2 to 5, modulo 11.

    Examples:
        >>> patent_check_digit("201710601862"), patent_check_digit("95115608")
        ('3', 'X')
    """
    rest = sum(int(digit) * w for digit, w in zip(number, PATENT_WEIGHTS, strict=False)) % 11
    return "X" if rest == 10 else str(rest)


def normalise_patent_id(text: str) -> str:
    """One spelling per patent: `ZL 2017 1 0601862.3` becomes `CN201710601862.3`.

    Args:
        text: A patent number as people write it.

    Returns:
        The canonical spelling; text of another shape comes back upper-case without separators.

    Examples:
        >>> normalise_patent_id("zl 95115608.x"), normalise_patent_id("WO 2020/123456")
        ('CN95115608.X', 'WO2020123456')
    """
    chinese = _APPLICATION.fullmatch(tidy_code(text))
    return "CN{}.{}".format(*chinese.groups()) if chinese else without_points(text)


def without_points(text: str) -> str:
    """A number upper-case and without separators; signs that come together then are one again.

    Args:
        text: A patent number as people write it.

    Examples:
        >>> without_points("us 10,692,631 b2")
        'US10692631B2'
    """
    return tidy_code(re.sub(r"[/.,]", "", tidy_code(text)))


def check_patent_id(text: str) -> Problem | None:
    """What is wrong with a canonical patent number, or None.

    Args:
        text: A number as `normalise_patent_id` writes it.

    Examples:
        >>> check_patent_id("CN201710601862.3") is None
        True
        >>> check_patent_id("CN201710601862.4").en
        'wrong check digit in the application number: expected 3'
    """
    chinese = _CANONICAL.fullmatch(text)
    if not chinese:
        published = _PUBLICATION.fullmatch(text) or _FOREIGN.fullmatch(text)
        return None if published else _SHAPE
    number, given = chinese.groups()
    long = len(number) == 12
    year = int(number[:4]) if long else 1900 + int(number[:2]) + 100 * (number[:2] < "85")
    in_years = 2003 <= year <= 2099 if long else 1985 <= year <= 2003
    if not in_years or number[4 if long else 2] not in _KINDS:
        return _KIND
    expected = patent_check_digit(number)
    if given == expected:
        return None
    return Problem(
        "bad_patent_id",
        f"专利申请号校验位错误：应为 {expected}",
        f"wrong check digit in the application number: expected {expected}",
    )
