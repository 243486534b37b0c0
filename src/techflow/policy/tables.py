"""Long tables from judged columns: `decision` and `condition_result`, one row per answer."""

from collections.abc import Sequence
from datetime import date

import narwhals.stable.v2 as nw

from techflow.basics import Frame, InvalidInput
from techflow.policy.model import TRUTHS
from techflow.policy.rule import Law, Rule, walk


def decision_table(
    judged: Frame, rules: Sequence[Rule], *, key: str = "firm_id", also: Sequence[str] = ()
) -> Frame:
    """One row per firm and policy.

    Args:
        judged: From `evaluate`.
        rules: The rules it was judged by.
        key: Column that identifies the firm.
        also: Further columns to keep.

    Returns:
        Columns key, those of `also`, policy_id, document, since, mark (the weakest it rests on),
        official, answer, reason.
    """
    return nw.concat([_decision(judged, rule, key, also) for rule in rules], how="vertical")


def _decision(judged: Frame, rule: Rule, key: str, also: Sequence[str]) -> Frame:
    return judged.select(
        nw.col(key, *also),
        policy_id=nw.lit(rule.policy_id),
        document=nw.lit(rule.document),
        since=nw.lit(rule.since),
        mark=nw.lit(str(rule.weakest)),
        official=nw.lit(rule.official),
        answer=nw.col(f"{rule.prefix}__answer"),
        reason=nw.col(f"{rule.prefix}__reason"),
    )


def decision_table_by_date(
    judged: Frame, laws: Sequence[Law], *, on: str, key: str = "firm_id"
) -> Frame:
    """One row per judged row and policy, by the text in force on the row's own day.

    Args:
        judged: From `evaluate_by_date`.
        laws: The laws asked for.
        on: Column with the legal date of the row.
        key: Column that identifies the firm.

    Returns:
        As `decision_table`, with `on` after the key; document, since and mark are null where the
        policy is not in force on the day, or the row has none.

    Raises:
        InvalidInput: There is no law.
    """
    pieces = []
    for law in laws:
        pieces += [
            _decision(judged.filter(_within(on, since, until)), rule, key, (on,))
            for since, until, rule in law.timeline()
        ]
        pieces.append(_not_in_force(judged, law, on, key))
    return _stack(pieces, "law")


def _within(on: str, since: date, until: date | None) -> nw.Expr:
    day = nw.col(on).cast(nw.Date())
    started = day >= since
    return started if until is None else started & (day < until)


def _not_in_force(judged: Frame, law: Law, on: str, key: str) -> Frame:
    policy = law.policy
    prefix = policy.id.replace(".", "_")
    return judged.filter(nw.col(f"{prefix}__reason") == "not_in_force").select(
        nw.col(key, on),
        policy_id=nw.lit(policy.id),
        document=nw.lit(None, nw.String()),
        since=nw.lit(None, nw.Date()),
        mark=nw.lit(None, nw.String()),
        official=nw.lit(policy.official),
        answer=nw.col(f"{prefix}__answer"),
        reason=nw.col(f"{prefix}__reason"),
    )


def _stack(pieces: Sequence[Frame], what: str) -> Frame:
    if not pieces:
        raise InvalidInput(f"a long table needs at least one {what} with rows to give; got none")
    return nw.concat(pieces, how="vertical")


def condition_table(judged: Frame, rules: Sequence[Rule], *, key: str = "firm_id") -> Frame:
    """One row per firm, policy and test.

    Args:
        judged: From `evaluate` with `detail` of `conditions` or `points`.
        rules: The rules it was judged by; at least one with a test.
        key: Column that identifies the firm.

    Returns:
        Columns key, policy_id, condition, ok.
    """
    return _stack([piece for rule in rules for piece in _tests(judged, rule, (key,))], "test")


def condition_table_by_date(
    judged: Frame, laws: Sequence[Law], *, on: str, key: str = "firm_id"
) -> Frame:
    """One row per judged row, policy and test of the text in force on the row's own day.

    Args:
        judged: From `evaluate_by_date` with `detail` of `conditions` or `points`.
        laws: The laws asked for; at least one with a test.
        on: Column with the legal date of the row.
        key: Column that identifies the firm.

    Returns:
        Columns key, `on`, policy_id, condition, ok. A row on whose day a policy is not in force
        has no tests of it.

    Raises:
        InvalidInput: No law has a test.
    """
    pieces = [
        piece
        for law in laws
        for since, until, rule in law.timeline()
        for piece in _tests(judged.filter(_within(on, since, until)), rule, (key, on))
    ]
    return _stack(pieces, "test")


def _tests(judged: Frame, rule: Rule, keys: Sequence[str]) -> list[Frame]:
    return [
        judged.select(
            nw.col(*keys),
            policy_id=nw.lit(rule.policy_id),
            condition=nw.lit(name),
            ok=nw.col(f"{rule.prefix}__ok_{name}"),
        )
        for name in names_of_tests(rule)
    ]


def names_of_tests(rule: Rule) -> tuple[str, ...]:
    """Names of all tests of a rule, parents first, each once.

    Args:
        rule: The rule.
    """
    names = [node.name for node in walk(rule.roots) if isinstance(node, TRUTHS)]
    return tuple(dict.fromkeys(names))
