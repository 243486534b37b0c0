"""A rule in words before any firm is judged: what it tests, its numbers, clauses and marks."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from techflow.policy.facts import Fact
from techflow.policy.model import (
    POINTS,
    AllOf,
    AnswerOf,
    AnyOf,
    BestOf,
    Case,
    Choose,
    Condition,
    Fixed,
    Flag,
    Given,
    Judged,
    LeastOf,
    Listed,
    Outcome,
    Steps,
    Sum,
    Value,
)
from techflow.policy.naming import (
    NO_TITLES,
    OPS,
    Dictionary,
    Titles,
    name_measure,
    unit_of,
    words_of,
)
from techflow.policy.params import TEXT, Codes, Number, Table, Term
from techflow.policy.rule import Rule
from techflow.policy.show import Lang, cite, cite_source, say, show_number

MATH = {">=": "≥", ">": ">", "<=": "≤", "<": "<", "==": "="}
CODES_SHOWN = 12
Line = tuple[int, str]
"""Depth and text."""
Tell = Callable[[Any, Rule, Dictionary, Lang, int], Iterator[Line]]


def describe_rule(rule: Rule, lang: Lang, *, titles: Titles = NO_TITLES) -> list[str]:
    """What a rule asks, one line per test, indented under what it belongs to; then its outcomes.

    Args:
        rule: The rule of a day.
        lang: `zh` or `en`.
        titles: Titles of the policies whose answers it uses.
    """
    facts = words_of(rule, titles)
    lines = list(_truth(rule.test, rule, facts, lang, 0)) if rule.test is not None else []
    for outcome in rule.outcomes:
        lines += _outcome(outcome, rule, facts, lang)
    return ["  " * depth + text for depth, text in lines]


def show_term(term: Term, lang: Lang) -> str:
    """A number of law, its brackets or its list, in words.

    Args:
        term: The value of a parameter.
        lang: `zh` or `en`.
    """
    unit = term.source.unit
    match term:
        case Number(value):
            return show_number(value, unit, lang)
        case Codes(codes):
            more = len(codes) - CODES_SHOWN
            rest = say((f" 等{len(codes)}项", f" and {more} more"), lang) if more > 0 else ""
            return ", ".join(codes[:CODES_SHOWN]) + rest
        case Table(cuts, otherwise):
            steps = [f"{MATH[c.op]}{_at(c.at, unit, lang)}: {_bare(c.points)}" for c in cuts]
            return "; ".join([*steps, f"{say(('其余', 'else'), lang)}: {_bare(otherwise)}"])


def _at(value: Fraction, unit: str, lang: Lang) -> str:
    """A bracket's edge, with as few digits as show it."""
    text = show_number(value, unit, lang)
    return text.replace(".0%", "%")


def _bare(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{float(value):g}"


def _truth(node: Any, rule: Rule, facts: Dictionary, lang: Lang, depth: int) -> Iterator[Line]:
    yield depth, _sentence(node, rule, facts, lang)
    match node:
        case Condition(_, measure, _, bound):
            if isinstance(measure, POINTS):
                yield from _points(measure, rule, facts, lang, depth + 1)
            if isinstance(bound, Steps):
                yield from _points(bound, rule, facts, lang, depth + 1)
        case AllOf(_, parts) | AnyOf(_, parts):
            for part in parts:
                yield from _truth(part, rule, facts, lang, depth + 1)
        case Choose():
            yield from _branches(node, _truth, rule, facts, lang=lang, depth=depth + 1)


def _branches(
    node: Any, tell: Tell, rule: Rule, facts: Dictionary, *, lang: Lang, depth: int
) -> Iterator[Line]:
    """Cases one after another: a case within `otherwise` is the next case, not a deeper one."""
    chain, head = type(node), ("如果", "If")
    while isinstance(node, chain):
        yield depth, say(head, lang)
        yield from _truth(node.when, rule, facts, lang, depth + 1)
        yield depth, say(("则", "then"), lang)
        yield from tell(node.then, rule, facts, lang, depth + 1)
        node, head = node.otherwise, ("否则如果", "otherwise, if")
    yield depth, say(("否则", "otherwise"), lang)
    yield from tell(node, rule, facts, lang, depth + 1)


def _sentence(node: Any, rule: Rule, facts: Dictionary, lang: Lang) -> str:
    match node:
        case Condition():
            return _condition(node, facts, lang)
        case Flag(_, fact, clause, expected, mark):
            must = ("须：", "Must hold: ") if expected else ("不得：", "Must not hold: ")
            where = cite(f"{rule.document} {clause}".strip(), mark, lang)
            return say(must, lang) + facts[fact].label(lang) + where
        case Listed(_, fact, Codes() as codes, prefix, expected):
            must = ("须属于", "must be in") if expected else ("不得属于", "must not be in")
            below = say(("（含下级代码）", ", or below an entry of it,"), lang) if prefix else ""
            name = say((codes.source.zh, codes.source.en), lang)
            text = f"{facts[fact].label(lang)} {say(must, lang)} {name}{below}"
            return text + cite_source(codes.source, lang)
        case AnswerOf(_, policy_id, clause, mark):
            where = cite(f"{rule.document} {clause}".strip(), mark, lang)
            pair = (f"须符合“{facts[policy_id].zh}”", f"Must qualify as: {facts[policy_id].en}")
            return say(pair, lang) + where
    heads = {AllOf: ("须同时满足", "All of"), AnyOf: ("满足其一即可", "Any one of")}
    head = heads.get(type(node), ("视情形", "By case"))
    return say(head, lang) + cite(getattr(node, "clause", ""), TEXT, lang)


def _condition(node: Condition, facts: Dictionary, lang: Lang) -> str:
    if isinstance(node.measure, POINTS):
        unit, label = "point", say(("得分", "Points"), lang)
    else:
        unit, label = unit_of(node.measure, facts), name_measure(node.measure, facts, lang)
    label = label[:1].upper() + label[1:] if lang == "en" else label
    op = say(OPS[node.op], lang)
    if not isinstance(node.bound, Number):
        by_case = say(("下表规定的数", "the number the table gives"), lang)
        return f"{label} {op} {by_case}" if lang == "en" else f"{label}{op}{by_case}"
    wants, where = show_number(node.bound.value, unit, lang), cite_source(node.bound.source, lang)
    return (f"{label} {op} {wants}" if lang == "en" else f"{label}{op}{wants}") + where


def _outcome(outcome: Outcome, rule: Rule, facts: Dictionary, lang: Lang) -> list[Line]:
    lines = [(0, say((f"结果：{outcome.zh}", f"Outcome: {outcome.en}"), lang))]
    if isinstance(outcome, Value):
        return [*lines, *_points(outcome.points, rule, facts, lang, 1)]
    lines.append((1, say(("基数：", "of: "), lang) + facts[outcome.base].label(lang)))
    if isinstance(outcome.split, Number):
        lines.append((1, say(("分界：", "split at: "), lang) + _sourced(outcome.split, lang)))
    heads = (("比例", "share"), ("超出部分比例", "share above the split"), ("上限", "at most"))
    parts = (outcome.rate, outcome.rate_above, outcome.cap)
    for head, part in zip(heads, parts, strict=True):
        if part is not None:
            lines += [(1, say(head, lang)), *_points(part, rule, facts, lang, 2)]
    return lines


def _sourced(number: Number, lang: Lang) -> str:
    return show_term(number, lang) + cite_source(number.source, lang)


JOINED = {
    Sum: ("各项得分之和", "The sum of"),
    BestOf: ("取最高者", "The highest of"),
    LeastOf: ("取最低者", "The lowest of"),
}


def _points(node: Any, rule: Rule, facts: Dictionary, lang: Lang, depth: int) -> Iterator[Line]:
    match node:
        case Steps(_, measure, Table() as table):
            yield depth, _steps(name_measure(measure, facts, lang), table, lang)
        case Given(_, when, Number(value, source)):
            text = _named(_bare(value), (source.zh, source.en), lang) + cite_source(source, lang)
            yield depth, text + say(("，如果", ", if"), lang)
            yield from _truth(when, rule, facts, lang, depth + 1)
        case Judged(_, fact, Number(value, source)):
            yield depth, _judged(facts[fact], value, lang) + cite_source(source, lang)
        case Fixed(_, Number(value, source)):
            text = _named(show_number(value, source.unit, lang), (source.zh, source.en), lang)
            yield depth, text + cite_source(source, lang)
        case Sum() | BestOf() | LeastOf():
            yield depth, say(JOINED[type(node)], lang) + _cap(node, lang)
            for part in node.parts:
                yield from _points(part, rule, facts, lang, depth + 1)
        case Case():
            yield from _branches(node, _points, rule, facts, lang=lang, depth=depth)


def _steps(measure: str, table: Table, lang: Lang) -> str:
    label, steps = say((table.source.zh, table.source.en), lang), show_term(table, lang)
    text = f"{label}（按{measure}）：{steps}", f"{label}, by {measure}: {steps}"
    return say(text, lang) + cite_source(table.source, lang)


def _named(value: str, label: tuple[str, str], lang: Lang) -> str:
    return say((f"{label[0]}：{value}", f"{label[1]}: {value}"), lang)


def _judged(fact: Fact, most: Fraction, lang: Lang) -> str:
    label = fact.label(lang)
    return say((f"{label}：0至{_bare(most)}，照填", f"{label}: as given, 0 to {_bare(most)}"), lang)


def _cap(node: Any, lang: Lang) -> str:
    cap = getattr(node, "cap", None)
    if not isinstance(cap, Number):
        return ""
    most = show_number(cap.value, cap.source.unit, lang)
    return say((f"，最高{most}", f", at most {most}"), lang) + cite_source(cap.source, lang)
