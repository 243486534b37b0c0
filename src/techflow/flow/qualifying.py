"""What each firm qualifies for, and what a firm lacks: policies over the facts of its records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import narwhals.stable.v2 as nw

from techflow.basics import Frame, NotInForce
from techflow.flow.policies import Laws, rules_on
from techflow.policy import (
    Fact,
    Rule,
    decide,
    decision_table,
    evaluate,
    explain_gaps,
    gaps_of,
)
from techflow.schema import DERIVED

QUALIFICATIONS = (
    "cn.sme_size",
    "cn.tech_sme",
    "cn.innovative_sme",
    "cn.specialised_sme",
    "cn.little_giant",
    "cn.hnte",
    "cn.star_attribute",
    "cn.innovation_points",
    "cn.tech_loan_category",
    "cn.key_region",
    "cn.innovation_centre",
)
"""National policies that say something of a firm itself, in the order in which they are shown."""
SHOWN_OUTCOMES = {"cn.sme_size": "size_class", "cn.innovation_points": "score"}
"""Policy -> its outcome that is kept beside the answer."""
COUNTRY = "CN"
"""Firms of other countries are not judged by these policies."""


@dataclass(frozen=True, slots=True)
class Qualifying:
    """The policies that say what a firm qualifies for on a day.

    Attributes:
        on: Legal date.
        ids: Policies asked for and in force, in order.
        rules: Their rules, and those of the policies whose answers they use.
    """

    on: date
    ids: tuple[str, ...]
    rules: tuple[Rule, ...]

    @classmethod
    def at(cls, laws: Laws, on: date, *, ids: Sequence[str] = QUALIFICATIONS) -> "Qualifying":
        """The policies in force on a day.

        Args:
            laws: Policy id -> law.
            on: Legal date.
            ids: Policies asked for; those not in force are left out.
        """
        found: dict[str, Rule] = {}
        kept = []
        for name in ids:
            try:
                rules = rules_on(laws, [name], on=on)
            except NotInForce:
                continue
            kept.append(name)
            found |= {rule.policy_id: rule for rule in rules}
        return cls(on, tuple(kept), tuple(found.values()))

    @property
    def facts(self) -> dict[str, Fact]:
        """Every fact they read, by column."""
        return {fact.name: fact for rule in self.rules for fact in rule.facts}

    @property
    def asked(self) -> tuple[Rule, ...]:
        """The rules of `ids`, in order."""
        by_id = {rule.policy_id: rule for rule in self.rules}
        return tuple(by_id[name] for name in self.ids)


def judge_qualifications(facts: Frame, qualifying: Qualifying) -> Frame:
    """Judge the firms of the country by every policy, many firms at once.

    Args:
        facts: Result of `policy_facts` on the facts of `qualifying`.
        qualifying: The policies of the day.

    Returns:
        One row per firm of the country: `firm_id`, and per policy the answer, the reason why it
        is open, and its outcomes, as `evaluate` names them.
    """
    firms = facts.filter(nw.col("country") == COUNTRY)
    judged = evaluate(firms, qualifying.rules, detail="answers", allow_absent=True)
    return judged.drop("country", *qualifying.facts)


def list_qualifications(judged: Frame, qualifying: Qualifying) -> Frame:
    """The answers one below the other.

    Args:
        judged: Result of `judge_qualifications`.
        qualifying: The same policies.

    Returns:
        The columns of the table `qualification` of the dictionary and `place`, the order of the
        policies; one row per firm and policy. A policy that only has an outcome has no answer.
    """
    answer = nw.col("answer")
    words = (
        nw.when(answer)
        .then(nw.lit("yes"))
        .otherwise(nw.when(~answer).then(nw.lit("no")).otherwise(nw.lit("unknown")))
    )
    pieces = [
        decision_table(judged.with_columns(_outcome(rule)), [rule], also=("outcome",)).with_columns(
            place=nw.lit(place),
            answer=words if rule.test is not None else nw.lit(None, nw.String),
            unknown_code=nw.col("reason"),
        )
        for place, rule in enumerate(qualifying.asked)
    ]
    return nw.concat(pieces, how="vertical").select(*DERIVED["qualification"].names, "place")


def meets_groups(answers: Frame, groups: Sequence[Sequence[str]]) -> Frame:
    """Whether each firm meets one policy of every group, as products ask for it.

    Args:
        answers: Rows of the table `qualification`.
        groups: Groups of policy ids.

    Returns:
        One row per firm: `firm_id`, `answer` (`yes`, `no`, `unknown`). A group is met if one of
        its policies is, open if none is met and one is open; the worst group decides.
    """
    answer = nw.col("answer")
    rank = (
        nw.when(answer == "yes")
        .then(nw.lit(2))
        .otherwise(nw.when(answer == "no").then(nw.lit(0)).otherwise(nw.lit(1)))
    )
    names = [f"_group_{place}" for place in range(len(groups))]
    best = {
        name: nw.when(nw.col("policy_id").is_in(group)).then(rank).max()
        for name, group in zip(names, groups, strict=True)
    }
    worst = nw.min_horizontal(*(nw.col(name).fill_null(1) for name in names))
    word = (
        nw.when(worst == 2)
        .then(nw.lit("yes"))
        .otherwise(nw.when(worst == 0).then(nw.lit("no")).otherwise(nw.lit("unknown")))
    )
    return answers.group_by("firm_id").agg(**best).select("firm_id", answer=word)


def tell_firm_gaps(
    firm: Mapping[str, Any], qualifying: Qualifying, *, titles: Mapping[str, tuple[str, str]]
) -> list[dict[str, str]]:
    """What one firm lacks for each policy that it does not meet or that is open.

    Args:
        firm: Its facts by name, and `firm_id`.
        qualifying: The policies of the day.
        titles: Policy id -> Chinese and English title.

    Returns:
        Rows of the table `gaps` of the dictionary, policies in order.
    """
    decisions, rows = decide(firm, qualifying.rules), []
    for name in qualifying.ids:
        decision = decisions[name]
        found = () if decision.answer else gaps_of(decision)
        if found:
            zh, en = (
                "\n".join(explain_gaps(found, decision, lang, titles=titles))
                for lang in ("zh", "en")
            )
            rows.append(
                {"firm_id": firm["firm_id"], "policy_id": name, "gaps_zh": zh, "gaps_en": en}
            )
    return rows


def _outcome(rule: Rule) -> nw.Expr:
    """The outcome that is kept beside the answer, as text."""
    name = SHOWN_OUTCOMES.get(rule.policy_id)
    column = nw.lit(None, nw.String) if name is None else nw.col(f"{rule.prefix}__{name}")
    return column.cast(nw.String).alias("outcome")
