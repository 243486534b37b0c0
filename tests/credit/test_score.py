"""Scoring a card: against a plain-Python twin, on every engine, within the declared signs."""

import math

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from techflow.credit import explain_firms, grade_firms, score_firms
from techflow_service.cards import load_cards, load_scale

CARDS = {card.id: card for card in load_cards()}
FITTING = {
    "cn-sme-default": {"country": "CN", "trade_currency": "CNY", "history_months": 30},
    "korea-distress": {"country": "KR", "statement_basis": "separate", "statement_currency": "KRW"},
}
REQUIRED = {"cn-sme-default": ("sales_12m_lcy", 4e6), "korea-distress": ("assets_lcy", 9e10)}


def firm(card, **numbers):
    """One firm inside the card's domain with every feature at its typical number."""
    typical = {feature.name: feature.typical for feature in card.features}
    return {"firm_id": "f", **FITTING[card.id], **typical, **numbers}


def score(card, firms, make, rows):
    schema = {f.name: pl.Float64 for f in card.features} | {
        c.column: pl.String for c in card.conditions if c.allowed
    }
    frame = pl.DataFrame(firms, schema_overrides=schema, infer_schema_length=None)
    return rows(explain_firms(score_firms(make(frame), card), card))


def twin_line(number, points):
    """Linear interpolation written out, flat beyond the ends."""
    if number <= points[0][0]:
        return points[0][1]
    for (x0, y0), (x1, y1) in zip(points, points[1:], strict=False):
        if number <= x1:
            return y0 + (number - x0) / (x1 - x0) * (y1 - y0)
    return points[-1][1]


@pytest.mark.parametrize("card", CARDS.values(), ids=CARDS)
def test_typical_firm_scores_the_intercept(card, make, rows):
    (row,) = score(card, [firm(card)], make, rows)
    assert row["log_odds"] == pytest.approx(card.intercept, abs=1e-6)
    assert row["reason"] is None and row["reason_zh"] is None
