"""Numbers as people read them: 万元 and 亿元, k and m and bn, percentages, counts with units."""

import math
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from techflow.policy.params import Mark, Source

Lang = Literal["zh", "en"]
Amount = Fraction | float
MONEY: Mapping[str, tuple[tuple[int, str], ...]] = {
    "zh": ((10**8, "亿元"), (10**4, "万元"), (1, "元")),
    "en": ((10**9, "bn CNY"), (10**6, "m CNY"), (10**3, "k CNY"), (1, " CNY")),
}
Scaled = tuple[int, int, str]
"""A number in the unit it is written in, as whole numbers (top, bottom), and the unit's word."""
MOST_DIGITS = 11
CURRENCIES = {"cny": ("元", "CNY"), "usd": ("美元", "USD")}
WORDS: Mapping[str, tuple[str, str, str]] = {
    "person": ("人", "person", "persons"),
    "patent": ("件", "patent", "patents"),
    "right": ("件", "right", "rights"),
    "day": ("天", "day", "days"),
    "month": ("个月", "month", "months"),
    "year": ("年", "year", "years"),
    "project": ("个", "project", "projects"),
    "platform": ("个", "platform", "platforms"),
    "award": ("项", "award", "awards"),
    "point": ("分", "point", "points"),
    "level": ("级", "level", "levels"),
    "time": ("次", "time", "times"),
}
"""Unit -> Chinese, English for one, English for more; a unit not here is not written."""


def say(pair: tuple[str, str], lang: Lang) -> str:
    """The Chinese or the English of a pair.

    Args:
        pair: Chinese, English.
        lang: Which.
    """
    return pair[0] if lang == "zh" else pair[1]


def show_number(value: Amount | None, unit: str, lang: Lang, *, apart: Amount | None = None) -> str:
    """A number with its unit, with as many digits as tell it from `apart`.

    Args:
        value: The number, or None for unknown.
        unit: `cny`, `share`, `person`, ...
        lang: Language.
        apart: A number that must not look the same unless it is the same.

    Examples:
        >>> show_number(Fraction(299999999, 1), "cny", "zh", apart=Fraction(300000000))
        '2.99999999亿元'
        >>> show_number(Fraction(1, 20), "share", "en")
        '5.0%'
    """
    if value is None:
        return say(("未知", "unknown"), lang)
    if isinstance(value, float) and math.isinf(value):
        return say(("无意义", "undefined"), lang)
    scaled = _scaled(value, unit, lang)
    digits = _digits(unit)
    if apart is not None:
        digits = _digits_apart(scaled, _scaled(apart, unit, lang), unit, digits)
    return _written(scaled, unit, digits)


def show_apart(one: Amount, other: Amount, unit: str, lang: Lang) -> tuple[str, str]:
    """Two numbers, with as many digits as tell them apart.

    Args:
        one: A number.
        other: Another.
        unit: As in `show_number`.
        lang: Language.
    """
    pair = _scaled(one, unit, lang), _scaled(other, unit, lang)
    digits = _digits_apart(*pair, unit, _digits(unit))
    return _written(pair[0], unit, digits), _written(pair[1], unit, digits)


@lru_cache(maxsize=4096)
def show_bound(value: Fraction | None, unit: str, lang: Lang) -> str:
    """`show_number` for a number of law, remembered: it is the same for every firm.

    Args:
        value: The number, or None.
        unit: As in `show_number`.
        lang: Language.
    """
    return show_number(value, unit, lang)


def _digits(unit: str) -> int:
    return 1 if unit == "share" or unit in CURRENCIES else 0


def _scaled(value: Amount, unit: str, lang: Lang) -> Scaled:
    numerator, denominator = value.as_integer_ratio()
    if unit == "share":
        return numerator * 100, denominator, "%"
    if unit not in CURRENCIES:
        return numerator, denominator, _unit(unit, lang, one=numerator == denominator)
    size, steps = abs(numerator) // denominator, _money_steps(unit, lang)
    step, word = next((pair for pair in steps if size >= pair[0]), steps[-1])
    return numerator, denominator * step, word


@lru_cache(maxsize=64)
def _money_steps(unit: str, lang: Lang) -> tuple[tuple[int, str], ...]:
    """`MONEY` in a currency."""
    yuan, currency = say(CURRENCIES["cny"], lang), say(CURRENCIES[unit], lang)
    return tuple((step, word.replace(yuan, currency)) for step, word in MONEY[lang])


def _digits_apart(scaled: Scaled, other: Scaled, unit: str, digits: int) -> int:
    """The fewest digits, from `digits` on, with which two different numbers look different."""
    top, bottom, word = scaled
    between, whole = abs(top * other[1] - other[0] * bottom), bottom * other[1]
    if word != other[2] or not between:
        return digits
    # More than one of the last digit apart, they cannot look the same.
    while between * 10**digits <= whole and digits < MOST_DIGITS:
        if _rounded(scaled, unit, digits) != _rounded(other, unit, digits):
            break
        digits += 1
    return digits


def _rounded(scaled: Scaled, unit: str, digits: int) -> tuple[int, int]:
    """A number in units of its last decimal, half to even, and how many decimals it has.

    Whole numbers only, since it is hot.
    """
    top, bottom, _ = scaled
    if unit in CURRENCIES:
        digits += 1
    elif not digits and bottom != 1:
        digits = 2
    whole, rest = divmod(abs(top) * 10**digits, bottom)
    whole += 2 * rest > bottom or (2 * rest == bottom and whole % 2)
    return (-whole if top < 0 else whole), digits


def _written(scaled: Scaled, unit: str, digits: int) -> str:
    number, decimals = _rounded(scaled, unit, digits)
    whole, rest = divmod(abs(number), 10**decimals)
    text = f"{'-' if number < 0 else ''}{whole:,}"
    if decimals:
        text += f".{rest:0{decimals}d}"
        if unit in CURRENCIES:
            text = text.rstrip("0").rstrip(".")
    return text + scaled[2]


@lru_cache(maxsize=1024)
def _unit(unit: str, lang: Lang, *, one: bool) -> str:
    """The word after a number: 人, persons; 元/人, CNY per person."""
    part, slash, whole = unit.partition("/")
    if part in CURRENCIES:
        word = say(CURRENCIES[part], lang)
    else:
        zh, single, several = WORDS.get(part, ("", "", ""))
        word = zh if lang == "zh" else single if one else several
    per = _unit(whole, lang, one=True).strip() if slash else ""
    joined = say((f"{word}/{per}", f"{word} per {per}"), lang) if per else word
    return f" {joined}" if lang == "en" and joined else joined


@lru_cache(maxsize=4096)
def cite(reference: str, mark: Mark, lang: Lang) -> str:
    """A clause in brackets, with its mark unless it was read in the text.

    Args:
        reference: Document and clause.
        mark: How sure we are.
        lang: Language.
    """
    marks = {
        "text": ("", ""),
        "unverified": ("，未核实", ", unverified"),
        "proposal": ("，建议值", ", our proposal"),
    }
    doubted = mark.confidence and float(mark.confidence) < 1
    sure = f" {mark.confidence}" if doubted else ""
    inner = f"{reference}{say(marks[mark.kind], lang)}{sure}"
    return say((f"（{inner}）", f" ({inner})"), lang) if inner else ""


def cite_source(source: Source, lang: Lang) -> str:
    """The clause of a number.

    Args:
        source: Where it comes from.
        lang: Language.
    """
    return cite(source.reference, source.mark, lang)
