"""How the answers of a card respond to each of its inputs, on labelled rows."""

from dataclasses import asdict
from typing import Any

import numpy as np

from techflow.basics import Floats
from techflow.credit import Card, TreeCard, auc
from techflow.credit.sensitivity import (
    SHOCKS,
    Answers,
    partial_response,
    permute,
    respond,
)

ROWS_MAX, EVENTS_MIN, SEED = 3000, 10, 20260131
SHARES = tuple(k / 20 for k in range(1, 20, 2))


def measure_sensitivity(x: Floats, y: Floats, card: Card | TreeCard) -> dict[str, Any]:
    """Response of mean PD and AUC to each input, most important first.

    Args:
        x: Inputs of scored rows, NaN where unknown, shape (n, inputs).
        y: 1 event, 0 none, shape (n,).
        card: The card.

    Returns:
        `rows_n`, `events_n` (of at most `ROWS_MAX` rows drawn with a seed), `pd`, `auc`, and for
        each of `inputs` its importance, the responses to each of `SHOCKS` (null where the card
        would refuse or the shock makes no sense) and its partial response.
    """
    kept = _draw(y)
    x, y = x[kept], y[kept]
    answers = Answers.of(card, x)
    found = [_input(answers, place, y) for place in range(x.shape[1])]
    return {
        "rows_n": int(y.size),
        "events_n": int(y.sum()),
        "pd": _mean_pd(answers.log_odds),
        "auc": auc(y, answers.log_odds).value,
        "inputs": sorted(found, key=lambda row: -row["importance"]["value"]),
    }


def _draw(y: Floats) -> np.typing.NDArray[np.int64]:
    """Rows looked at; all of them if few were drawn with an outcome of one kind."""
    if y.size <= ROWS_MAX:
        return np.arange(y.size)
    drawn = np.sort(np.random.default_rng(SEED).permutation(y.size)[:ROWS_MAX])
    few = min(y[drawn].sum(), (1.0 - y[drawn]).sum()) < EVENTS_MIN
    return np.arange(y.size) if few else drawn


def _mean_pd(log_odds: Floats) -> float:
    return float((1.0 / (1.0 + np.exp(-log_odds))).mean())


def _input(answers: Answers, place: int, y: Floats) -> dict[str, Any]:
    feature, numbers = answers.card.features[place], answers.x[:, place]
    shocked = respond(answers, place)
    told: dict[str, Any] = dict.fromkeys(SHOCKS)
    for name, log_odds in shocked.items():
        refused = name == "unknown" and feature.name in answers.card.required
        told[name] = None if refused else _told(log_odds, y)
    at, responses = partial_response(answers, place, SHARES)
    return {
        "name": feature.name,
        "label": asdict(feature.label),
        "unknown_share": float(np.isnan(numbers).mean()),
        "required": feature.name in answers.card.required,
        "importance": asdict(permute(answers, place, y, seed=SEED)),
        "shocks": told,
        "partial": [
            {"share": share, "number": float(number), "pd": _mean_pd(log_odds)}
            for share, number, log_odds in zip(SHARES, at, responses, strict=False)
        ],
    }


def _told(log_odds: Floats, y: Floats) -> dict[str, float]:
    return {"pd": _mean_pd(log_odds), "auc": auc(y, log_odds).value}
