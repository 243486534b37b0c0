"""Numbers as people read them: 万元 and 亿元, k and m and bn, percentages, counts with units."""

import math
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Literal

Lang = Literal["zh", "en"]
Amount = Fraction | float
MONEY: Mapping[str, tuple[tuple[int, str], ...]] = {
    "zh": ((10**8, "亿元"), (10**4, "万元"), (1, "元")),
    "en": ((10**9, "bn CNY"), (10**6, "m CNY"), (10**3, "k CNY"), (1, " CNY")),
}
CURRENCIES = {"cny": ("元", "CNY"), "usd": ("美元", "USD")}
UNITS_ZH = {
    "person": "人",
    "patent": "件",
    "right": "件",
    "day": "天",
    "month": "个月",
    "year": "年",
    "project": "个",
    "point": "分",
}


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


def _written(value: Amount, unit: str, lang: Lang, digits: int) -> str:
    if unit in CURRENCIES:
        yuan, currency = "元" if lang == "zh" else "CNY", say(CURRENCIES[unit], lang)
        return _money(value, lang, digits).replace(yuan, currency)
    if unit == "share":
        return f"{_rounded(Fraction(value) * 100, digits)}%"
    exact = Fraction(value)
    text = _rounded(exact, digits if digits else (0 if exact.denominator == 1 else 2))
    word = UNITS_ZH.get(unit, unit) if lang == "zh" else f" {unit}{'' if exact == 1 else 's'}"
    return f"{text}{word}" if unit else text


def _money(value: Amount, lang: Lang, digits: int) -> str:
    size = abs(Fraction(value))
    sizes = [pair for pair in MONEY[lang] if size >= pair[0]]
    step, word = sizes[0] if sizes else MONEY[lang][-1]
    text = _rounded(Fraction(value) / step, digits + 1)
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}{word}"


def _rounded(value: Fraction, digits: int) -> str:
    scaled = round(value * 10**digits)
    return f"{Decimal(scaled).scaleb(-digits):,f}"
