"""Scoring: from a profile to log-odds, PD and points, or to the reason why not."""

from collections.abc import Sequence
from functools import reduce
from operator import add

import narwhals.stable.v2 as nw

from techflow.basics import Frame, require_columns
from techflow.credit.card import DAYS_A_YEAR, Card, Input, Terms, name_columns
from techflow.credit.words import Words

POINTS_AT_ODDS, GOOD_ODDS, POINTS_TO_DOUBLE = 600.0, 50.0, 20.0
"""600 points at 50 good firms to one bad; 20 points more double the odds. Higher is safer."""
LN2, LN_GOOD_ODDS = 0.6931471805599453, 3.912023005428146

TOO_LITTLE_CODE = "too_little_known"
TOO_LITTLE = Words("已知指标过少，不予评分", "too few of the card's features are known")


def require_words(label: Words) -> Words:
    """Why a firm without a required feature is refused."""
    return Words(f"缺少{label.zh}", f"{label.en} is unknown")


def _refusals(card: Terms, inputs: Sequence[Input]) -> list[tuple[str, nw.Expr, Words]]:
    """(code, true where it applies, words) in the order in which they are looked at."""
    labels = {f.name: f.label for f in inputs}
    borders = [(c.code, ~c.holds, c.reason) for c in card.conditions]
    values = {f.name: f.value for f in inputs}
    required = [(f"no_{n}", values[n].is_null(), require_words(labels[n])) for n in card.required]
    missing_n = reduce(add, (v.is_null().cast(nw.Int64) for v in values.values()))
    too_little = missing_n > card.missing_share_max * len(values)
    return [*borders, *required, (TOO_LITTLE_CODE, too_little, TOO_LITTLE)]


def _first(answers: list[tuple[nw.Expr, str]]) -> nw.Expr:
    """The text of the first test that is true, or null."""
    return nw.coalesce(*(nw.when(test).then(nw.lit(text)) for test, text in answers))


def score_firms(firms: Frame, card: Card) -> Frame:
    """Score every firm the card may speak about, and say why it is silent on the others.

    Args:
        firms: One row per firm with the features and the population columns of the card.
        card: The fitted card.

    Returns:
        The same rows plus `reason_code`, `reason`, `reason_zh` (null where scored),
        `part_<feature>` (log-odds added against a typical firm; positive raises risk; null
        where not scored), `log_odds` (over the card's horizon), `pd` (one-year default
        probability, fraction; if the card has no horizon, the probability of its class) and
        `score` (points, higher is safer). `intercept + sum of parts = log_odds`.

    Raises:
        MissingColumn: The frame lacks a column of the card.

    Source:
        Logistic scorecard with points: Siddiqi, Credit Risk Scorecards (2006), ch. 6. One-year
        PD from a longer horizon at constant hazard: 1 - (1 - PD_h)^(365/h).
    """
    judged = refuse_strangers(firms, card, card.features)
    scored = nw.col("reason_code").is_null()
    parts = {f"part_{f.name}": nw.when(scored).then(f.effect) for f in card.features}
    log_odds = reduce(add, (nw.col(name) for name in parts), nw.lit(card.intercept))
    return rate_odds(judged.with_columns(**parts).with_columns(log_odds=log_odds), card)


def refuse_strangers(firms: Frame, card: Terms, inputs: Sequence[Input]) -> Frame:
    """Say of each firm outside the card's domain why the card is silent.

    Args:
        firms: One row per firm with the columns of the card.
        card: The card's terms.
        inputs: What the card looks at.

    Returns:
        The same rows plus `reason_code`, `reason`, `reason_zh`; null inside the domain.

    Raises:
        MissingColumn: The frame lacks a column of the card.
    """
    names = name_columns(inputs, card.conditions)
    require_columns(firms, names, needed_by=f"card {card.id}")
    refusals = _refusals(card, inputs)
    return firms.with_columns(
        reason_code=_first([(test, code) for code, test, _ in refusals]),
        reason=_first([(test, words.en) for _, test, words in refusals]),
        reason_zh=_first([(test, words.zh) for _, test, words in refusals]),
    )


def rate_odds(judged: Frame, card: Terms) -> Frame:
    """Add `pd` (one year) and `score` (points) to rows with `log_odds` over the horizon."""
    years = card.horizon_days / DAYS_A_YEAR if card.horizon_days else 1.0
    safe = (nw.col("log_odds").exp() + 1.0) ** (-1.0 / years)
    points = POINTS_AT_ODDS - (nw.col("log_odds") + LN_GOOD_ODDS) * (POINTS_TO_DOUBLE / LN2)
    return judged.with_columns(pd=1.0 - safe, score=points)
