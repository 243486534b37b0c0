"""Firms inside each card's domain, as rows."""

import polars as pl

from techflow_service.cards import load_cards

CARDS = {card.id: card for card in load_cards()}
INSIDE = {
    "cn-sme-default": {"country": "CN", "trade_currency": "CNY", "history_months": 30.0},
    "korea-distress": {"country": "KR", "statement_basis": "separate", "statement_currency": "KRW"},
}


def firm(card, **numbers):
    """One firm inside the card's domain, every feature at its typical number."""
    typical = {feature.name: feature.typical for feature in card.features}
    return {"firm_id": "f", **INSIDE[card.id], **typical, **numbers}


def table(card, firms):
    """Firms as a typed frame with a row number; what a row leaves out is null."""
    texts = {"firm_id", *(c.column for c in card.conditions if c.allowed)}
    kinds = {
        name: pl.String if name in texts else pl.Float64 for name in ("firm_id", *card.columns)
    }
    rows = [dict.fromkeys(kinds) | each | {"row_n": n} for n, each in enumerate(firms)]
    return pl.DataFrame(rows, schema=kinds | {"row_n": pl.Int64})
