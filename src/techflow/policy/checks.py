"""Static checks of a policy folder: what is wrong with it before any firm is judged."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from techflow.basics import TechflowError
from techflow.policy.exact import compare
from techflow.policy.facts import Facts
from techflow.policy.model import (
    POINTS,
    Amount,
    Condition,
    Flag,
    Judged,
    Listed,
    Steps,
)
from techflow.policy.params import Number, Row, Table
from techflow.policy.rule import FILLED, Law, Rule, fact_names, walk

STALE_DAYS = 365
AGAIN = "read the source again and set the day"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: which policy, where in it, and what to do."""

    policy_id: str
    where: str
    text: str

    def __str__(self) -> str:
        """`cn.tech_sme: parameter x: ...`."""
        return f"{self.policy_id}: {self.where}: {self.text}"


def check_law(law: Law) -> list[Problem]:
    """Everything wrong with one policy folder.

    Args:
        law: The folder as read.

    Returns:
        Problems, empty if none: unknown facts or parameters, holes or overlaps in brackets, gaps
        between versions, numbers without a value while their text is in force, duplicate names.
    """
    found = [*_versions(law), *_tables(law), *_parameters(law), *_facts(law)]
    if found:
        return [Problem(law.id, where, text) for where, text in found]
    return [Problem(law.id, where, text) for where, text in _rules(law)]


def check_staleness(law: Law, *, on: date) -> list[Problem]:
    """Parameters nobody has checked against their source for a year.

    Args:
        law: The folder as read.
        on: The day to judge by.
    """
    oldest = on - timedelta(days=STALE_DAYS)
    return [
        Problem(
            law.id, f"parameter {name}", f"checked_on {day} is over a year before {on}; {AGAIN}"
        )
        for name, day in law.params.checked_on.items()
        if day < oldest
    ]


Found = Iterator[tuple[str, str]]


def _versions(law: Law) -> Found:
    versions = law.policy.versions
    if not versions:
        yield "versions", "there is none; add a Version"
    for old, new in pairwise(versions):
        if new.since <= old.since:
            yield f"version {new.since}", "versions must be oldest first, each on its own day"
        if old.until and old.until < new.since:
            yield f"version {old.since}", f"a gap: ends {old.until}, the next starts {new.since}"
        if old.until and old.until > new.since:
            yield f"version {old.since}", f"an overlap: ends {old.until} after {new.since}"
    for version in versions:
        if not version.document.strip():
            yield f"version {version.since}", "no document number"


def _tables(law: Law) -> Found:
    for name, rows in law.params.rows.items():
        for old, new in pairwise(rows):
            if new.since == old.since:
                yield f"parameter {name}", f"two values from {new.since}"
            if old.until and old.until > new.since:
                yield f"parameter {name}", f"an overlap: {old.until} is after {new.since}"
        for row in rows:
            yield from _brackets(name, row)


def _brackets(name: str, row: Row) -> Found:
    """Cuts must run one way: falling for lower bounds, rising for upper bounds."""
    if not isinstance(row.term, Table):
        return
    where, cuts = f"parameter {name} from {row.since}", row.term.cuts
    if not cuts:
        yield where, "a table needs at least one step"
    for before, after in pairwise(cuts):
        if before.op[0] != after.op[0]:
            yield where, f"brackets overlap: {before.op} and {after.op} in one table"
        elif before.at == after.at and len(before.op) >= len(after.op):
            yield where, f"brackets overlap at {after.at}: two cuts at one number"
        elif before.at != after.at and (after.at < before.at) != (before.op[0] == ">"):
            way = "fall" if before.op[0] == ">" else "rise"
            yield where, f"brackets leave a hole: cuts with {before.op} must {way}; see {after.at}"


def _parameters(law: Law) -> Found:
    used = {name for version in law.policy.versions for name in _names_used(version)}
    for name in sorted(used - law.params.rows.keys()):
        yield f"parameter {name}", "used in rule.py but not in params.toml"
    for name in sorted(law.params.rows.keys() - used):
        yield f"parameter {name}", "in params.toml but not used in rule.py"


def _names_used(version: Any) -> Iterator[str]:
    for node in walk((*((version.test,) if version.test else ()), *version.outcomes)):
        for field in fields(node):
            value = getattr(node, field.name)
            if field.name in FILLED and isinstance(value, str):
                yield value


def _facts(law: Law) -> Found:
    for version in law.policy.versions:
        roots = (*((version.test,) if version.test else ()), *version.outcomes)
        for name in fact_names(roots):
            if name not in law.facts.columns:
                yield f"version {version.since}", f"unknown column {name}: not in any facts.toml"
        for name, count in Counter(_node_names(roots)).items():
            if count > 1:
                yield f"version {version.since}", f"{count} different nodes are named {name}"


def _node_names(roots: Sequence[Any]) -> list[str]:
    return [node.name for node in dict.fromkeys(walk(tuple(roots)))]


def _rules(law: Law) -> Found:
    """Every rule that was ever in force can be filled in and lowered."""
    try:
        timeline = law.timeline()
    except TechflowError as error:
        yield "timeline", str(error)
        return
    for since, _, rule in timeline:
        yield from ((f"rule from {since}", text) for text in _rule_problems(rule, law.facts))


def _rule_problems(rule: Rule, facts: Facts) -> Iterator[str]:
    for node in walk(rule.roots):
        try:
            _check_node(node, facts)
        except (TechflowError, KeyError) as error:
            yield f"{node.name}: {error}"


def _check_node(node: Any, facts: Facts) -> None:
    """Kinds fit, and every bound is exact within 38 digits."""
    kinds: dict[type, tuple[str, ...]] = {
        Flag: ("flag",),
        Listed: ("code",),
        Judged: ("points",),
    }
    wanted = kinds.get(type(node))
    if wanted and facts[node.fact].kind not in wanted:
        raise TechflowError(f"fact {node.fact} is a {facts[node.fact].kind}, not a {wanted[0]}")
    if isinstance(node, Amount) and facts[node.base].kind != "money":
        raise TechflowError(f"the base {node.base} must be money")
    if isinstance(node, Amount) and (node.split is None) != (node.rate_above is None):
        raise TechflowError("split and rate_above belong together")
    if isinstance(node, Condition) and not isinstance(node.measure, POINTS):
        bounds = [node.bound.value] if isinstance(node.bound, Number) else []
        if isinstance(node.bound, Steps) and isinstance(node.bound.table, Table):
            bounds = list(node.bound.table.points)
        _fits(node.measure, bounds, facts)
    if isinstance(node, Steps) and isinstance(node.table, Table):
        _fits(node.measure, [cut.at for cut in node.table.cuts], facts)


def _fits(measure: Any, bounds: Sequence[Any], facts: Facts) -> None:
    for bound in bounds:
        compare(measure, bound, lambda name: facts[name].units, lambda name: facts[name].limit)
