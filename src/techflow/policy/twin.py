"""One firm judged in plain Python, straight from the meaning of the record.

It shares nothing with the columns but the record: values are `Fraction`, Kleene logic is three
small functions. So it is both the fast path for one firm and the oracle of the columns.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from techflow.basics import InvalidInput
from techflow.policy.facts import Fact
from techflow.policy.measures import (
    Excess,
    Growth,
    Mean,
    MeanGrowth,
    Measure,
    Plus,
    Share,
    Total,
    years_of,
)

WORDED: Mapping[str, type] = {"flag": bool, "code": str}
Firm = Mapping[str, Fraction | bool | str | None]
"""Facts of one firm as `read_firm` gives them: exact numbers, flags, codes, None if unknown."""


def read_firm(raw: Mapping[str, Any], facts: Sequence[Fact]) -> dict[str, Any]:
    """A firm's facts, exact: money to the fen, shares to 1e-8, counts whole.

    Args:
        raw: Fact name -> value; a fact left out, None or NaN is unknown.
        facts: The facts wanted.

    Returns:
        Every wanted fact; a number that is not whole or beyond its limit is None, as in columns.

    Raises:
        InvalidInput: A value has the wrong type for its fact.
    """
    return {fact.name: read_fact(fact, raw.get(fact.name)) for fact in facts}


def read_fact(fact: Fact, value: Any) -> Fraction | bool | str | None:
    """One value, exact.

    Args:
        fact: What it is.
        value: As it came.

    Raises:
        InvalidInput: The type does not fit the fact.
    """
    if value is None:
        return None
    wanted = WORDED.get(fact.kind)
    if wanted is not None:
        if type(value) is not wanted:
            raise InvalidInput(f"fact {fact.name} is a {fact.kind}; got {value!r}")
        return bool(value) if wanted is bool else str(value)
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise InvalidInput(f"fact {fact.name} is a number ({fact.kind}); got {value!r}")
    return _whole(fact, value)


def _whole(fact: Fact, value: float | Decimal) -> Fraction | None:
    try:
        number = float(value)
    except OverflowError:
        return None
    units = fact.units
    if not abs(number) <= fact.limit / units:
        return None
    if units == 1:
        return Fraction(int(number)) if number == math.floor(number) else None
    return Fraction(math.floor(number * units + 0.5), units)


class Known:
    """The facts of one firm, each read once for all rules that ask for it."""

    def __init__(self, firm: Mapping[str, Any]) -> None:
        self._firm = firm
        self._read: dict[str, tuple[Fact, Any]] = {}

    def of(self, facts: Sequence[Fact]) -> dict[str, Any]:
        """What `read_firm` gives for the facts of a rule.

        Args:
            facts: The facts wanted.
        """
        return {fact.name: self._value(fact) for fact in facts}

    def _value(self, fact: Fact) -> Any:
        read = self._read.get(fact.name)
        # A draft may bring its own dictionary, where a name can mean something else.
        if read is None or (read[0] is not fact and read[0] != fact):
            read = self._read[fact.name] = (fact, read_fact(fact, self._firm.get(fact.name)))
        return read[1]


Ratio = tuple[int, int]
"""A numerator and a denominator above zero, not reduced: reducing costs more than all the rest."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A measure of one firm: `(top / bottom) ** (1 / power) - base`; the root is never taken."""

    top: int
    bottom: int
    power: int = 1
    base: int = 0

    def meets(self, op: str, bound: Fraction) -> bool:
        """`measure op bound`, exactly: both sides are raised to the power.

        Args:
            op: `>=`, `>`, `<=`, `<` or `==`.
            bound: Number of law.
        """
        goal, parts = bound.as_integer_ratio()
        goal += self.base * parts
        if self.power != 1:
            goal, parts = goal**self.power, parts**self.power
        return COMPARE[op](self.top * parts, goal * self.bottom)

    @property
    def value(self) -> Fraction | float:
        """The measure: exact, or a float if it is a root."""
        if self.power == 1:
            return Fraction(self.top - self.base * self.bottom, self.bottom)
        if self.top < 0:
            return -math.inf
        root: float = (self.top / self.bottom) ** (1 / self.power)
        return root - self.base


COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    ">=": lambda left, right: left >= right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    "<": lambda left, right: left < right,
    "==": lambda left, right: left == right,
}


def measure_of(firm: Mapping[str, Any], measure: Measure) -> Reading | None:
    """What a firm has of a measure, or None if a fact is missing or a share is of nothing.

    Args:
        firm: Facts from `read_firm`.
        measure: The measure.
    """
    if isinstance(measure, Growth):
        names = years_of(measure)
        rise = _over(_held(firm, names[0]), _held(firm, names[-1]))
        return None if rise is None else Reading(*rise, measure.years - 1, 1)
    ratio = _ratio(firm, measure)
    return None if ratio is None else Reading(*ratio)


def _held(firm: Mapping[str, Any], name: str) -> Ratio | None:
    value: Fraction | None = firm[name]
    return None if value is None else value.as_integer_ratio()


def _ratio(firm: Mapping[str, Any], measure: Measure) -> Ratio | None:
    match measure:
        case str():
            return _held(firm, measure)
        case Share(part, whole):
            return _over(_ratio(firm, part), _ratio(firm, whole))
        case Excess(left, right):
            less = _ratio(firm, right)
            return _sum([_ratio(firm, left), None if less is None else (-less[0], less[1])])
        case Plus(parts):
            return _sum([_ratio(firm, part) for part in parts])
        case Total():
            return _sum([_held(firm, name) for name in years_of(measure)])
        case Mean(_, years):
            return _over(_sum([_held(firm, name) for name in years_of(measure)]), (years, 1))
        case MeanGrowth(_, years):
            amounts = [_held(firm, name) for name in years_of(measure)]
            rises = [_over(now, past) for now, past in pairwise(amounts)]
            return _sum([_over(_sum(rises), (years - 1, 1)), (-1, 1)])
    raise InvalidInput(f"not a measure that can be part of another: {measure}")


def _sum(parts: Sequence[Ratio | None]) -> Ratio | None:
    top, bottom = 0, 1
    for part in parts:
        if part is None:
            return None
        if part[1] == bottom:
            top += part[0]
        else:
            top, bottom = top * part[1] + part[0] * bottom, bottom * part[1]
    return top, bottom


def _over(part: Ratio | None, whole: Ratio | None) -> Ratio | None:
    if part is None or whole is None or whole[0] <= 0:
        return None
    return part[0] * whole[1], part[1] * whole[0]


def total(numbers: Iterable[Fraction]) -> Fraction:
    """The sum of several numbers.

    Args:
        numbers: Exact numbers.
    """
    ratio = _sum([number.as_integer_ratio() for number in numbers])
    return Fraction(*ratio) if ratio else Fraction(0)


def every(answers: Sequence[bool | None]) -> bool | None:
    """Kleene and: no if one is no, else unknown if one is unknown, else yes.

    Args:
        answers: Yes, no or None.
    """
    if False in answers:
        return False
    return None if None in answers else True


def some(answers: Sequence[bool | None]) -> bool | None:
    """Kleene or: yes if one is yes, else unknown if one is unknown, else no.

    Args:
        answers: Yes, no or None.
    """
    if True in answers:
        return True
    return None if None in answers else False


def unusable(raw: Mapping[str, Any], firm: Mapping[str, Any]) -> tuple[str, ...]:
    """Facts that have a value which cannot be used: not whole, not finite, beyond the limit.

    Args:
        raw: The values as they came.
        firm: The same from `read_firm`.
    """
    return tuple(
        name for name, value in firm.items() if value is None and raw.get(name) is not None
    )
