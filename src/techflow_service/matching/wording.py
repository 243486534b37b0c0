"""The reason of each firm in a match, in both languages."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from techflow.flow.market import FEN_PER_CNY, Matched
from techflow.matching import REFUSALS, Market
from techflow_service.models import read_model

LANGUAGES = {"zh": "；", "en": "; "}


def read_words() -> dict[str, Any]:
    """Words of the reason codes, by topic."""
    return read_model("market_reasons.toml")


def tell_firms(
    market: Market, matched: Matched, product_ids: list[str], refused: pl.DataFrame, topic: str
) -> tuple[list[str], list[str]]:
    """The reason of each firm: Chinese, English.

    Args:
        market: The market that was matched.
        matched: The result.
        product_ids: Id of each product.
        refused: Pairs not allowed by firm and code: `firm_n`, `refusal_code`, `n`.
        topic: `best`, `yuan`, `stable` or `fair`.
    """
    words = read_words()
    counts = _count(refused)
    parts = _figures(market, matched, product_ids)
    told: dict[str, list[str]] = {language: [] for language in LANGUAGES}
    for i, code in enumerate(matched.reasons.code.tolist()):
        figures = {} if code == "no_pair" else {name: cells[i] for name, cells in parts.items()}
        for language, lines in told.items():
            if code == "no_pair":
                lines.append(_no_pair(counts.get(i, {}), words, language))
            else:
                lines.append(words[topic][code][language].format(**figures))
    return told["zh"], told["en"]


def _no_pair(counts: Mapping[str, int], words: Mapping[str, Any], language: str) -> str:
    if not counts:
        return str(words["no_pair"]["no_arc"][language])
    parts = [words["refusal"][code][language].format(n=counts[code]) for code in counts]
    return str(words["no_pair"]["refused"][language].format(counts=LANGUAGES[language].join(parts)))


def _count(refused: pl.DataFrame) -> dict[int, dict[str, int]]:
    counts: dict[int, dict[str, int]] = {}
    order = {code: place for place, code in enumerate(REFUSALS)}
    for firm, code, n in sorted(refused.rows(), key=lambda row: order[row[1]]):
        counts.setdefault(firm, {})[code] = n
    return counts


def _figures(market: Market, matched: Matched, product_ids: list[str]) -> dict[str, list[str]]:
    """What the sentences name, one cell per firm."""
    reasons = matched.reasons
    arc, rival = reasons.arc, reasons.rival_arc
    value = market.firm_gain_fen + market.provider_gain_fen
    price = matched.price_fen if matched.price_fen is not None else np.zeros(value.size)
    product = np.append(market.product, len(product_ids))
    names = [*product_ids, ""]
    at_own, at_rival = product[arc], product[rival]
    money = {
        "own_value": _at(value, arc),
        "rival_value": _at(value, rival),
        "own_price": _at(price, arc),
        "rival_price": _at(price, rival),
        "own_gain": _at(market.firm_gain_fen, arc),
        "bring": _at(market.provider_gain_fen, rival),
        "last": np.append(matched.last_fen, 0)[at_rival],
        "lead": reasons.lead_fen,
        "behind": -reasons.lead_fen,
        "more": _at(value, rival) - _at(value, arc),
    }
    places = np.append(market.places_n, 0)[at_rival]
    told = {name: [_yuan(fen) for fen in fens.tolist()] for name, fens in money.items()}
    told["own"] = [names[j] for j in at_own.tolist()]
    told["rival"] = [names[j] for j in at_rival.tolist()]
    told["places"] = [f"{n:,}" for n in places.tolist()]
    return told


def _at(values: Any, arc: Any) -> Any:
    return np.where(arc >= 0, np.append(values, 0)[arc], 0)


def _yuan(fen: float) -> str:
    return f"{fen / FEN_PER_CNY:,.2f}"
