"""From profiles to the assessment: the card that applies, its grade, the limit, the price."""

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw

from techflow.basics import Frame
from techflow.credit import (
    Card,
    Expert,
    MasterScale,
    expert_scores,
    explain_firms,
    grade_firms,
    score_firms,
)
from techflow.flow.gaps import name_gaps
from techflow.flow.lending import lending_facts
from techflow.pricing import break_even, size_limits
from techflow.schema import DERIVED

REASONS_N = 3
ELSEWHERE = "country"
"""Code of the refusal that only says that a card is for another country."""
LENT = ("sales_lcy", "sales_profit_ratio", "expected_growth_ratio", "own_funds_lcy")
"""Inputs of limit and price that are returned beside the assessment."""

_REASONS = {
    f"reason_{k}_{name}": nw.Float64 if name == "part" else nw.String
    for k in range(1, REASONS_N + 1)
    for name in ("feature", "part", "zh", "en")
}
_OPINION_TYPES = {
    "verdict": nw.String,
    "grade": nw.String,
    "pd": nw.Float64,
    "pd_basis": nw.String,
    "card_id": nw.String,
    "card_hash": nw.String,
    "score": nw.Float64,
    **_REASONS,
}
OPINION = tuple(_OPINION_TYPES)
"""What a card, the expert scorecard or their silence says about a firm."""
PART = "part_"
"""Before the name of a feature: its contribution."""


def part_names(cards: Sequence[Card]) -> tuple[str, ...]:
    """The columns of contributions that `judge_firms` adds for these cards."""
    return tuple(dict.fromkeys(f"{PART}{item.name}" for card in cards for item in card.features))


def assess_firms(
    profiles: Frame,
    *,
    cards: Sequence[Card],
    scale: MasterScale,
    expert: Expert | None,
    terms: Mapping[str, Any],
    expert_pd: float | None = None,
) -> Frame:
    """Judge each firm: who may grade it, what it says, what may be lent at which rate.

    Args:
        profiles: Result of `profile_firms`.
        cards: Fitted cards in the order in which they are asked.
        scale: Master scale that turns a PD into a grade.
        expert: The expert scorecard, or None if there is none.
        terms: Values of the loan product in force, by name.
        expert_pd: As in `lend_firms`.

    Returns:
        Result of `lend_firms` on the result of `judge_firms`.
    """
    judged = judge_firms(profiles, cards=cards, scale=scale, expert=expert)
    return lend_firms(judged, terms=terms, expert_pd=expert_pd)


def judge_firms(
    profiles: Frame, *, cards: Sequence[Card], scale: MasterScale, expert: Expert | None
) -> Frame:
    """Grade each firm by whoever may grade it.

    The first card whose domain holds the firm grades it. Firms outside every card get the
    expert technology-flow grade if the expert scorecard has enough to go by, otherwise the
    verdict `insufficient` and why the first card for their country was silent.

    Args:
        profiles: Result of `profile_firms`.
        cards: Fitted cards in the order in which they are asked.
        scale: Master scale that turns a PD into a grade.
        expert: The expert scorecard, or None if there is none.

    Returns:
        The same rows plus `verdict`, `grade`, `pd` (null for an expert grade), `pd_basis`,
        `card_id`, `card_hash`, `score`, the reasons, and `part_<feature>` of every card (null
        where another card or none spoke).
    """
    nothing = nw.lit(None, nw.String)
    pieces, rest = [], profiles.with_columns(refused_zh=nothing, refused_en=nothing)
    for card in cards:
        scored = score_firms(rest, card)
        pieces.append(_graded(scored, card, scale))
        rest = _refused(scored, rest, card)
    pieces += _unmodelled(rest, expert)
    names, parts = profiles.collect_schema().names(), part_names(cards)
    return nw.concat([_complete(piece, names, parts) for piece in pieces], how="vertical")


def lend_firms(judged: Frame, *, terms: Mapping[str, Any], expert_pd: float | None) -> Frame:
    """Limit and price of each judged firm, and what to ask it for.

    Args:
        judged: Result of `judge_firms`.
        terms: Values of the loan product in force, by name.
        expert_pd: One-year PD of firms with an expert grade, fraction, from what became of such
            firms in the user's own store; None if too few were watched. Then there is no limit
            or price for them.

    Returns:
        One row per firm: the columns of the table `assessment` of the dictionary and `LENT`.
    """
    by_expert = nw.col("verdict") == "expert"
    filled = judged.with_columns(
        pd=nw.coalesce(nw.col("pd"), nw.when(by_expert).then(nw.lit(expert_pd, nw.Float64))),
        pd_basis=nw.coalesce(
            nw.col("pd_basis"),
            nw.when(by_expert).then(
                nw.lit(None if expert_pd is None else "low_default", nw.String)
            ),
        ),
    )
    priced = break_even(size_limits(lending_facts(filled), terms=terms), terms=terms)
    told = name_gaps(priced).drop("debt_outstanding_lcy")
    final = told.with_columns(debt_outstanding_lcy=nw.col("existing_debt_lcy"))
    return final.select(*DERIVED["assessment"].names, *LENT)


def _graded(scored: Frame, card: Card, scale: MasterScale) -> Frame:
    """The firms a card speaks about, with its opinion."""
    told = explain_firms(scored.filter(~nw.col("pd").is_null()), card, top_n=REASONS_N)
    return grade_firms(told, scale).with_columns(
        verdict=nw.lit("graded"),
        pd_basis=nw.lit(card.basis),
        card_id=nw.lit(card.id),
        card_hash=nw.lit(card.hash),
    )


def _refused(scored: Frame, firms: Frame, card: Card) -> Frame:
    """The firms a card is silent on, as they came, with why; a card for elsewhere says nothing."""
    here = nw.col("reason_code") != ELSEWHERE
    words = {
        "zh": nw.concat_str(nw.lit(f"{card.label.zh}："), nw.col("reason_zh")),
        "en": nw.concat_str(nw.lit(f"{card.label.en}: "), nw.col("reason")),
    }
    silent = scored.filter(nw.col("pd").is_null()).with_columns(
        **{
            f"refused_{tongue}": nw.coalesce(nw.col(f"refused_{tongue}"), nw.when(here).then(text))
            for tongue, text in words.items()
        }
    )
    return silent.select(firms.collect_schema().names())


def _unmodelled(rest: Frame, expert: Expert | None) -> list[Frame]:
    """The firms outside every card: those the expert scorecard can grade, and the others."""
    refusals = {
        "reason_1_zh": nw.col("refused_zh"),
        "reason_1_en": nw.col("refused_en"),
    }
    if expert is None:
        return [rest.with_columns(verdict=nw.lit("insufficient"), **refusals)]
    scored = expert_scores(rest, expert)
    known = ~nw.col("expert_grade").is_null()
    judged = scored.filter(known).with_columns(
        verdict=nw.lit("expert"),
        grade=nw.col("expert_grade"),
        score=nw.col("expert_score"),
        card_id=nw.lit(expert.id),
        card_hash=nw.lit(expert.hash),
        **_expert_words(expert),
    )
    unknown = scored.filter(~known).with_columns(verdict=nw.lit("insufficient"), **refusals)
    return [judged, unknown]


def _expert_words(expert: Expert) -> dict[str, nw.Expr]:
    """The first reason of an expert grade: what the grade means and its points."""
    points = nw.col("expert_score").round(0).cast(nw.Int64).cast(nw.String)
    grade = nw.col("expert_grade")
    meanings = [(grade == level.name, level.meaning) for level in expert.levels]
    zh = nw.coalesce(*(nw.when(test).then(nw.lit(words.zh)) for test, words in meanings))
    en = nw.coalesce(*(nw.when(test).then(nw.lit(words.en)) for test, words in meanings))
    return {
        "reason_1_zh": nw.concat_str(
            zh, nw.lit("：专家评分 "), points, nw.lit("（满分 100，建议权重）")
        ),
        "reason_1_en": nw.concat_str(
            en, nw.lit(": expert score "), points, nw.lit(" of 100 (proposed weights)")
        ),
    }


def _complete(piece: Frame, names: Sequence[str], parts: Sequence[str]) -> Frame:
    """The columns every piece must have to be put under the others; absent ones are null."""
    wanted = {**_OPINION_TYPES, **dict.fromkeys(parts, nw.Float64)}
    present = set(piece.collect_schema().names())
    opinion = [
        nw.col(name) if name in present else nw.lit(None, dtype).alias(name)
        for name, dtype in wanted.items()
    ]
    return piece.select(*names, *opinion)
