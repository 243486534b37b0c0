"""The operations of a rule as narwhals expressions: Polars, DuckDB, Spark."""

from collections.abc import Sequence
from datetime import date
from functools import reduce
from typing import Any

import narwhals.stable.v2 as nw

from techflow.basics import InvalidInput
from techflow.policy.facts import Fact

WIDE = nw.Decimal(38, 0)


class Columns:
    """Narwhals expressions: Polars, DuckDB, Spark."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self.schema = schema

    def column(self, name: str) -> nw.Expr:
        """See `Algebra.column`."""
        return nw.col(name)

    def fact(self, fact: Fact) -> nw.Expr:
        """See `Algebra.fact`; a fact the frame lacks is unknown for every row."""
        kinds = {"flag": nw.Boolean(), "code": nw.String()}
        wanted = kinds.get(fact.kind, nw.Float64())
        if fact.name not in self.schema:
            return nw.lit(None, dtype=wanted)
        return _typed(nw.col(fact.name), self.schema[fact.name], fact, wanted)

    def whole(self, fact: Fact) -> nw.Expr:
        """See `Algebra.whole`: float64 stays float64, since a cast costs more than the rest."""
        dtype = self.schema.get(fact.name)
        if fact.units == 1 and dtype is not None and dtype.is_integer():
            return _counted(nw.col(fact.name), dtype, fact)
        value = self.fact(fact)
        most = fact.limit / fact.units
        usable = value.is_between(-most, most)
        if fact.units == 1:
            return nw.when(usable & (value == value.floor())).then(value)
        return nw.when(usable).then((value * float(fact.units) + 0.5).floor())

    def given(self, fact: Fact) -> nw.Expr:
        """See `Algebra.given`."""
        return ~nw.col(fact.name).is_null() if fact.name in self.schema else nw.lit(False)

    def number(self, value: int) -> nw.Expr:
        """See `Algebra.number`."""
        return nw.lit(value)

    def truth(self, value: bool) -> nw.Expr:
        """See `Algebra.truth`."""
        return nw.lit(value)

    def text(self, value: str) -> nw.Expr:
        """See `Algebra.text`."""
        return nw.lit(value)

    def long(self, value: nw.Expr) -> nw.Expr:
        """See `Algebra.long`."""
        return value.cast(nw.Int64)

    def wide(self, value: nw.Expr) -> nw.Expr:
        """See `Algebra.wide`."""
        return value.cast(WIDE)

    def compare(self, left: nw.Expr, op: str, right: nw.Expr) -> nw.Expr:
        """See `Algebra.compare`."""
        tests: dict[str, Any] = {
            ">=": nw.Expr.__ge__,
            ">": nw.Expr.__gt__,
            "<=": nw.Expr.__le__,
            "<": nw.Expr.__lt__,
            "==": nw.Expr.__eq__,
        }
        tested: nw.Expr = tests[op](left, right)
        return tested

    def add(self, parts: Sequence[nw.Expr]) -> nw.Expr:
        """See `Algebra.add`."""
        return reduce(nw.Expr.__add__, parts)

    def times(self, parts: Sequence[nw.Expr]) -> nw.Expr:
        """See `Algebra.times`."""
        return reduce(nw.Expr.__mul__, parts)

    def both(self, parts: Sequence[nw.Expr]) -> nw.Expr:
        """See `Algebra.both`."""
        return reduce(nw.Expr.__and__, parts)

    def either(self, parts: Sequence[nw.Expr]) -> nw.Expr:
        """See `Algebra.either`."""
        return reduce(nw.Expr.__or__, parts)

    def negate(self, value: nw.Expr) -> nw.Expr:
        """See `Algebra.negate`."""
        return ~value

    def pick(self, when: nw.Expr, then: nw.Expr, otherwise: nw.Expr | None = None) -> nw.Expr:
        """See `Algebra.pick`."""
        chosen = nw.when(when).then(then)
        return chosen if otherwise is None else chosen.otherwise(otherwise)

    def is_null(self, value: nw.Expr) -> nw.Expr:
        """See `Algebra.is_null`."""
        return value.is_null()

    def fill(self, value: nw.Expr, number: int) -> nw.Expr:
        """See `Algebra.fill`."""
        return value.fill_null(number)

    def greatest(self, parts: Sequence[nw.Expr]) -> nw.Expr:
        """See `Algebra.greatest`."""
        return nw.max_horizontal(*parts)

    def least(self, parts: Sequence[nw.Expr]) -> nw.Expr:
        """See `Algebra.least`."""
        return nw.min_horizontal(*parts)

    def member(self, value: nw.Expr, codes: Sequence[str]) -> nw.Expr:
        """See `Algebra.member`."""
        return value.is_in(list(codes))

    def prefixed(self, value: nw.Expr, codes: Sequence[str]) -> nw.Expr:
        """See `Algebra.prefixed`."""
        return self.either([value.str.starts_with(code) for code in codes])

    def from_day(self, column: str, since: date) -> nw.Expr:
        """See `Algebra.from_day`."""
        return nw.col(column) >= nw.lit(since)

    def divide_half_up(self, value: nw.Expr, divisor: int) -> nw.Expr:
        """See `Algebra.divide_half_up`: the rest goes first, so the division is exact."""
        doubled = value * 2 + divisor
        exact = (doubled - doubled % (2 * divisor)).cast(nw.Float64)
        return (exact / float(2 * divisor) + 0.5).floor().cast(nw.Int64)

    def decimal(self, value: nw.Expr, divisor: int) -> nw.Expr:
        """See `Algebra.decimal`: Polars multiplies by a literal's reciprocal, which is inexact."""
        whole = value.cast(nw.Float64)
        return whole if divisor == 1 else whole / (whole * 0.0 + float(divisor))


def _counted(column: nw.Expr, dtype: Any, fact: Fact) -> nw.Expr:
    """A whole-number column within its limit; unsigned types know no lower bound."""
    low = column >= (0 if dtype.is_unsigned_integer() else -fact.limit)
    return nw.when(low & (column <= fact.limit)).then(column).cast(nw.Int64)


def _typed(column: nw.Expr, dtype: Any, fact: Fact, wanted: Any) -> nw.Expr:
    """The column in the type of its kind; a type that would change its meaning is refused."""
    if dtype == wanted:
        return column
    number = dtype.is_numeric() or dtype == nw.Unknown
    if (wanted == nw.Float64 and number) or dtype == nw.Unknown:
        return column.cast(wanted)
    if wanted == nw.String and dtype in (nw.Categorical, nw.Enum):
        return column.cast(wanted)
    raise InvalidInput(
        f"column {fact.name} must hold a {fact.kind} ({wanted}); the frame has {dtype}; cast it"
    )
