"""The few operations a rule is lowered to; one implementation for columns, one for SQL text."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Protocol, TypeVar

from techflow.policy.facts import Fact

E = TypeVar("E")


class Algebra(Protocol[E]):
    """Expressions over a table of firms. Truth is three-valued (Kleene); null is unknown."""

    def column(self, name: str) -> E:
        """A column of an earlier stage."""

    def fact(self, fact: Fact) -> E:
        """A fact's column as it came."""

    def whole(self, fact: Fact) -> E:
        """A number fact in whole units, null if missing, not whole or beyond its limit.

        It may be held in float64, which is exact for it; see `long`.
        """

    def given(self, fact: Fact) -> E:
        """True where a fact has any value, usable or not."""

    def number(self, value: int) -> E:
        """A whole number."""

    def truth(self, value: bool) -> E:
        """Yes or no."""

    def text(self, value: str) -> E:
        """A code."""

    def long(self, value: E) -> E:
        """The same whole number in 64 bits."""

    def wide(self, value: E) -> E:
        """The same whole number in 38 digits."""

    def compare(self, left: E, op: str, right: E) -> E:
        """`left op right`."""

    def add(self, parts: Sequence[E]) -> E:
        """Sum."""

    def times(self, parts: Sequence[E]) -> E:
        """Product."""

    def both(self, parts: Sequence[E]) -> E:
        """All hold."""

    def either(self, parts: Sequence[E]) -> E:
        """One holds."""

    def negate(self, value: E) -> E:
        """Not."""

    def pick(self, when: E, then: E, otherwise: E | None = None) -> E:
        """`then` where `when` is true, else `otherwise` (null if None)."""

    def is_null(self, value: E) -> E:
        """True where unknown."""

    def fill(self, value: E, number: int) -> E:
        """A number in place of null."""

    def greatest(self, parts: Sequence[E]) -> E:
        """The largest; no part is null."""

    def least(self, parts: Sequence[E]) -> E:
        """The smallest; no part is null."""

    def member(self, value: E, codes: Sequence[str]) -> E:
        """On the list."""

    def prefixed(self, value: E, codes: Sequence[str]) -> E:
        """At or below an entry of the list."""

    def from_day(self, column: str, since: date) -> E:
        """True where the date in `column` is `since` or later."""

    def divide_half_up(self, value: E, divisor: int) -> E:
        """A whole number not below zero, divided and rounded half up to a whole number."""

    def decimal(self, value: E, divisor: int) -> E:
        """A whole number over a divisor, as float64."""


def chain(algebra: Algebra[E], branches: Iterable[tuple[E, E]], otherwise: E) -> E:
    """The value of the first branch that is true, else `otherwise`.

    Args:
        algebra: Where the expressions live.
        branches: Pairs of test and value, in order.
        otherwise: Value if none is true.
    """
    out = otherwise
    for when, then in reversed(list(branches)):
        out = algebra.pick(when, then, out)
    return out
