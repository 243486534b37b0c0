"""A whole card as plain values for JSON: everything needed to score a row elsewhere."""

from dataclasses import asdict
from typing import Any

from techflow.basics.trees import Forest
from techflow.credit.card import DAYS_A_YEAR, Card, Input, Terms
from techflow.credit.growth import GrowthCard
from techflow.credit.loss import LossCard
from techflow.credit.score import TOO_LITTLE, TOO_LITTLE_CODE, require_words
from techflow.credit.trees import TreeCard, TreeInput

FORMAT = "techflow-card-1"
Exported = Card | TreeCard | LossCard | GrowthCard
TEXTS = ("label", "population", "target", "use", "limits")


def card_data(card: Exported) -> dict[str, Any]:
    """A card as plain values.

    Args:
        card: The card.

    Returns:
        `kind` (`lines`, `trees`, `loss` or `growth`), who it speaks about in both languages,
        `refusals` in the order in which they are looked at, `inputs`, and the numbers:
        `intercept` and the `points` of each input; or `trees`; or `total`, `partial` and the
        ends of the interval; or `median`, `low`, `high` and how far the ends move.
        A tree is a leaf (a number) or `[input, threshold, unknown goes left, left, right]`,
        where a number up to the threshold goes left.
    """
    return {
        "format": FORMAT,
        "id": card.id,
        "hash": card.hash,
        "basis": card.basis,
        **{name: asdict(getattr(card, name)) for name in TEXTS},
        "horizon_years": card.horizon_days / DAYS_A_YEAR if card.horizon_days else 1.0,
        "refusals": _refusals(card, card.features),
        "inputs": [_input(f) for f in card.features],
        **_numbers(card),
    }


def _refusals(card: Terms, inputs: tuple[Input, ...]) -> list[dict[str, Any]]:
    """Conditions, required inputs, and last the greatest number of inputs that may be unknown."""
    labels = {f.name: f.label for f in inputs}
    borders = [
        {"code": c.code, "column": c.column} | _bound(c.allowed, c.low) | asdict(c.reason)
        for c in card.conditions
    ]
    required = [
        {"code": f"no_{name}", "required": name} | asdict(require_words(labels[name]))
        for name in card.required
    ]
    most = card.missing_share_max * len(inputs)
    last = {"code": TOO_LITTLE_CODE, "unknown_n_max": most} | asdict(TOO_LITTLE)
    return [*borders, *required, last]


def _bound(allowed: tuple[str, ...], low: float | None) -> dict[str, Any]:
    return {"allowed": list(allowed)} if low is None else {"above": low}


def _input(f: Input) -> dict[str, Any]:
    found = {"name": f.name, "label": asdict(f.label), "sign": f.sign, "typical": f.typical}
    if isinstance(f, TreeInput) and f.codes:
        return found | {"codes": dict(f.codes), "other": f.other}
    return found


def _numbers(card: Exported) -> dict[str, Any]:
    """What the inputs add."""
    if isinstance(card, Card):
        lines = [
            {"points": [list(p) for p in f.points], "missing": f.missing} for f in card.features
        ]
        return {"kind": "lines", "intercept": card.intercept, "lines": lines}
    if isinstance(card, TreeCard):
        return {"kind": "trees", "trees": nested_trees(card.forest)}
    ends = {"below": card.below, "above": card.above}
    if isinstance(card, GrowthCard):
        forests = {"median": card.median, "low": card.low, "high": card.high}
        nested = {name: nested_trees(forest) for name, forest in forests.items()}
        return {"kind": "growth", **nested, **ends, "interval_share": card.interval_share}
    return {
        "kind": "loss",
        "total": nested_trees(card.total),
        "partial": nested_trees(card.partial),
        **ends,
    }


def nested_trees(forest: Forest) -> list[Any]:
    """Each tree as nested lists; see `card_data`."""
    return [_nested(forest, int(root)) for root in forest.roots]


def _nested(forest: Forest, node: int) -> Any:
    if forest.feature[node] < 0:
        return float(forest.value[node])
    return [
        int(forest.feature[node]),
        float(forest.threshold[node]),
        bool(forest.unknown_left[node]),
        _nested(forest, int(forest.left[node])),
        _nested(forest, int(forest.right[node])),
    ]
