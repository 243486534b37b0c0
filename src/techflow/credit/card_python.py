"""A whole card as a Python module that needs nothing but Python."""

from pprint import pformat

from techflow.credit.card_data import Exported, card_data
from techflow.credit.score import (
    LN2,
    LN_GOOD_ODDS,
    POINTS_AT_ODDS,
    POINTS_TO_DOUBLE,
)

SCORING = '''

def score(row):
    """Score one row.

    Args:
        row: Mapping from column to number, text or None; absent is unknown.

    Returns:
        `pd`, `log_odds`, `score` (loss rates: `lgd`, `lgd_low`, `lgd_high`; growth:
        `growth_median`, `growth_low`, `growth_high`); all None where `reason_code`, `reason` and
        `reason_zh` say why the card is silent.
    """
    x = [read(row, given) for given in CARD["inputs"]]
    why = refuse(row, dict(zip([given["name"] for given in CARD["inputs"]], x)))
    told = {name: why and why[key] for name, key in REASONS.items()}
    found = dict.fromkeys(NAMES.get(CARD["kind"], RATES)) if why else measure(x)
    return {**told, **found}


def known(value):
    """A finite number, or None."""
    if value is None or not isfinite(float(value)):
        return None
    return float(value)


def read(row, given):
    """The number of one input."""
    value = row.get(given["name"])
    if "codes" not in given:
        return known(value)
    return None if value is None else given["codes"].get(value, given["other"])


def refuse(row, numbers):
    """The first reason not to score, or None."""
    for test in CARD["refusals"]:
        if "allowed" in test:
            out = row.get(test["column"]) not in test["allowed"]
        elif "above" in test:
            number = known(row.get(test["column"]))
            out = number is None or not number > test["above"]
        elif "required" in test:
            out = numbers[test["required"]] is None
        else:
            out = sum(number is None for number in numbers.values()) > test["unknown_n_max"]
        if out:
            return test
    return None


def measure(x):
    """What the card says of inputs inside its domain."""
    if CARD["kind"] == "loss":
        chance = 1.0 / (1.0 + exp(-add_trees(CARD["total"], x)))
        rate = chance + (1.0 - chance) * clip(add_trees(CARD["partial"], x))
        ends = [rate, clip(rate + CARD["below"]), clip(rate + CARD["above"])]
        return dict(zip(NAMES["loss"], ends))
    if CARD["kind"] == "growth":
        median, low, high = (add_trees(CARD[name], x) for name in ("median", "low", "high"))
        ends = [median, min(low - CARD["below"], median), max(high + CARD["above"], median)]
        return dict(zip(NAMES["growth"], ends))
    odds = add_lines(x) if CARD["kind"] == "lines" else add_trees(CARD["trees"], x)
    pd = 1.0 - (exp(odds) + 1.0) ** (-1.0 / CARD["horizon_years"])
    return dict(zip(RATES, [pd, odds, POINTS - (odds + LN_ODDS) * FACTOR]))


def clip(share):
    return min(max(share, 0.0), 1.0)


def add_lines(x):
    """Intercept and what the line of each input adds."""
    total = CARD["intercept"]
    for number, own in zip(x, CARD["lines"]):
        total += own["missing"] if number is None else at(number, own["points"])
    return total


def at(number, points):
    """Height of a line at a number, flat beyond its ends."""
    total = points[0][1]
    for (x0, y0), (x1, y1) in zip(points, points[1:]):
        total += min(max(number - x0, 0.0), x1 - x0) * ((y1 - y0) / (x1 - x0))
    return total


def add_trees(trees, x):
    """Sum over trees: [input, threshold, unknown goes left, left, right] or a leaf."""
    total = 0.0
    for node in trees:
        while isinstance(node, list):
            place, threshold, unknown_left, left, right = node
            number = x[place]
            goes_left = unknown_left if number is None else number <= threshold
            node = left if goes_left else right
        total += node
    return total
'''


def card_python(card: Exported) -> str:
    """Source of a Python module with `score(row)`.

    Args:
        card: The card.

    Returns:
        The source; `score` takes a mapping from column to value and gives a mapping with `pd`,
        `log_odds`, `score` (loss rates: `lgd`, `lgd_low`, `lgd_high`; growth:
        `growth_median`, `growth_low`, `growth_high`) or the reason.
    """
    content = pformat(card_data(card), width=100, compact=True, sort_dicts=False)
    return (
        f'"""Card {card.id} ({card.hash}). Made by techflow credit export; do not edit."""\n\n'
        "from math import exp, isfinite\n\n"
        f"POINTS, LN_ODDS = {POINTS_AT_ODDS!r}, {LN_GOOD_ODDS!r}\n"
        f"FACTOR = {POINTS_TO_DOUBLE / LN2!r}\n"
        'RATES = ("pd", "log_odds", "score")\n'
        'NAMES = {\n    "loss": ("lgd", "lgd_low", "lgd_high"),\n'
        '    "growth": ("growth_median", "growth_low", "growth_high"),\n}\n'
        'REASONS = {"reason_code": "code", "reason": "en", "reason_zh": "zh"}\n'
        f"CARD = {content}\n{SCORING}"
    )
