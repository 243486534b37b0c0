"""What a line of a decision says whatever the firm has: made once per rule and language."""

import math
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

from techflow.policy.model import POINTS, AllOf, AnswerOf, AnyOf, Condition, Flag, Listed, Steps
from techflow.policy.naming import OPS, Dictionary, name_measure, unit_of
from techflow.policy.params import TEXT, Codes, Number
from techflow.policy.show import Lang, cite, cite_source, say, show_bound

DASH = " — "


@dataclass(frozen=True, slots=True)
class Said:
    """What a line says whatever the firm has; with a unit, None if it has no number."""

    unit: str | None
    head: str
    middle: str
    tail: str


def say_steps(node: Steps, facts: Dictionary, lang: Lang) -> Said:
    """An item of a score: `head {points} middle {number} tail`.

    Args:
        node: The item with its table.
        facts: Result of `words_of` on its rule.
        lang: Language.
    """
    table: Any = node.table
    most = show_bound(max(table.points), "point", lang)
    label = say((table.source.zh, table.source.en), lang)
    name = name_measure(node.measure, facts, lang)
    middle = say((f"（满分{most}），{name}为", f" of {most}; {name} is "), lang)
    head, tail = label + say(("：", ": "), lang), cite_source(table.source, lang)
    return Said(unit_of(node.measure, facts), head, middle, tail)


Edges = tuple[int, tuple[tuple[int, Fraction], ...]]
"""Parts per one, and each edge in such parts and as it is."""


def edges_of(table: Any) -> Edges:
    """The edges of a table's brackets.

    Args:
        table: The table.
    """
    parts = lcm(*(cut.at.denominator for cut in table.cuts))
    return parts, tuple((int(cut.at * parts), cut.at) for cut in table.cuts)


def nearest_edge(edges: Edges, value: Fraction | float | None) -> Fraction | None:
    """The edge next to a value: one fen below 6 % must not read as 6.0 %.

    Args:
        edges: From `edges_of`.
        value: The value, or None.
    """
    if value is None or (isinstance(value, float) and math.isinf(value)) or not edges[1]:
        return None
    top, bottom = value.as_integer_ratio()
    top *= edges[0]
    return min(edges[1], key=lambda edge: abs(edge[0] * bottom - top))[1]


def say_status(node: Any, document: str, facts: Dictionary, lang: Lang) -> Said:
    """A test without a number: `head {answer} tail`.

    Args:
        node: The test.
        document: Number of its rule's text.
        facts: Result of `words_of` on its rule.
        lang: Language.
    """
    match node:
        case Flag(_, fact, clause, expected, mark):
            must = ("须：", "Must hold: ") if expected else ("不得：", "Must not hold: ")
            head = say(must, lang) + facts[fact].label(lang)
            tail = cite(f"{document} {clause}".strip(), mark, lang)
        case Listed(_, fact, Codes() as codes, _, expected):
            must = ("须属于", "must be in") if expected else ("不得属于", "must not be in")
            name = say((codes.source.zh, codes.source.en), lang)
            head = f"{facts[fact].label(lang)} {say(must, lang)} {name}"
            tail = cite_source(codes.source, lang)
        case AnswerOf(_, policy_id, clause, mark):
            other = facts[policy_id]
            head = say((f"须符合“{other.zh}”", f"Must qualify as: {other.en}"), lang)
            tail = cite(f"{document} {clause}".strip(), mark, lang)
        case AllOf(_, _, clause) | AnyOf(_, _, clause):
            heads = {AllOf: ("须同时满足", "All of"), AnyOf: ("满足其一即可", "Any one of")}
            head, tail = say(heads[type(node)], lang), cite(clause, TEXT, lang)
        case _:
            return Said(None, "", "", "")
    return Said(None, head + DASH, "", tail)


def say_condition(node: Condition, bound: Number | None, facts: Dictionary, lang: Lang) -> Said:
    """A test of a number: `head {number} middle {answer} tail`.

    Args:
        node: The test.
        bound: The number of law; None if it hangs on a fact that is unknown.
        facts: Result of `words_of` on its rule.
        lang: Language.
    """
    if isinstance(node.measure, POINTS):
        unit, label = "point", say(("得分", "Points"), lang)
    else:
        unit, label = unit_of(node.measure, facts), name_measure(node.measure, facts, lang)
        label = label[:1].upper() + label[1:] if lang == "en" else label
    wants = show_bound(None if bound is None else bound.value, unit, lang)
    op = say(OPS[node.op], lang)
    middle = say((f"，要求{op}{wants}", f"; {op} {wants} required"), lang) + DASH
    tail = "" if bound is None else cite_source(bound.source, lang)
    return Said(unit, label + say(("为", ": "), lang), middle, tail)
