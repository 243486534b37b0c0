"""Judge a frame of firms by many policies at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from typing import Any, Generic, Literal

from techflow.basics import Frame, InvalidInput, require_columns
from techflow.policy.algebra import Algebra, E
from techflow.policy.columns import Columns
from techflow.policy.lower import amount_fen, truth
from techflow.policy.lower_points import points, units_of
from techflow.policy.model import POINTS, TRUTHS, Amount, Value
from techflow.policy.rule import Law, Rule, walk
from techflow.policy.sheet import Sheet

Detail = Literal["answers", "conditions", "points"]
Dated = tuple[date, date | None, Rule]
"""A rule with the days it holds: since, until (None: open)."""


@dataclass(frozen=True, slots=True)
class Judged(Generic[E]):
    """A lowered set of policies: stages of temporary columns, then the output columns."""

    stages: list[dict[str, E]]
    outputs: dict[str, E]


def in_order(rules: Iterable[Rule]) -> list[Rule]:
    """Rules so that each comes after those whose answers it uses.

    Args:
        rules: Rules, each policy once.

    Raises:
        InvalidInput: Policies use each other's answers in a circle, or one is missing.
    """
    by_id = {rule.policy_id: rule for rule in rules}
    needs = tuple((name, rule.needs) for name, rule in by_id.items())
    return [by_id[name] for name in _sorted_ids(needs)]


@lru_cache(maxsize=256)
def _sorted_ids(pairs: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[str, ...]:
    needs = dict(pairs)
    for name, wanted in needs.items():
        absent = sorted(set(wanted) - needs.keys())
        if absent:
            raise InvalidInput(f"{name} uses the answer of {', '.join(absent)}; add it")
    try:
        return tuple(TopologicalSorter(needs).static_order())
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        raise InvalidInput(f"policies use each other's answers in a circle: {circle}") from None


def evaluate(
    firms: Frame,
    rules: Sequence[Rule],
    *,
    detail: Detail = "conditions",
    allow_absent: bool = False,
) -> Frame:
    """Add the outcome of each rule to every row.

    Args:
        firms: One row per firm, with the facts the rules read (`Rule.facts`).
        rules: Rules of one legal day (`Law.on`); those used by others must be among them.
        detail: `answers` (answer and outcomes), `conditions` (also one `ok_` column per test),
            `points` (also one `points_` column per item of a score).
        allow_absent: True to treat a fact without a column as unknown for every firm.

    Returns:
        The same rows plus, per policy, `<prefix>__answer` (bool, null = unknown),
        `<prefix>__reason` (why it is unknown: `unusable` number or `undecided`), one
        `<prefix>__<outcome>` per outcome, and `<prefix>__ok_<test>`, `<prefix>__points_<item>`.

    Raises:
        InvalidInput: Circular policies, or a column whose type contradicts its fact.
        MissingColumn: A fact has no column and `allow_absent` is false.
    """
    dated = [[(date.min, None, rule)] for rule in in_order(rules)]
    return _judge(firms, dated, "", detail, allow_absent)


def evaluate_by_date(
    firms: Frame,
    laws: Sequence[Law],
    *,
    on: str,
    detail: Detail = "conditions",
    allow_absent: bool = False,
) -> Frame:
    """Judge each row by the law of its own day.

    Args:
        firms: One row per firm and day, with the facts the laws ever read.
        laws: Policy folders; those used by others must be among them.
        on: Column with the legal date of the row.
        detail: As in `evaluate`.
        allow_absent: As in `evaluate`.

    Returns:
        As `evaluate`; a row before or after a policy's texts gets a null answer and the reason
        `not_in_force`.

    Raises:
        InvalidInput: Circular policies, or a column whose type contradicts its fact.
        MissingColumn: A fact or `on` has no column.
    """
    require_columns(firms, [on], needed_by="evaluate_by_date")
    return _judge(firms, law_spans(laws), on, detail, allow_absent)


def law_spans(laws: Iterable[Law]) -> list[list[Dated]]:
    """The dated rules of each law, in an order that respects who uses whom.

    Args:
        laws: Policy folders, each once.

    Raises:
        InvalidInput: Policies use each other's answers in a circle, or one is missing.
    """
    spans = {law.id: law.timeline() for law in laws}
    needs = tuple(
        (name, tuple(dict.fromkeys(used for *_, rule in timeline for used in rule.needs)))
        for name, timeline in spans.items()
    )
    return [spans[name] for name in _sorted_ids(needs)]


def _judge(
    firms: Frame, spans: Sequence[Sequence[Dated]], on: str, detail: Detail, allow_absent: bool
) -> Frame:
    schema = dict(firms.collect_schema())
    rules = [rule for timeline in spans for *_, rule in timeline]
    if not allow_absent:
        names = [fact.name for rule in rules for fact in rule.facts]
        require_columns(firms, names, needed_by=", ".join(sorted({r.policy_id for r in rules})))
    return add_judged(firms, lower_rules(Columns(schema), spans, on=on, detail=detail))


def add_judged(firms: Frame, judged: Judged[Any]) -> Frame:
    """Add the stages and outputs of lowered rules to a frame, and drop what was temporary.

    Args:
        firms: The frame they were lowered for.
        judged: What `lower_rules` gave for narwhals columns.
    """
    frame = firms
    for stage in judged.stages:
        frame = frame.with_columns(**stage)
    return frame.with_columns(**judged.outputs).drop(
        *(name for stage in judged.stages for name in stage)
    )


def lower_rules(
    algebra: Algebra[E], spans: Sequence[Sequence[Dated]], *, on: str, detail: Detail
) -> Judged[E]:
    """Lower dated rules to stages and outputs of any algebra.

    Args:
        algebra: Where the expressions live.
        spans: Per policy its dated rules, in an order that respects who uses whom.
        on: Column with the row's legal date; empty if one rule holds for all rows.
        detail: As in `evaluate`.
    """
    facts = {f.name: f for timeline in spans for *_, rule in timeline for f in rule.facts}
    sheet: Sheet[E] = Sheet(algebra, truth, facts)
    outputs: dict[str, E] = {}
    for timeline in spans:
        if timeline:
            outputs |= _policy_outputs(sheet, timeline, on, detail)
    return Judged(sheet.stages, outputs)


def _policy_outputs(
    sheet: Sheet[E], timeline: Sequence[Dated], on: str, detail: Detail
) -> dict[str, E]:
    """The output columns of one policy; where rules differ by day, the row's day chooses."""
    algebra, policy = sheet.algebra, timeline[0][2]
    by_name: dict[str, list[tuple[Dated, str]]] = {}
    for span in timeline:
        for name, column in _rule_columns(sheet, span[2], detail).items():
            by_name.setdefault(name, []).append((span, column))
    held = {}
    for name, choices in by_name.items():
        needs = [column for _, column in choices]
        held[name] = sheet.put((policy.policy_id, name), needs, _by_day(algebra, choices, on))
    sheet.answers[policy.policy_id] = held["answer"]
    outputs = {f"{policy.prefix}__{name}": algebra.column(held[name]) for name in held}
    outputs[f"{policy.prefix}__reason"] = _reason(sheet, timeline, held["answer"], on)
    return outputs


def _by_day(algebra: Algebra[E], choices: list[tuple[Dated, str]], on: str) -> E:
    """The column of the rule that holds on the row's day, null if none does."""
    if not on:
        return algebra.column(choices[0][1])
    out: E | None = None
    for (since, until, _), column in choices:
        test = _within(algebra, since, until, on)
        value = algebra.column(column)
        out = algebra.pick(test, value, out)
    if out is None:
        raise InvalidInput("a policy without a rule has no columns")
    return out


def _within(algebra: Algebra[E], since: date, until: date | None, on: str) -> E:
    started = algebra.from_day(on, since)
    if until is None:
        return started
    return algebra.both([started, algebra.negate(algebra.from_day(on, until))])


def _reason(sheet: Sheet[E], timeline: Sequence[Dated], answer: str, on: str) -> E:
    """Why the answer is null: not in force, a number that cannot be used, or undecided."""
    algebra = sheet.algebra
    numbers = {f for *_, rule in timeline for f in rule.facts if f.kind not in ("flag", "code")}
    bad = [
        algebra.both([algebra.given(fact), algebra.is_null(algebra.column(sheet.whole(fact.name)))])
        for fact in sorted(numbers, key=lambda fact: fact.name)
    ]
    why = algebra.text("undecided")
    if bad:
        why = algebra.pick(algebra.either(bad), algebra.text("unusable"), why)
    if on:
        within = algebra.either([_within(algebra, s, u, on) for s, u, _ in timeline])
        outside = algebra.either([algebra.negate(within), algebra.is_null(within)])
        why = algebra.pick(outside, algebra.text("not_in_force"), why)
    return algebra.pick(algebra.is_null(algebra.column(answer)), why)


def _rule_columns(sheet: Sheet[E], rule: Rule, detail: Detail) -> dict[str, str]:
    """Output name -> temporary column of one rule."""
    if rule.test is None:
        answer = sheet.known("yes") or sheet.put("yes", (), sheet.algebra.truth(True))
    else:
        answer = truth(sheet, rule.test)
    columns = {"answer": answer}
    for outcome in rule.outcomes:
        columns[outcome.name] = _outcome(sheet, outcome, answer)
    if detail == "answers":
        return columns
    for node in walk(rule.roots):
        if isinstance(node, TRUTHS):
            columns[f"ok_{node.name}"] = truth(sheet, node)
        elif isinstance(node, POINTS) and detail == "points":
            columns[f"points_{node.name}"] = _points_column(sheet, node)
    return columns


def _points_column(sheet: Sheet[E], node: Any) -> str:
    """Points as a decimal number, null unless known."""
    key = (node, "points")
    algebra, units = sheet.algebra, units_of(node)
    span = points(sheet, node, units)
    known = algebra.compare(span.low, "==", span.high)
    value = algebra.pick(known, algebra.decimal(span.low, units))
    return sheet.known(key) or sheet.put(key, span.needs, value)


def _outcome(sheet: Sheet[E], outcome: Value | Amount, answer: str) -> str:
    if isinstance(outcome, Value):
        return _value(sheet, outcome)
    algebra = sheet.algebra
    needs, fen = amount_fen(sheet, outcome)
    eligible = algebra.column(answer)
    paid = algebra.pick(eligible, fen, algebra.pick(algebra.negate(eligible), algebra.number(0)))
    return sheet.put((outcome, answer), [*needs, answer], algebra.decimal(paid, 100))


def _value(sheet: Sheet[E], outcome: Value) -> str:
    column = _points_column(sheet, outcome.points)
    if not outcome.labels:
        return column
    algebra, units = sheet.algebra, units_of(outcome.points)
    span = points(sheet, outcome.points, units)
    known, out = algebra.compare(span.low, "==", span.high), None
    for number, code in outcome.labels:
        is_code = algebra.compare(span.low, "==", algebra.number(int(float(number) * units)))
        out = algebra.pick(algebra.both([known, is_code]), algebra.text(code), out)
    if out is None:
        return column
    return sheet.known(outcome) or sheet.put(outcome, span.needs, out)
