"""Decisions in words, Chinese and English, each number with its bound, clause and mark."""

from functools import partial

from techflow.policy.decision import Decision, Scored, Tested
from techflow.policy.model import POINTS, AnswerOf, Choose, Condition, Flag, Listed, Steps
from techflow.policy.naming import (
    NO_TITLES,
    OPS,
    Dictionary,
    Titles,
    name_measure,
    unit_of,
    words_of,
)
from techflow.policy.params import TEXT, Codes, Number, Table
from techflow.policy.sentences import (
    DASH,
    Said,
    edges_of,
    nearest_edge,
    say_condition,
    say_status,
    say_steps,
)
from techflow.policy.show import Lang, cite, say, show_bound, show_number

ANSWERS = {True: ("满足", "met"), False: ("不满足", "not met"), None: ("无法判断", "unknown")}
VERDICTS = {True: ("符合", "qualifies"), False: ("不符合", "does not qualify")}
OPEN = ("依现有资料无法判断", "cannot be decided from what is known")


SAID = {"zh": "said zh", "en": "said en"}


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
        lines += _score_lines(tested.scored, decision, facts, lang, depth + 1)
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


def _score_lines(
    scored: Scored, decision: Decision, facts: Dictionary, lang: Lang, depth: int
) -> list[str]:
    """One line per item that comes from a table: points of the most, and the measure."""
    node, lines = scored.node, []
    if isinstance(node, Steps) and isinstance(node.table, Table):
        memo = decision.rule.memo
        said = memo.of(SAID[lang], node, lambda: say_steps(node, facts, lang))
        edges = memo.of("edges", node, lambda: edges_of(node.table))
        value = scored.reading.value if scored.reading else None
        got = show_bound(scored.value, "point", lang)
        has = show_number(value, said.unit or "", lang, apart=nearest_edge(edges, value))
        lines = [f"{'  ' * depth}{said.head}{got}{said.middle}{has}{said.tail}"]
    for part in scored.parts:
        lines += _score_lines(part, decision, facts, lang, depth)
    return lines


def sentence(tested: Tested, decision: Decision, facts: Dictionary, lang: Lang) -> str:
    """One test as one sentence.

    Args:
        tested: The test.
        decision: The decision it belongs to.
        facts: Result of `words_of` on its rule.
        lang: Language.
    """
    said, answer = _said(tested, decision, facts, lang), say(ANSWERS[tested.ok], lang)
    if said.unit is None:
        return f"{said.head}{answer}{said.tail}"
    limit = None if tested.bound is None else tested.bound.value
    has = show_number(tested.value, said.unit, lang, apart=limit)
    return f"{said.head}{has}{said.middle}{answer}{said.tail}"


def _said(tested: Tested, decision: Decision, facts: Dictionary, lang: Lang) -> Said:
    """Kept with the rule unless it hangs on the firm or on the titles of other policies."""
    node, rule = tested.node, decision.rule
    if isinstance(node, Condition):
        if tested.bound is not node.bound:
            return say_condition(node, tested.bound, facts, lang)
        make = partial(say_condition, node, tested.bound, facts, lang)
    elif isinstance(node, Choose):
        head = _case_head(tested, facts, lang) + DASH
        return Said(None, head, "", cite(node.clause, TEXT, lang))
    else:
        make = partial(say_status, node, rule.document, facts, lang)
        if isinstance(node, AnswerOf):
            return make()
    return rule.memo.of(SAID[lang], node, make)


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
