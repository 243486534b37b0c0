"""Gaps in words an owner can act on, Chinese and English."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from techflow.policy.decision import Decision
from techflow.policy.facts import Fact
from techflow.policy.gaps import Gap
from techflow.policy.memo import Memo
from techflow.policy.model import POINTS, Condition, Flag, Listed
from techflow.policy.naming import (
    NO_TITLES,
    OPS,
    Dictionary,
    Titles,
    name_measure,
    unit_of,
    words_of,
)
from techflow.policy.params import Codes, Number
from techflow.policy.show import Lang, cite, say, show_apart, show_bound, show_number

STATUS = {
    "obtain": ("须做到：{}", "Make it true that {}"),
    "end": ("须消除：{}", "It must no longer be the case that {}"),
    "supply": ("请补充：{}", "Supply: {}"),
    "confirm": ("请说明是否属实：{}", "Say whether this is so: {}"),
    "prove": ("须证明属实：{}", "Show that this is so: {}"),
    "disprove": ("须证明并无此情形：{}", "Show that this is not so: {}"),
    "list": ("须列入规定范围：{}", "Must be on the list: {}"),
    "leave": ("不得属于规定范围：{}", "Must not be on the list: {}"),
    "policy": (
        "须先符合“{}”，见该项政策的差距",
        "First qualify as: {}; see what that policy lacks",
    ),
}
CHANGE = {
    "raise": ("将{}从{}提高到至少{}，还差{}", "Raise {} from {} to at least {}: {} short"),
    "lower": ("将{}从{}降低到最多{}，超出{}", "Lower {} from {} to at most {}: {} over"),
}
Line = tuple[int, str]
"""How far a line is indented, and its words."""


@dataclass(frozen=True, slots=True)
class Teller:
    """What the words are made of: names of facts and policies, the language, the rule's memo."""

    facts: Dictionary
    lang: Lang
    memo: Memo


def explain_gaps(
    gaps: Sequence[Gap], decision: Decision, lang: Lang, *, titles: Titles = NO_TITLES
) -> list[str]:
    """What to do, one line each; alternatives and steps indented.

    Args:
        gaps: From `gaps_of`.
        decision: The decision they belong to.
        lang: `zh` or `en`.
        titles: Titles of the policies whose answers it uses.
    """
    teller = Teller(words_of(decision.rule, titles), lang, decision.rule.memo)
    return ["  " * depth + text for gap in gaps for depth, text in _lines(gap, teller, 0)]


def _lines(gap: Gap, teller: Teller, depth: int) -> Iterator[Line]:
    ways = [way for option in gap.options for way in _ways(option)]
    if gap.kind == "any" and all(len(way) == 1 and _is_plain(way[0]) for way in ways):
        yield depth, _any_of_facts(gap, [way[0] for way in ways], teller)
        return
    yield depth, _line(gap, teller)
    for number, way in enumerate(ways, 1):
        yield from _way(number, way, teller, depth + 1)
    for step in gap.steps:
        yield from _lines(step, teller, depth + 1)


def _way(number: int, way: Sequence[Gap], teller: Teller, depth: int) -> Iterator[Line]:
    """One way; a way of one line stands beside its number."""
    head = say((f"办法{number}：", f"Way {number}: "), teller.lang)
    first, *rest = [line for step in way for line in _lines(step, teller, depth)]
    if len(way) == 1:
        yield first[0], head + first[1]
        yield from rest
        return
    together = say(("以下各项都要做到", "all of these"), teller.lang)
    yield depth, head + together
    yield from ((below + 1, text) for below, text in (first, *rest))


def _ways(option: Sequence[Gap]) -> list[tuple[Gap, ...]]:
    """The ways of an option: those of a choice within a choice stand beside the others."""
    if len(option) == 1 and option[0].kind == "any":
        return [way for inner in option[0].options for way in _ways(inner)]
    return [tuple(option)]


def _is_plain(gap: Gap) -> bool:
    """A fact whose evidence alone is enough."""
    wanted = gap.wanted
    is_flag = isinstance(wanted, Flag) and wanted.expected
    return gap.kind == "supply" and not gap.points and is_flag


def _any_of_facts(gap: Gap, facts: Sequence[Gap], teller: Teller) -> str:
    """Several facts of which one is enough, in one sentence."""
    lang = teller.lang
    names = say(("；", "; "), lang).join(
        _names(fact.facts, teller) + cite(fact.reference, fact.mark, lang) for fact in facts
    )
    head = (
        "以下任一项成立并有资料证明即可：",
        "Evidence that one of these holds is enough: ",
    )
    return say(head, lang) + names


def _line(gap: Gap, teller: Teller) -> str:
    lang = teller.lang
    where = cite(gap.reference, gap.mark, lang)
    if gap.kind == "any":
        return say(("以下办法任选其一", "Any one of these ways"), lang) + where
    if gap.kind == "score":
        return _score(gap, lang) + where
    if gap.kind in CHANGE:
        return _change(gap, teller) + where
    return _status(gap, teller) + _gain(gap, teller) + where


def _score(gap: Gap, lang: Lang) -> str:
    before, after = (
        show_number(end, "point", lang) for end in gap.points or (gap.value, gap.target)
    )
    target = show_number(gap.target, "point", lang)
    pair = ("须高于", "more than ") if gap.above else ("须达", "")
    need = say(pair, lang) + target
    # What a fact that is yet to be supplied brings is an upper end.
    most = ("最多", "up to ") if any(step.kind == "supply" for step in gap.steps) else ("", "")
    if gap.points is None:
        text = (
            f"得分现可确认{before}，{need}；缺少评分所需资料",
            f"Points sure so far: {before}; {need} needed; what the score needs is missing",
        )
    else:
        text = (
            f"得分现可确认{before}，{need}；按以下最省力的步骤{most[0]}可到{after}",
            f"Points sure so far: {before}; {need} needed; "
            f"these cheapest steps bring {most[1]}{after}",
        )
    return say(text, lang)


def _status(gap: Gap, teller: Teller) -> str:
    lang, kinds = teller.lang, {teller.facts[name].kind for name in gap.facts}
    if gap.kind == "supply" and kinds == {"points"} and gap.target is not None:
        target = show_number(gap.target, "point", lang)
        pair = ("请取得{}，至少{}", "Obtain {}: at least {}")
        return say(pair, lang).format(_names(gap.facts, teller), target)
    pair = STATUS[_status_word(gap, is_flag=kinds == {"flag"})]
    text = say(pair, lang).format(_names(gap.facts, teller))
    return text + ("" if gap.points else _need(gap, teller))


def _status_word(gap: Gap, *, is_flag: bool) -> str:
    """Which way a status must turn out; neither where it only decides the case."""
    expected = gap.wanted.expected if isinstance(gap.wanted, Flag | Listed) else None
    if gap.kind == "supply" and is_flag:
        return "confirm" if expected is None else "prove" if expected else "disprove"
    return "leave" if gap.kind == "list" and expected is False else gap.kind


def _need(gap: Gap, teller: Teller) -> str:
    """What the law asks of the fact: its number, or its list."""
    lang, wanted = teller.lang, gap.wanted
    if isinstance(wanted, Listed) and isinstance(wanted.codes, Codes):
        source = wanted.codes.source
        pair = (f"（{source.zh}）", f" ({source.en})")
        outside = (f"（须不属于：{source.zh}）", f" (must be outside: {source.en})")
        return say(pair if wanted.expected else outside, lang)
    asked = _asked_number(gap, teller)
    return asked and say((f"（要求：{asked}）", f" (needed: {asked})"), lang)


def _asked_number(gap: Gap, teller: Teller) -> str:
    """The test in words, with the measure unless it is the fact itself."""
    wanted = gap.wanted
    if not isinstance(wanted, Condition) or isinstance(wanted.measure, POINTS):
        return ""
    if not isinstance(wanted.bound, Number):
        return ""
    named = wanted.measure != gap.facts[0]
    make = partial(_asked, wanted, teller, named=named)
    return teller.memo.of(("asked", teller.lang, named), wanted, make)


def _asked(wanted: Condition, teller: Teller, *, named: bool) -> str:
    measure: Any = wanted.measure
    bound: Any = wanted.bound
    lang, unit = teller.lang, unit_of(measure, teller.facts)
    op, limit = say(OPS[wanted.op], lang), show_bound(bound.value, unit, lang)
    asked = say((f"{op}{limit}", f"{op} {limit}"), lang)
    if not named:
        return asked
    return say(("{}{}", "{} {}"), lang).format(name_measure(measure, teller.facts, lang), asked)


def _names(names: Sequence[str], teller: Teller) -> str:
    """Facts in words; the fiscal years of one annual fact stand together."""
    lang, groups = teller.lang, dict[str, list[Fact]]()
    for name in names:
        fact = teller.facts[name]
        groups.setdefault(fact.base or name, []).append(fact)
    return say(("、", ", "), lang).join(_name(facts, lang) for facts in groups.values())


def _name(facts: Sequence[Fact], lang: Lang) -> str:
    if len(facts) == 1:
        return facts[0].label(lang)
    years = say(("、", ", "), lang).join(fact.when(lang) for fact in facts)
    return say((f"{facts[0].zh}（{years}）", f"{facts[0].en} ({years})"), lang)


def _change(gap: Gap, teller: Teller) -> str:
    lang, fact = teller.lang, teller.facts[gap.facts[0]]
    unit = fact.unit or {"share": "share", "points": "point"}.get(fact.kind, "")
    ends = show_apart(gap.value or 0, gap.target or 0, unit, lang)
    short = show_number(gap.shortfall, unit, lang, apart=0)
    text = say(CHANGE[gap.kind], lang).format(fact.label(lang), *ends, short)
    is_whole = isinstance(gap.wanted, Condition) and gap.wanted.measure == gap.facts[0]
    need = "" if is_whole or gap.points else _need(gap, teller)
    return text + need + _gain(gap, teller)


def _gain(gap: Gap, teller: Teller) -> str:
    """What a step of a score brings and at which number; at most so much while it is unknown."""
    if gap.points is None:
        return ""
    lang = teller.lang
    before, after = (show_bound(end, "point", lang) for end in gap.points)
    asked = _asked_number(gap, teller)
    if gap.kind != "supply":
        at = say((f"，{asked}", f", {asked}"), lang) if asked else ""
        return say((f"（得分{before}→{after}{at}）", f" ({before} -> {after}{at})"), lang)
    if gap.target is not None and not asked:
        return say((f"（现按{before}计）", f" (counts {before} now)"), lang)
    met = say((f"{asked}可得{after}", f"{after} if {asked}"), lang)
    most = met if asked else say((f"最多可得{after}", f"up to {after} with it"), lang)
    return say((f"（现按{before}计，{most}）", f" (counts {before} now, {most})"), lang)
