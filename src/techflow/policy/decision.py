"""What a rule says of one firm, as plain records."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from techflow.policy.model import Points, Truth
from techflow.policy.params import Number
from techflow.policy.rule import Rule
from techflow.policy.twin import Reading


@dataclass(frozen=True, slots=True)
class Scored:
    """Points of one firm: the least and the most they can be, with the parts."""

    node: Points
    low: Fraction
    high: Fraction
    reading: Reading | None = None
    parts: tuple["Scored", ...] = ()
    tested: "Tested | None" = None

    @property
    def value(self) -> Fraction | None:
        """The points, or None while they are open."""
        return self.low if self.low == self.high else None


@dataclass(frozen=True, slots=True)
class Tested:
    """One test of one firm: the answer, what was measured, the bound, and the parts."""

    node: Truth
    ok: bool | None
    reading: Reading | None = None
    scored: Scored | None = None
    bound: Number | None = None
    parts: tuple["Tested", ...] = ()

    @property
    def name(self) -> str:
        """Name of the test."""
        return self.node.name

    @property
    def value(self) -> Fraction | float | None:
        """What was measured, or the points; None if unknown or if the test has no number."""
        if self.scored is not None:
            return self.scored.value
        return None if self.reading is None else self.reading.value


@dataclass(frozen=True, slots=True)
class Decision:
    """What a rule says of one firm.

    Attributes:
        rule: The rule applied.
        answer: Yes, no, or None for unknown.
        reason: Why it is unknown: `unusable` number or `undecided`; else empty.
        tested: The test with all its parts; None if the policy only has outcomes.
        outcomes: Name -> number, code or None.
        facts: The firm's facts the rule read, exact.
        unusable: Facts that had a value which cannot be used.
    """

    rule: Rule
    answer: bool | None
    reason: str
    tested: Tested | None
    outcomes: Mapping[str, float | str | None]
    facts: Mapping[str, Any]
    unusable: tuple[str, ...] = ()

    def results(self) -> dict[str, bool | None]:
        """Every test's answer by name, as the `ok_` columns have it."""
        found: dict[str, bool | None] = {}
        stack = [self.tested] if self.tested else []
        while stack:
            tested = stack.pop()
            found[tested.name] = tested.ok
            stack += tested.parts
        return found
