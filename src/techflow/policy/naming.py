"""What a rule names, in words: facts, measures, the policies whose answers it uses."""

from collections.abc import Mapping

from techflow.policy.facts import Fact
from techflow.policy.measures import (
    Excess,
    Growth,
    Mean,
    MeanGrowth,
    Measure,
    Plus,
    Share,
    Total,
    columns_of,
    year_column,
)
from techflow.policy.rule import Rule, facts_of
from techflow.policy.show import Lang, say

Dictionary = Mapping[str, Fact]
Titles = Mapping[str, tuple[str, str]]
"""Policy id -> its Chinese and English title, for policies that use another's answer."""
NO_TITLES: Titles = {}

OPS = {
    ">=": ("不低于", "at least"),
    ">": ("高于", "more than"),
    "<=": ("不高于", "at most"),
    "<": ("低于", "less than"),
    "==": ("等于", "exactly"),
}


def words_of(rule: Rule, titles: Titles) -> Dictionary:
    """What a rule names, in words: its facts, and the policies whose answers it uses.

    Args:
        rule: The rule.
        titles: Titles of other policies; without one the id stands for it.
    """
    facts = facts_of(rule)
    if not rule.needs:
        return facts
    others = {name: titles.get(name, (name, name)) for name in rule.needs}
    named = {name: Fact(name, "flag", zh, en) for name, (zh, en) in others.items()}
    return {**named, **facts}


def unit_of(measure: Measure, facts: Dictionary) -> str:
    """The unit a measure is shown in.

    Args:
        measure: Any measure.
        facts: Facts by column.
    """
    if isinstance(measure, Growth | MeanGrowth):
        return "share"
    units = [_fact_unit(facts[name]) for name in columns_of(measure)]
    if not isinstance(measure, Share):
        inner = measure.left if isinstance(measure, Excess) else None
        return unit_of(inner, facts) if inner is not None else units[0]
    return "share" if units[0] == units[-1] else f"{units[0]}/{units[-1]}"


def _fact_unit(fact: Fact) -> str:
    return fact.unit or {"money": "cny", "share": "share", "points": "point"}.get(fact.kind, "")


def name_measure(measure: Measure, facts: Dictionary, lang: Lang) -> str:
    """A measure in words.

    Args:
        measure: Any measure.
        facts: Facts by column.
        lang: Language.
    """

    def word(part: Measure) -> str:
        return name_measure(part, facts, lang)

    match measure:
        case str():
            return facts[measure].label(lang)
        case Share(part, whole):
            ends = (word(part), word(whole))
            return say(("{}占{}的比例", "{} as a share of {}"), lang).format(*ends)
        case Excess(left, right):
            return say(("{}减去{}", "{} minus {}"), lang).format(word(left), word(right))
        case Plus(parts):
            # In Chinese a list could mean each of them.
            joined = say(("＋", " plus "), lang).join(word(part) for part in parts)
            return say((f"（{joined}）", joined), lang)
    texts = {
        Total: ("最近{}个会计年度{}合计", "total over {} fiscal years of {}"),
        Mean: ("最近{}个会计年度{}平均", "mean over {} fiscal years of {}"),
        Growth: ("最近{}个会计年度{}复合增长率", "compound growth over {} fiscal years of {}"),
        MeanGrowth: ("最近{}个会计年度{}平均增长率", "mean growth over {} fiscal years of {}"),
    }
    fact = facts[year_column(measure.fact, 0)]
    return say(texts[type(measure)], lang).format(measure.years, say((fact.zh, fact.en), lang))
