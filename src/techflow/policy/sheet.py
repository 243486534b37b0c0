"""Columns in stages: each node once, whatever the number of policies that share it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Generic

from techflow.basics import InvalidInput
from techflow.policy.algebra import Algebra, E
from techflow.policy.facts import Fact
from techflow.policy.model import Truth

PREFIX = "_tf_"
"""What temporary columns start with."""


@dataclass
class Sheet(Generic[E]):
    """Columns to add, in stages: a column uses only columns of earlier stages.

    Attributes:
        algebra: Where the expressions live.
        facts: Facts by column.
        answers: Policy id -> column with its answer, filled in derived order.
        stages: One mapping name -> expression per stage.
        truth: Adds the column of a truth node; points nodes call it for their tests.
    """

    algebra: Algebra[E]
    truth: "Callable[[Sheet[E], Truth], str]"
    facts: dict[str, Fact] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    stages: list[dict[str, E]] = field(default_factory=list)
    _names: dict[Any, str] = field(default_factory=dict)
    _depth: dict[str, int] = field(default_factory=dict)

    def put(self, key: Any, needs: Iterable[str], expression: E) -> str:
        """Add a column after those it needs.

        Args:
            key: What it is; the same key is added once (see `known`).
            needs: Names of the temporary columns the expression reads.
            expression: The column.

        Returns:
            Its name.
        """
        depth = 1 + max((self._depth[name] for name in needs), default=-1)
        name = f"{PREFIX}{len(self._depth)}"
        while len(self.stages) <= depth:
            self.stages.append({})
        self.stages[depth][name] = expression
        self._names[key], self._depth[name] = name, depth
        return name

    def known(self, key: Any) -> str | None:
        """The column already added for a key, or None.

        Args:
            key: What it is.
        """
        return self._names.get(key)

    def whole(self, name: str) -> str:
        """The column of a number fact in whole units.

        Args:
            name: Fact.
        """
        fact = self.facts[name]
        if fact.kind in ("flag", "code"):
            raise InvalidInput(f"fact {name} is a {fact.kind}; a measure needs a number")
        return self.known(fact) or self.put(fact, (), self.algebra.whole(fact))


@dataclass(frozen=True, slots=True)
class Span(Generic[E]):
    """Points as the least and the most they can be; equal when nothing is missing."""

    low: E
    high: E
    needs: tuple[str, ...]


def fact_of_kind(sheet: Sheet[E], name: str, kind: str) -> Fact:
    """The fact of a name, which must be of a kind.

    Args:
        sheet: Sheet with the facts.
        name: Fact.
        kind: `flag`, `code`, `points`, ...

    Raises:
        InvalidInput: The dictionary says otherwise.
    """
    fact = sheet.facts[name]
    if fact.kind != kind:
        raise InvalidInput(f"fact {name} must be a {kind} here; facts.toml says {fact.kind}")
    return fact
