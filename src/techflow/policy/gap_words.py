"""Gaps in words an owner can act on, Chinese and English."""

from collections.abc import Sequence

from techflow.policy.decision import Decision
from techflow.policy.facts import Fact
from techflow.policy.gaps import Gap
from techflow.policy.show import Lang, say, show_number
from techflow.policy.words import Dictionary, cite

STATUS = {
    "obtain": ("须做到：{}", "Make it true that {}"),
    "end": ("须消除：{}", "It must no longer be the case that {}"),
    "supply": ("请补充资料：{}", "Supply the fact: {}"),
    "list": ("须列入规定范围：{}", "Must be on the list: {}"),
    "policy": ("须先符合：{}", "First qualify under {}"),
}
CHANGE = {
    "raise": ("将{}从{}提高到至少{}，还差{}", "Raise {} from {} to at least {}: {} short"),
    "lower": ("将{}从{}降低到最多{}，超出{}", "Lower {} from {} to at most {}: {} over"),
}


def explain_gaps(gaps: Sequence[Gap], decision: Decision, lang: Lang) -> list[str]:
    """What to do, one line each; alternatives and steps indented.

    Args:
        gaps: From `gaps_of`.
        decision: The decision they belong to.
        lang: `zh` or `en`.
    """
    facts = {fact.name: fact for fact in decision.rule.facts}
    return [line for gap in gaps for line in _lines(gap, facts, lang, 0)]


def _lines(gap: Gap, facts: Dictionary, lang: Lang, depth: int) -> list[str]:
    lines = ["  " * depth + _line(gap, facts, lang)]
    for number, way in enumerate(gap.options, 1):
        inner = [line for step in way for line in _lines(step, facts, lang, depth + 2)]
        lines += ["  " * (depth + 1) + say((f"办法{number}：", f"Way {number}:"), lang), *inner]
    for step in gap.steps:
        lines += _lines(step, facts, lang, depth + 1)
    return lines


def _line(gap: Gap, facts: Dictionary, lang: Lang) -> str:
    where = cite(gap.reference, gap.mark, lang)
    if gap.kind == "any":
        return say(("以下办法任选其一", "Any one of these ways"), lang) + where
    if gap.kind == "score":
        text = (
            "得分从{}提高到{}，最省力的步骤",
            "Bring the points from {} to {} by the cheapest steps",
        )
        ends = (show_number(end, "point", lang) for end in gap.points or (gap.value, gap.target))
        return say(text, lang).format(*ends) + where
    if gap.kind in CHANGE:
        return _change(gap, facts[gap.facts[0]], lang) + where
    names = say(("、", ", "), lang).join(
        facts[name].label(lang) if name in facts else name for name in gap.facts
    )
    return say(STATUS[gap.kind], lang).format(names) + _gain(gap, lang) + where


def _change(gap: Gap, fact: Fact, lang: Lang) -> str:
    unit = fact.unit or {"share": "share", "points": "point"}.get(fact.kind, "")
    amounts = [
        show_number(gap.value, unit, lang, apart=gap.target),
        show_number(gap.target, unit, lang, apart=gap.value),
        show_number(gap.shortfall, unit, lang, apart=0),
    ]
    return say(CHANGE[gap.kind], lang).format(fact.label(lang), *amounts) + _gain(gap, lang)


def _gain(gap: Gap, lang: Lang) -> str:
    """What a step of a score brings."""
    if gap.points is None:
        return ""
    before, after = (show_number(end, "point", lang) for end in gap.points)
    return say((f"（得分{before}→{after}）", f" ({before} -> {after})"), lang)
