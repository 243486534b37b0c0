"""What makes a case: numbers against their limits, points, and the sentence of each sign."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw

from techflow.basics import Frame, InvalidInput, require_columns

FORMS = {
    "share": "{:.0%}",
    "ratio": "{:.1f}",
    "cny": "{:,.0f}",
    "n": "{:,.0f}",
    "day": "{:,.0f}",
}
"""How a number of a unit is written in a sentence."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign that a reviewer should look at: never a finding of fraud.

    Attributes:
        name: Name of the sign.
        number: Column with the number behind it.
        unit: Unit of the number, one of `FORMS`.
        limit: The sign is there from this number on.
        points: What it adds to the order of the cases.
        zh: Chinese sentence with `{value}` and `{limit}`.
        en: English sentence.
    """

    name: str
    number: str
    unit: str
    limit: float
    points: float
    zh: str
    en: str

    def __post_init__(self) -> None:
        if self.unit not in FORMS:
            raise InvalidInput(
                f"unit of the sign {self.name} must be one of {', '.join(FORMS)}; got {self.unit!r}"
            )
        if not self.points > 0.0:
            raise InvalidInput(f"points of the sign {self.name} must be > 0; got {self.points}")


def judge_signs(numbers: Frame, signs: Sequence[Sign]) -> Frame:
    """Whether each sign is there, and the points of the firm.

    Args:
        numbers: One row per firm with the column `number` of each sign.
        signs: The signs.

    Returns:
        The same rows plus `sign_<name>` (null where the number is), `signs_n` (there),
        `signs_known_n` (numbers that are known) and `points`.

    Raises:
        MissingColumn: A number has no column.

    Examples:
        >>> sign = Sign("void", "void_burst_share", "share", 0.5, 2.0, "{value}", "{value}")
        >>> numbers = nw.from_dict({"void_burst_share": [0.5, 0.1, None]}, backend="polars").lazy()
        >>> judge_signs(numbers, [sign]).collect()["points"].to_list()
        [2.0, 0.0, 0.0]
    """
    require_columns(numbers, (sign.number for sign in signs), needed_by="judge_signs")
    judged = numbers.with_columns(
        **{f"sign_{sign.name}": nw.col(sign.number) >= sign.limit for sign in signs}
    )
    there = {sign.name: nw.col(f"sign_{sign.name}").fill_null(False) for sign in signs}
    one = [item.cast(nw.Int64) for item in there.values()]
    known = [(~nw.col(sign.number).is_null()).cast(nw.Int64) for sign in signs]
    points = [nw.when(there[sign.name]).then(sign.points).otherwise(0.0) for sign in signs]
    return judged.with_columns(
        signs_n=nw.sum_horizontal(*one),
        signs_known_n=nw.sum_horizontal(*known),
        points=nw.sum_horizontal(*points),
    )


def tell_signs(row: Mapping[str, Any], signs: Sequence[Sign]) -> list[dict[str, Any]]:
    """The signs of one judged firm in words.

    Args:
        row: One row of `judge_signs`.
        signs: The signs.

    Returns:
        Most points first: `sign`, `number`, `value`, `limit`, `points`, `zh`, `en`.

    Examples:
        >>> sign = Sign("void", "void_burst_share", "share", 0.5, 2.0, "作废{value}", "{value}")
        >>> row = {"void_burst_share": 0.6, "sign_void": True}
        >>> [told["en"] for told in tell_signs(row, [sign])]
        ['60%']
    """
    there = [sign for sign in signs if row[f"sign_{sign.name}"]]
    return [_tell(sign, row[sign.number]) for sign in sorted(there, key=lambda one: -one.points)]


def _tell(sign: Sign, value: float) -> dict[str, Any]:
    said = {
        name: FORMS[sign.unit].format(n) for name, n in (("value", value), ("limit", sign.limit))
    }
    return {
        "sign": sign.name,
        "number": sign.number,
        "value": float(value),
        "limit": sign.limit,
        "points": sign.points,
        "zh": sign.zh.format(**said),
        "en": sign.en.format(**said),
    }
