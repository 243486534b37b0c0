"""Gaps in words an owner can act on, Chinese and English."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from techflow.policy.decision import Decision
from techflow.policy.facts import Fact
from techflow.policy.gaps import Gap
from techflow.policy.show import Lang, cite, say, show_number
from techflow.policy.words import NO_TITLES, Dictionary, Titles, words_of

STATUS = {
    "obtain": ("须做到：{}", "Make it true that {}"),
    "end": ("须消除：{}", "It must no longer be the case that {}"),
    "supply": ("请补充：{}", "Supply: {}"),
    "confirm": ("请说明是否属实：{}", "Say whether this is so: {}"),
    "list": ("须列入规定范围：{}", "Must be on the list: {}"),
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
    """What the words are made of: names of facts and policies, and the language."""

    facts: Dictionary
    lang: Lang


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
    teller = Teller(words_of(decision.rule, titles), lang)
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
    return gap.kind == "supply" and not gap.points


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
        return _change(gap, teller.facts[gap.facts[0]], lang) + where
    return _status(gap, teller) + _gain(gap, lang) + where


def _score(gap: Gap, lang: Lang) -> str:
    before, after = (
        show_number(end, "point", lang) for end in gap.points or (gap.value, gap.target)
    )
    target = show_number(gap.target, "point", lang)
    pair = ("须高于", "more than ") if gap.above else ("须达", "")
    need = say(pair, lang) + target
    if gap.points is None:
        text = (
            f"得分现可确认{before}，{need}；缺少评分所需资料",
            f"Points sure so far: {before}; {need} needed; what the score needs is missing",
        )
    else:
        text = (
            f"得分现可确认{before}，{need}；按以下最省力的步骤可到{after}",
            f"Points sure so far: {before}; {need} needed; these cheapest steps bring {after}",
        )
    return say(text, lang)


def _status(gap: Gap, teller: Teller) -> str:
    lang, kinds = teller.lang, {teller.facts[name].kind for name in gap.facts}
    if gap.kind == "supply" and kinds == {"points"} and gap.target is not None:
        target = show_number(gap.target, "point", lang)
        text = ("请取得{}，至少{}", "Have this given: {}, at least {}")
        return say(text, lang).format(_names(gap.facts, teller), target)
    kind = "confirm" if gap.kind == "supply" and kinds == {"flag"} else gap.kind
    return say(STATUS[kind], lang).format(_names(gap.facts, teller))


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


def _change(gap: Gap, fact: Fact, lang: Lang) -> str:
    unit = fact.unit or {"share": "share", "points": "point"}.get(fact.kind, "")
    amounts = [
        show_number(gap.value, unit, lang, apart=gap.target),
        show_number(gap.target, unit, lang, apart=gap.value),
        show_number(gap.shortfall, unit, lang, apart=0),
    ]
    return say(CHANGE[gap.kind], lang).format(fact.label(lang), *amounts) + _gain(gap, lang)


def _gain(gap: Gap, lang: Lang) -> str:
    """What a step of a score brings; at most so much where a fact is not known yet."""
    if gap.points is None:
        return ""
    before, after = (show_number(end, "point", lang) for end in gap.points)
    if gap.kind == "supply":
        text = (
            f"（现按{before}计，最多可得{after}）",
            f" (counts {before} now, up to {after} with it)",
        )
        return say(text, lang)
    return say((f"（得分{before}→{after}）", f" ({before} -> {after})"), lang)
