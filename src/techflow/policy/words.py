"""Decisions in words, Chinese and English, each number with its bound, clause and mark."""

import math
from collections.abc import Mapping
from fractions import Fraction

from techflow.policy.decision import Decision, Scored, Tested
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
from techflow.policy.model import (
    POINTS,
    AllOf,
    AnswerOf,
    AnyOf,
    Choose,
    Condition,
    Flag,
    Listed,
)
from techflow.policy.params import TEXT, Codes, Number, Table
from techflow.policy.rule import Rule
from techflow.policy.show import Lang, cite, cite_source, say, show_bound, show_number

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
ANSWERS = {True: ("满足", "met"), False: ("不满足", "not met"), None: ("无法判断", "unknown")}
VERDICTS = {True: ("符合", "qualifies"), False: ("不符合", "does not qualify")}
OPEN = ("依现有资料无法判断", "cannot be decided from what is known")


def words_of(rule: Rule, titles: Titles) -> Dictionary:
    """What a rule names, in words: its facts, and the policies whose answers it uses.

    Args:
        rule: The rule.
        titles: Titles of other policies; without one the id stands for it.
    """
    others = {name: titles.get(name, (name, name)) for name in rule.needs}
    named = {name: Fact(name, "flag", zh, en) for name, (zh, en) in others.items()}
    return named | {fact.name: fact for fact in rule.facts}


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


def explain(decision: Decision, lang: Lang, *, titles: Titles = NO_TITLES) -> list[str]:
    """A decision as lines: the verdict, then each test, indented under what it belongs to.

    Args:
        decision: From `decide`.
        lang: `zh` or `en`.
        titles: Titles of the policies whose answers it uses.
    """
    rule = decision.rule
    verdict = say(VERDICTS.get(decision.answer, OPEN), lang)  # type: ignore[arg-type]
    title = say((f"{rule.zh}：{verdict}", f"{rule.en}: {verdict}"), lang)
    lines = [title + cite(rule.document, rule.mark, lang)]
    facts = words_of(rule, titles)
    if decision.tested:
        lines += _lines(decision.tested, decision, facts, lang, 1)
    for outcome in rule.outcomes:
        value = decision.outcomes[outcome.name]
        unknown = say(("未知", "unknown"), lang)
        lines.append(
            f"  {say((outcome.zh, outcome.en), lang)}: {unknown if value is None else value}"
        )
    return lines


def _lines(
    tested: Tested, decision: Decision, facts: Dictionary, lang: Lang, depth: int
) -> list[str]:
    lines = ["  " * depth + sentence(tested, decision, facts, lang)]
    if tested.scored:
        lines += _score_lines(tested.scored, facts, lang, depth + 1)
    if isinstance(tested.node, Choose):
        return lines + _branch_lines(tested, decision, facts, lang, depth + 1)
    for part in tested.parts:
        lines += _lines(part, decision, facts, lang, depth + 1)
    return lines


def _branch_lines(
    tested: Tested, decision: Decision, facts: Dictionary, lang: Lang, depth: int
) -> list[str]:
    """The branch that applies; both if that is unknown."""
    when, then, otherwise = tested.parts
    chosen = [then] if when.ok else [otherwise] if when.ok is not None else [then, otherwise]
    return [line for part in chosen for line in _lines(part, decision, facts, lang, depth)]


def _case_head(tested: Tested, facts: Dictionary, lang: Lang) -> str:
    """Which case applies: what decides it and whether it holds."""
    when = tested.parts[0]
    held = {True: ("是", "yes"), False: ("否", "no"), None: ("未知", "unknown")}[when.ok]
    label = _case_label(when, facts, lang)
    return say(("视情形（{}：{}）", "By case ({}: {})"), lang).format(label, say(held, lang))


def _case_label(when: Tested, facts: Dictionary, lang: Lang) -> str:
    match when.node:
        case Flag(_, fact):
            return facts[fact].label(lang)
        case Listed(_, fact, Codes() as codes):
            name = say((codes.source.zh, codes.source.en), lang)
            return f"{facts[fact].label(lang)} = {name}"
        case Condition(_, measure, op, Number() as bound) if not isinstance(measure, POINTS):
            limit = show_bound(bound.value, unit_of(measure, facts), lang)
            name, space = name_measure(measure, facts, lang), "" if lang == "zh" else " "
            return f"{name}{space}{say(OPS[op], lang)}{space}{limit}"
    return when.name


def _score_lines(scored: Scored, facts: Dictionary, lang: Lang, depth: int) -> list[str]:
    """One line per item that comes from a table: points of the most, and the measure."""
    table = getattr(scored.node, "table", None)
    lines = []
    if isinstance(table, Table):
        measure = scored.node.measure  # type: ignore[union-attr]
        got = show_bound(scored.value, "point", lang)
        most = show_bound(max(table.points), "point", lang)
        value = scored.reading.value if scored.reading else None
        has = show_number(value, unit_of(measure, facts), lang, apart=_nearest(table, value))
        label, name = (
            say((table.source.zh, table.source.en), lang),
            name_measure(measure, facts, lang),
        )
        text = (
            f"{label}：{got}（满分{most}），{name}为{has}",
            f"{label}: {got} of {most}; {name} is {has}",
        )
        lines = ["  " * depth + say(text, lang) + cite_source(table.source, lang)]
    for part in scored.parts:
        lines += _score_lines(part, facts, lang, depth)
    return lines


def _nearest(table: Table, value: Fraction | float | None) -> Fraction | None:
    """The edge next to a value: one fen below 6 % must not read as 6.0 %."""
    if value is None or (isinstance(value, float) and math.isinf(value)):
        return None
    edges = [cut.at for cut in table.cuts]
    return min(edges, key=lambda edge: abs(edge - Fraction(value)), default=None)


def sentence(tested: Tested, decision: Decision, facts: Dictionary, lang: Lang) -> str:
    """One test as one sentence.

    Args:
        tested: The test.
        decision: The decision it belongs to.
        facts: Result of `words_of` on its rule.
        lang: Language.
    """
    answer, document = say(ANSWERS[tested.ok], lang), decision.rule.document
    match tested.node:
        case Condition():
            return _condition_sentence(tested, facts, answer, lang)
        case Flag(_, fact, clause, expected, mark):
            label = facts[fact].label(lang)
            must = ("须：", "Must hold: ") if expected else ("不得：", "Must not hold: ")
            where = cite(f"{document} {clause}".strip(), mark, lang)
            return f"{say(must, lang)}{label} — {answer}{where}"
        case Listed(_, fact, Codes() as codes, _, expected):
            must = ("须属于", "must be in") if expected else ("不得属于", "must not be in")
            name = say((codes.source.zh, codes.source.en), lang)
            text = f"{facts[fact].label(lang)} {say(must, lang)} {name} — {answer}"
            return text + cite_source(codes.source, lang)
        case AnswerOf(_, policy_id, clause, mark):
            where = cite(f"{document} {clause}".strip(), mark, lang)
            pair = (f"须符合“{facts[policy_id].zh}”", f"Must qualify as: {facts[policy_id].en}")
            return f"{say(pair, lang)} — {answer}{where}"
        case AllOf(_, _, clause) | AnyOf(_, _, clause) | Choose(_, _, _, _, clause):
            heads = {AllOf: ("须同时满足", "All of"), AnyOf: ("满足其一即可", "Any one of")}
            joined = heads.get(type(tested.node))
            head = say(joined, lang) if joined else _case_head(tested, facts, lang)
            return f"{head} — {answer}{cite(clause, TEXT, lang)}"
    return answer


def _condition_sentence(tested: Tested, facts: Dictionary, answer: str, lang: Lang) -> str:
    node, bound = tested.node, tested.bound
    if not isinstance(node, Condition):
        return answer
    if isinstance(node.measure, POINTS):
        unit, label = "point", say(("得分", "Points"), lang)
    else:
        unit = unit_of(node.measure, facts)
        label = name_measure(node.measure, facts, lang)
        label = label[:1].upper() + label[1:] if lang == "en" else label
    limit = None if bound is None else bound.value
    has = show_number(tested.value, unit, lang, apart=limit)
    wants = show_bound(limit, unit, lang)
    op = say(OPS[node.op], lang)
    text = (
        f"{label}为{has}，要求{op}{wants} — {answer}",
        f"{label}: {has}; {op} {wants} required — {answer}",
    )
    return say(text, lang) + ("" if bound is None else cite_source(bound.source, lang))
