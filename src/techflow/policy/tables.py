"""Long tables from judged columns: `decision` and `condition_result`, one row per answer."""

from collections.abc import Sequence

import narwhals.stable.v2 as nw

from techflow.basics import Frame
from techflow.policy.model import TRUTHS
from techflow.policy.rule import Rule, walk


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


def condition_table(judged: Frame, rules: Sequence[Rule], *, key: str = "firm_id") -> Frame:
    """One row per firm, policy and test.

    Args:
        judged: From `evaluate` with `detail` of `conditions` or `points`.
        rules: The rules it was judged by; at least one with a test.
        key: Column that identifies the firm.

    Returns:
        Columns key, policy_id, condition, ok.
    """
    return nw.concat(
        [
            judged.select(
                nw.col(key),
                policy_id=nw.lit(rule.policy_id),
                condition=nw.lit(name),
                ok=nw.col(f"{rule.prefix}__ok_{name}"),
            )
            for rule in rules
            for name in names_of_tests(rule)
        ],
        how="vertical",
    )


def names_of_tests(rule: Rule) -> tuple[str, ...]:
    """Names of all tests of a rule, parents first, each once.

    Args:
        rule: The rule.
    """
    names = [node.name for node in walk(rule.roots) if isinstance(node, TRUTHS)]
    return tuple(dict.fromkeys(names))
