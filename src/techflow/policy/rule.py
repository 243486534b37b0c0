"""The law of a day: a policy's text with the numbers in force filled in."""

import dataclasses
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cache
from typing import Any

from techflow.basics import InvalidInput, NotInForce
from techflow.policy.facts import Fact, Facts
from techflow.policy.measures import columns_of
from techflow.policy.memo import Memo
from techflow.policy.model import (
    POINTS,
    TRUTHS,
    Amount,
    AnswerOf,
    Condition,
    Flag,
    Judged,
    Listed,
    Outcome,
    Policy,
    Steps,
    Truth,
    Value,
    Version,
)
from techflow.policy.params import Codes, Mark, Number, Params, Source, Table, Term

NODES = (*TRUTHS, *POINTS, Value, Amount)
HOLDS_NODES = (tuple, *NODES)
FILLED: dict[str, type] = {
    "bound": Number,
    "points": Number,
    "most": Number,
    "cap": Number,
    "split": Number,
    "table": Table,
    "codes": Codes,
}
"""Fields that name a parameter in a folder, and what stands there in a rule."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One policy as in force on some day: complete, comparable, independent of its folder.

    Attributes:
        policy_id: Id of the policy.
        zh: Chinese title.
        en: English title.
        official: False for a scheme of our own.
        document: Number of the text.
        since: First day of the text.
        mark: How sure we are of the text's number and day.
        test: Who qualifies, with its numbers; None if the policy only has outcomes.
        outcomes: What follows.
        facts: The facts it reads.
        needs: Ids of the policies whose answers it uses.
        memo: What follows from it, worked out once.
    """

    policy_id: str
    zh: str
    en: str
    official: bool
    document: str
    since: date
    mark: Mark
    test: Truth | None
    outcomes: tuple[Outcome, ...]
    facts: tuple[Fact, ...]
    needs: tuple[str, ...] = dataclasses.field(init=False, repr=False, compare=False)
    memo: Memo = dataclasses.field(init=False, repr=False, compare=False)

    @property
    def prefix(self) -> str:
        """What its columns start with: the id with `_` for `.`."""
        return self.policy_id.replace(".", "_")

    @property
    def roots(self) -> tuple[Any, ...]:
        """The test and the outcomes."""
        return (*((self.test,) if self.test else ()), *self.outcomes)

    def __post_init__(self) -> None:
        object.__setattr__(self, "needs", _needs(self.roots))
        object.__setattr__(self, "memo", Memo())

    @property
    def weakest(self) -> Mark:
        """The weakest mark of anything it rests on."""
        return max((self.mark, *marks_of(self.roots)), key=lambda mark: mark.rank)


def facts_of(rule: Rule) -> Mapping[str, Fact]:
    """The facts a rule reads, by column.

    Args:
        rule: The rule.
    """
    return rule.memo.of("facts", rule, lambda: {fact.name: fact for fact in rule.facts})


@dataclass(frozen=True, slots=True)
class Law:
    """One policy folder, read: its texts, its parameters, and the dictionary of facts."""

    policy: Policy
    params: Params
    facts: Facts
    memo: Memo = dataclasses.field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "memo", Memo())

    @property
    def id(self) -> str:
        """Id of the policy."""
        return self.policy.id

    def version_on(self, on: date) -> Version:
        """The text in force on a day.

        Args:
            on: Legal date.

        Raises:
            NotInForce: There is none; names the days when there is.
        """
        started = [version for version in self.policy.versions if version.since <= on]
        if not started or (started[-1].until and on >= started[-1].until):
            spans = [f"from {v.since} until {v.until or '-'}" for v in self.policy.versions]
            raise NotInForce(f"{self.id} is not in force on {on}; its texts: {'; '.join(spans)}")
        return started[-1]

    def on(self, on: date) -> Rule:
        """The rule of a day; days between two changes share one rule, filled in once.

        Args:
            on: Legal date.

        Raises:
            NotInForce: No text, or no value of a parameter it uses, is in force.
        """
        span = bisect_right(self._changes(), on)
        return self.memo.of(span, self.policy, lambda: self._filled(on))

    def _changes(self) -> list[date]:
        """Every day on which a text or a parameter begins or ends."""

        def days() -> list[date]:
            begins = {version.since for version in self.policy.versions}
            return sorted(begins | _ends(self) | self.params.dates())

        return self.memo.of("changes", self.policy, days)

    def _filled(self, on: date) -> Rule:
        version = self.version_on(on)
        test = fill(version.test, self.params, on)
        outcomes = tuple(fill(outcome, self.params, on) for outcome in version.outcomes)
        names = fact_names((*((test,) if test else ()), *outcomes))
        policy, document = self.policy, version.document
        texts = (policy.id, policy.zh, policy.en, policy.official, document)
        facts = self.facts.pick(names)
        return Rule(*texts, version.since, version.mark, test, outcomes, facts)

    def timeline(self) -> list[tuple[date, date | None, Rule]]:
        """Every different rule with the days it holds: since, until (None: open), rule."""
        days = self._changes()
        spans: list[tuple[date, date | None, Rule]] = []
        for since, until in zip(days, [*days[1:], None], strict=True):
            rule = _rule_or_none(self, since)
            if rule and spans and spans[-1][1] == since and spans[-1][2] == rule:
                spans[-1] = (spans[-1][0], until, rule)
            elif rule:
                spans.append((since, until, rule))
        return spans


def _ends(law: Law) -> set[date]:
    return {version.until for version in law.policy.versions if version.until}


def _rule_or_none(law: Law, on: date) -> Rule | None:
    try:
        law.version_on(on)
    except NotInForce:
        return None
    return law.on(on)


def fill(node: Any, params: Params, on: date) -> Any:
    """A node with every parameter name replaced by its value in force.

    Args:
        node: A truth, points or outcome node, a tuple of them, or None.
        params: Parameters of the policy.
        on: Legal date.

    Raises:
        InvalidInput: A parameter is unknown or of the wrong shape.
        NotInForce: A parameter has no value on that day.
    """
    if isinstance(node, tuple):
        return tuple(fill(part, params, on) for part in node)
    if not isinstance(node, NODES):
        return node
    changes: dict[str, Any] = {}
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, str) and field.name in FILLED:
            changes[field.name] = _term(params, value, on, FILLED[field.name])
        elif isinstance(value, (tuple, *NODES)):
            changes[field.name] = fill(value, params, on)
    return replace(node, **changes)


def _term(params: Params, name: str, on: date, shape: type) -> Term:
    term = params.at(name, on)
    if not isinstance(term, shape):
        got = type(term).__name__
        raise InvalidInput(f"parameter {name} must be a {shape.__name__} here; it is a {got}")
    return term


def walk(node: Any) -> Iterator[Any]:
    """A node and everything below it, parents first.

    Args:
        node: A truth, points or outcome node, a tuple of them, or anything else (skipped).
    """
    if isinstance(node, tuple):
        for part in node:
            yield from walk(part)
    elif isinstance(node, NODES):
        yield node
        kind: Any = type(node)
        for name in _parts(kind):
            part = getattr(node, name)
            if isinstance(part, HOLDS_NODES):
                yield from walk(part)


@cache
def _parts(kind: type) -> tuple[str, ...]:
    """Names of a node's fields, looked up once per kind of node."""
    return tuple(field.name for field in fields(kind))


def fact_names(roots: Iterable[Any]) -> tuple[str, ...]:
    """The fact columns that nodes read, each once.

    Args:
        roots: Nodes.
    """
    names: list[str] = []
    for node in walk(tuple(roots)):
        match node:
            case Condition(_, measure, _, _) | Steps(_, measure, _):
                names += () if isinstance(measure, POINTS) else columns_of(measure)
            case Flag(_, fact) | Listed(_, fact) | Judged(_, fact):
                names.append(fact)
            case Amount(base=base):
                names.append(base)
    return tuple(dict.fromkeys(names))


def _needs(roots: Iterable[Any]) -> tuple[str, ...]:
    ids = [node.policy_id for node in walk(tuple(roots)) if isinstance(node, AnswerOf)]
    return tuple(dict.fromkeys(ids))


def sources_of(roots: Iterable[Any]) -> tuple[Source, ...]:
    """Where every number below some nodes comes from, each once.

    Args:
        roots: Nodes of a rule.
    """
    found = [
        getattr(node, field.name).source
        for node in walk(tuple(roots))
        for field in fields(node)
        if isinstance(getattr(node, field.name), Term)
    ]
    return tuple(dict.fromkeys(found))


def marks_of(roots: Iterable[Any]) -> tuple[Mark, ...]:
    """Every mark below some nodes, of numbers and of clauses, each once.

    Args:
        roots: Nodes of a rule.
    """
    nodes = tuple(roots)
    clauses = [node.mark for node in walk(nodes) if isinstance(node, Flag | AnswerOf)]
    return tuple(dict.fromkeys([*clauses, *(source.mark for source in sources_of(nodes))]))
