"""What would lift a firm into a card's domain."""

from collections.abc import Callable
from functools import reduce
from operator import and_

import narwhals.stable.v2 as nw

from techflow.basics import Frame, require_columns
from techflow.credit.card import Card, Condition, Feature


def name_missing(firms: Frame, card: Card) -> Frame:
    """Say which evidence would let a card speak about a firm it is silent on.

    A firm of another country or currency cannot be lifted into the domain; one whose facts are
    unknown, or whose history is too short, can.

    Args:
        firms: Result of `score_firms` with the same card.
        card: The card.

    Returns:
        The same rows plus `missing_columns` (profile columns that are unknown, joined by `;`),
        `missing_evidence_zh` and `missing_evidence_en` (the evidence to ask for and what it
        would tell); null where the firm is scored or no evidence would help.

    Raises:
        MissingColumn: The frame was not scored with this card.
    """
    require_columns(firms, (*card.columns, "reason_code"), needed_by=f"card {card.id}")
    liftable = reduce(and_, (_could_hold(c) for c in card.conditions), nw.lit(value=True))
    silent = ~nw.col("reason_code").is_null() & liftable

    def joined(separator: str, word: Callable[[Feature], str]) -> nw.Expr:
        named = [nw.when(f.value.is_null()).then(nw.lit(word(f))) for f in card.features]
        return nw.concat_str(*named, separator=separator, ignore_nulls=True)

    names = joined(";", lambda f: f.name)
    zh, en = joined("、", lambda f: f.label.zh), joined("; ", lambda f: f.label.en)
    return firms.with_columns(
        missing_columns=nw.when(silent & (names != "")).then(names),
        missing_evidence_zh=nw.when(silent).then(_asked(card.evidence.zh, "：", zh)),
        missing_evidence_en=nw.when(silent).then(_asked(card.evidence.en, ": ", en)),
    )


def _could_hold(condition: Condition) -> nw.Expr:
    """False only where a known text is outside: no evidence changes a firm's country."""
    if condition.low is not None:
        return nw.lit(value=True)
    return condition.holds | nw.col(condition.column).is_null()


def _asked(evidence: str, colon: str, labels: nw.Expr) -> nw.Expr:
    what = nw.when(labels != "").then(nw.concat_str(nw.lit(colon), labels))
    return nw.concat_str(nw.lit(evidence), what.otherwise(nw.lit("")))
