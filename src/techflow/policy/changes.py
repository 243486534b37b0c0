"""The smallest change of one fact that makes a test of a number true, in whole units."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from techflow.policy.decision import Decision
from techflow.policy.exact import Terms, whole_difference
from techflow.policy.facts import Fact
from techflow.policy.measures import columns_of
from techflow.policy.memo import Memo
from techflow.policy.model import Condition
from techflow.policy.rule import facts_of


@dataclass(frozen=True, slots=True)
class Held:
    """A firm's facts with their dictionary, for changing them.

    Attributes:
        values: Exact facts.
        wholes: Known numbers in whole units; `read_fact` gives no finer one.
        facts: Their dictionary.
        document: Number of the rule's text.
        memo: The rule's.
    """

    values: Mapping[str, Any]
    wholes: Mapping[str, int]
    facts: Mapping[str, Fact]
    document: str
    memo: Memo

    @classmethod
    def of(cls, decision: Decision) -> "Held":
        """The facts of a decision.

        Args:
            decision: From `decide`.
        """
        rule, values = decision.rule, decision.facts
        facts = facts_of(rule)
        wholes = {
            name: value.numerator * (facts[name].units // value.denominator)
            for name, value in values.items()
            if isinstance(value, Fraction)
        }
        return cls(values, wholes, facts, rule.document, rule.memo)

    def unknown(self, names: Sequence[str]) -> tuple[str, ...]:
        """Those of the facts that are unknown.

        Args:
            names: Facts.
        """
        return tuple(dict.fromkeys(name for name in names if self.values[name] is None))


@dataclass(frozen=True, slots=True)
class Change:
    """The smallest change of one fact that makes a test true, in whole units."""

    fact: str
    have: int
    goal: int
    units: int

    @property
    def effort(self) -> float:
        """The change over the greater of both ends, or over one."""
        return abs(self.goal - self.have) / max(abs(self.goal), abs(self.have), self.units)


def find_change(wanted: Condition, held: Held) -> Change | None:
    """The smallest change of the first fact of a measure that makes a test true.

    Everything else stays. The first fact is the numerator of a share and the last fiscal year of
    a window.

    Args:
        wanted: A test of a number, which lives as long as its rule. Its measure has a reading:
            every fact is known, every whole above zero.
        held: The firm's facts.

    Returns:
        The change; None if that fact cannot do it.
    """
    name, slope, rest = held.memo.of("solved", wanted, lambda: _solved(wanted, held))
    goal = _root(_at(slope, held), _at(rest, held), wanted.op)
    return None if goal is None else Change(name, held.wholes[name], goal, held.facts[name].units)


def _solved(wanted: Condition, held: Held) -> tuple[str, Terms, Terms]:
    """A test as `slope * fact + rest ? 0`; facts enter at most once in a product."""
    measure: Any = wanted.measure
    bound: Any = wanted.bound
    name = columns_of(measure)[0]
    terms = whole_difference(measure, bound.value, lambda column: held.facts[column].units)
    slope = tuple(
        (weight, tuple(other for other in product if other != name))
        for weight, product in terms
        if name in product
    )
    return name, slope, tuple(term for term in terms if name not in term[1])


def _at(terms: Terms, held: Held) -> int:
    wholes, total = held.wholes, 0
    for weight, product in terms:
        for name in product:
            weight *= wholes[name]
        total += weight
    return total


def _root(slope: int, rest: int, op: str) -> int | None:
    """The whole number nearest to the root of `slope * x + rest` from which the test holds."""
    if slope == 0:
        return None
    below, over = divmod(-rest, slope)
    if op == "==":
        return None if over or below < 0 else below
    rising = (slope > 0) == (op in (">=", ">"))
    goal = below + 1 if rising and over else below
    if op in (">", "<") and not over:
        goal += 1 if rising else -1
    return None if goal < 0 else goal
