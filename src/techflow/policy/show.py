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
    start = 1 if unit in (*CURRENCIES, "share") else 0
    for digits in range(start, 12):
        text = _written(value, unit, lang, digits)
        if apart is None or apart == value or text != _written(apart, unit, lang, digits):
            break
    return text


@lru_cache(maxsize=4096)
def show_bound(value: Fraction | None, unit: str, lang: Lang) -> str:
    """`show_number` for a number of law, remembered: it is the same for every firm.

    Args:
        value: The number, or None.
        unit: As in `show_number`.
        lang: Language.
    """
    return show_number(value, unit, lang)


def _written(value: Amount, unit: str, lang: Lang, digits: int) -> str:
    if unit in CURRENCIES:
        yuan, currency = "元" if lang == "zh" else "CNY", say(CURRENCIES[unit], lang)
        return _money(value, lang, digits).replace(yuan, currency)
    if unit == "share":
        return f"{_rounded(_exact(value) * 100, digits)}%"
    exact = _exact(value)
    text = _rounded(exact, digits if digits else (0 if exact.denominator == 1 else 2))
    return text + _unit(unit, lang, one=exact == 1)


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


def _money(value: Amount, lang: Lang, digits: int) -> str:
    exact = _exact(value)
    size = abs(exact.numerator) // exact.denominator
    step, word = next((pair for pair in MONEY[lang] if size >= pair[0]), MONEY[lang][-1])
    text = _rounded(exact, digits + 1, per=step)
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}{word}"


def _exact(value: Amount) -> Fraction:
    return value if isinstance(value, Fraction) else Fraction(value)


def _rounded(value: Fraction, digits: int, *, per: int = 1) -> str:
    """`value / per` with so many decimals, half to even; whole numbers only, since it is hot."""
    divisor = value.denominator * per
    scaled, rest = divmod(abs(value.numerator) * 10**digits, divisor)
    scaled += 2 * rest > divisor or (2 * rest == divisor and scaled % 2)
    whole, decimals = divmod(scaled, 10**digits)
    minus = "-" if value.numerator < 0 and scaled else ""
    return f"{minus}{whole:,}" + (f".{decimals:0{digits}d}" if digits else "")
