"""Numbers in a text against the accounts, and how much of its wording changed in a year."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SCALES = {
    "千": 1e3,
    "万": 1e4,
    "百万": 1e6,
    "亿": 1e8,
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
}
NUMBER = r"(?P<minus>[-−])?(?P<digits>\d[\d,]*(?:\.\d+)?)"
# A number is money only with a unit: yuan in Chinese, a currency in English.
ZH = r"[^\d。；;%\n]{0,12}?" + NUMBER + r"\s*(?P<scale>百万|亿|万|千)?元"
EN = (
    r"[^\d.;%\n]{0,40}?(?:RMB|CNY|KRW|USD|US\$|\$|₩|¥)\s*"
    + NUMBER
    + r"(?:\s*(?P<scale>thousand|million|billion)\b)?"
)
BEFORE_CHARS = 14
EARLIER = re.compile(r"上年|上期|去年|同期|previous|prior|last year|earlier", re.IGNORECASE)
SHINGLE_CHARS, SHINGLE_WORDS = 5, 3
SHINGLES_MIN = 20
CHINESE = re.compile(r"[一-鿿]")
CHINESE_SHARE_MIN = 0.2


@dataclass(frozen=True, slots=True)
class Stated:
    """A number a text gives for an item of the accounts.

    Attributes:
        item: Column of the table `statement`.
        amount: In units of the currency.
        tolerance: Half of the last digit written.
        said: The words it was read from.
    """

    item: str
    amount: float
    tolerance: float
    said: str


@dataclass(frozen=True, slots=True)
class Item:
    """What an item is called in texts; a loss counts below zero."""

    item: str
    zh: tuple[str, ...]
    en: tuple[str, ...]
    sign: float = 1.0

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Item":
        """Read an item as it comes from the content."""
        return cls(data["item"], tuple(data["zh"]), tuple(data["en"]), data.get("sign", 1.0))


def read_stated(text: str, *, items: Sequence[Item]) -> tuple[Stated, ...]:
    """Numbers a text gives for known items, Chinese or English.

    Only a number with a unit of money close behind the item's name is read; what the text says
    of an earlier year is left out. Tables, sums in words and other spellings are not seen: that
    nothing was found says nothing.

    Args:
        text: A notice.
        items: What to look for; the longest name wins where names overlap.

    Returns:
        What was found, in the order of the text.

    Examples:
        >>> revenue = Item("revenue_lcy", ("营业收入",), ("revenue",))
        >>> (found,) = read_stated("营业收入为1.25亿元", items=[revenue])
        >>> found.amount, found.tolerance
        (125000000.0, 500000.0)
    """
    names = [(name, item, ZH) for item in items for name in item.zh]
    names += [(name, item, EN) for item in items for name in item.en]
    found: dict[int, Stated] = {}
    taken: set[int] = set()
    for name, item, pattern in sorted(names, key=lambda entry: -len(entry[0])):
        for match in re.finditer(re.escape(name) + pattern, text, re.IGNORECASE):
            place = match.start("digits")
            earlier = EARLIER.search(text[max(0, match.start() - BEFORE_CHARS) : place])
            if place not in taken and not earlier:
                taken.add(place)
                found[place] = _stated(item, match)
    return tuple(found[place] for place in sorted(found))


def _stated(item: Item, match: re.Match[str]) -> Stated:
    digits = match["digits"].replace(",", "")
    scale = SCALES[match["scale"].lower()] if match["scale"] else 1.0
    decimals = len(digits.partition(".")[2])
    sign = -item.sign if match["minus"] else item.sign
    amount = round(sign * float(digits) * scale, 2)
    return Stated(item.item, amount, 0.5 * scale / 10.0**decimals, match.group().strip())


def compare_stated(stated: Sequence[Stated], known: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each number of a text beside the accounts.

    Args:
        stated: Result of `read_stated`.
        known: The statement of the same period by column.

    Returns:
        For each number `item`, `value_lcy`, `expected_lcy`, `difference_lcy`, `tolerance_lcy`,
        `ok` and `said`; expected, difference and ok are None where the accounts do not tell.
    """
    return [_compared(one, known.get(one.item)) for one in stated]


def _compared(one: Stated, expected: float | None) -> dict[str, Any]:
    gap = None if expected is None else one.amount - expected
    return {
        "item": one.item,
        "value_lcy": one.amount,
        "expected_lcy": expected,
        "difference_lcy": gap,
        "tolerance_lcy": one.tolerance,
        "ok": None if gap is None else abs(gap) <= one.tolerance * (1.0 + 1e-9),
        "said": one.said,
    }


def wording_change(before: str, after: str) -> float | None:
    """Share of the wording of two texts that is not in both; digits and spacing do not count.

    Args:
        before: Text of one year.
        after: Text of the next.

    Returns:
        1 - shared / all runs of five characters (Chinese) or three words (other): 0 is the same
        text with other numbers, 1 nothing in common. None where either is too short to tell.

    Source:
        Resemblance of shingles: Broder (1997), Compression and Complexity of Sequences. Why it
        matters: Brown and Tucker (2011), Journal of Accounting Research 49(2).

    Examples:
        >>> told = "the company sells pumps to farms in the north " * 3
        >>> wording_change(told, told)
    """
    chinese = _is_chinese(before + after)
    one, two = _shingles(before, chinese=chinese), _shingles(after, chinese=chinese)
    if min(len(one), len(two)) < SHINGLES_MIN:
        return None
    return 1.0 - len(one & two) / len(one | two)


def _is_chinese(text: str) -> bool:
    letters = sum(char.isalpha() for char in text)
    return letters > 0 and len(CHINESE.findall(text)) >= CHINESE_SHARE_MIN * letters


def _shingles(text: str, *, chinese: bool) -> set[str]:
    plain = re.sub(r"[\d,.%]+", "", text.lower())
    units = list(re.sub(r"\W", "", plain)) if chinese else re.findall(r"\w+", plain)
    size = SHINGLE_CHARS if chinese else SHINGLE_WORDS
    return {" ".join(units[at : at + size]) for at in range(len(units) - size + 1)}
