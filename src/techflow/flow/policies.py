"""Policies over firms: choose the laws, judge, keep what was asked for."""

from collections.abc import Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Any

import narwhals.stable.v2 as nw

from techflow.basics import Frame, InvalidInput, NotInForce, require_columns
from techflow.policy import (
    Decision,
    Fact,
    Law,
    Rule,
    compare_rules,
    decide,
    evaluate,
    evaluate_by_date,
)

Laws = Mapping[str, Law]
KEY = "firm_id"
KINDS = {"flag": nw.Boolean(), "code": nw.String()}


def find_law(laws: Laws, policy_id: str) -> Law:
    """One law by its id.

    Args:
        laws: Policy id -> law.
        policy_id: The id.

    Raises:
        InvalidInput: There is none; names the nearest.
    """
    if policy_id in laws:
        return laws[policy_id]
    tails = {name.rpartition(".")[2]: name for name in laws}
    near = get_close_matches(policy_id, [*laws, *tails], n=3, cutoff=0.5)
    names = list(dict.fromkeys(tails.get(name, name) for name in near))
    hint = f"nearest: {', '.join(names)}" if names else "`techflow policy list` shows all"
    raise InvalidInput(f"there is no policy {policy_id}; {hint}")


def rules_on(laws: Laws, ids: Sequence[str], *, on: date) -> list[Rule]:
    """The rules of a day, with those whose answers they use after those asked for.

    Args:
        laws: Policy id -> law.
        ids: Policies asked for.
        on: Legal date.

    Raises:
        InvalidInput: An id is unknown.
        NotInForce: One of them is not in force; says when it is.
    """
    rules: dict[str, Rule] = {}
    todo = list(ids)
    while todo:
        name = todo.pop(0)
        if name not in rules:
            rules[name] = find_law(laws, name).on(on)
            todo += rules[name].needs
    return list(rules.values())


def laws_for(laws: Laws, ids: Sequence[str]) -> list[Law]:
    """The laws asked for, with those whose answers they use on any day.

    Args:
        laws: Policy id -> law.
        ids: Policies asked for.

    Raises:
        InvalidInput: An id is unknown.
    """
    found: dict[str, Law] = {}
    todo = list(ids)
    while todo:
        name = todo.pop(0)
        if name not in found:
            found[name] = find_law(laws, name)
            todo += [used for *_, rule in found[name].timeline() for used in rule.needs]
    return list(found.values())


def facts_of(laws: Laws, ids: Sequence[str], *, on: date | None) -> dict[str, Fact]:
    """Every fact the policies read, by column.

    Args:
        laws: Policy id -> law.
        ids: Policies asked for.
        on: Legal date; None for all days.
    """
    if on is not None:
        rules = rules_on(laws, ids, on=on)
    else:
        rules = [rule for law in laws_for(laws, ids) for *_, rule in law.timeline()]
    return {fact.name: fact for rule in rules for fact in rule.facts}


def judge_policies(firms: Frame, laws: Laws, ids: Sequence[str], *, on: date | str) -> Frame:
    """Judge every row by the policies asked for; a fact without a column is unknown.

    Args:
        firms: Rows with `firm_id` and fact columns.
        laws: Policy id -> law.
        ids: Policies asked for.
        on: Legal date, or the column that holds each row's own.

    Returns:
        `firm_id`, the date column if one was named, and what `evaluate` adds for these policies.

    Raises:
        InvalidInput: An id is unknown, or a column's type contradicts its fact.
        MissingColumn: `firm_id` or the date column is absent.
        NotInForce: With one date: a policy is not in force.
    """
    keys = [KEY, on] if isinstance(on, str) else [KEY]
    require_columns(firms, keys, needed_by="policy evaluate")
    wanted = facts_of(laws, ids, on=None if isinstance(on, str) else on)
    slim = firms.select(*keys, *(n for n in firms.columns if n in wanted and n not in keys))
    if isinstance(on, str):
        judged = evaluate_by_date(slim, laws_for(laws, ids), on=on, allow_absent=True)
    else:
        judged = evaluate(slim, rules_on(laws, ids, on=on), allow_absent=True)
    prefixes = tuple(f"{name.replace('.', '_')}__" for name in ids)
    return judged.select(*keys, *(n for n in judged.columns if n.startswith(prefixes)))


def decide_policies(
    firm: Mapping[str, Any], laws: Laws, ids: Sequence[str], *, on: date
) -> list[Decision]:
    """What the policies say of one firm, in the order asked for.

    Args:
        firm: Fact name -> value; what is left out is unknown.
        laws: Policy id -> law.
        ids: Policies asked for.
        on: Legal date.

    Raises:
        InvalidInput: An id is unknown, or a value has the wrong type.
        NotInForce: A policy is not in force.
    """
    decisions = decide(firm, rules_on(laws, ids, on=on))
    return [decisions[name] for name in ids]


def last_rule(law: Law) -> Rule:
    """A law as it finally stands: the rule of its last days.

    Args:
        law: A law, such as a draft that begins later.

    Raises:
        NotInForce: It never is in force.
    """
    timeline = law.timeline()
    if not timeline:
        raise NotInForce(f"{law.id} is never in force; give its versions and numbers a since")
    return timeline[-1][2]


def compare_draft(firms: Frame, laws: Laws, draft: Law, *, on: date) -> Frame:
    """Judge every firm by the law in force on a day and by a draft of it as it finally stands.

    Args:
        firms: Rows with fact columns; a fact without a column is unknown.
        laws: Policy id -> law in force.
        draft: The draft, with the id of the law it would replace.
        on: Legal date of the law in force, and of the laws whose answers either uses.

    Returns:
        The rows plus `before`, `after`, `change` (see `compare_rules`).

    Raises:
        NotInForce: The policy is not in force on that day.
    """
    before = rules_on(laws, [draft.id], on=on)
    new = last_rule(draft)
    others = rules_on(laws, new.needs, on=on) if new.needs else []
    after = [new, *(rule for rule in others if rule.policy_id != draft.id)]
    facts = {fact.name: fact for rule in (*before, *after) for fact in rule.facts}
    known = firms.columns
    compared = compare_rules(with_unknown(firms, facts), before, after, policy_id=draft.id)
    return compared.select(*known, "before", "after", "change")


def with_unknown(firms: Frame, facts: Mapping[str, Fact]) -> Frame:
    """The rows with a column for every fact; one that had none is unknown for all.

    Args:
        firms: Rows with fact columns.
        facts: Facts wanted, by column.
    """
    absent = {
        name: nw.lit(None, dtype=KINDS.get(fact.kind, nw.Float64()))
        for name, fact in facts.items()
        if name not in firms.columns
    }
    return firms.with_columns(**absent) if absent else firms
