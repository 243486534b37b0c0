"""Why a firm has this product rather than that, as codes and figures. Needs `simulate`."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from techflow.basics import Floats
from techflow.matching.auction import Integers
from techflow.matching.market import Market

PRICED = (
    *("no_pair", "no_gain", "first_out", "shut_out", "unsplit"),
    *("only", "rounded", "first_in_line", "even", "dear", "ahead"),
)
RANKED = ("no_pair", "ranked_out", "first", "wish_full")
"""Reason codes of matchings with prices, and of stable ones."""
NO_ARC = -1
LAST = -1e300


@dataclass(frozen=True, slots=True)
class Reasons:
    """One reason per firm.

    Attributes:
        code: One of `PRICED` or `RANKED`.
        arc: Arc the firm holds, -1 if none.
        rival_arc: The arc it is compared with, -1 if there is no other.
        lead_fen: How far its own is ahead of the rival: after prices with prices, in what the firm
            gains without. Without a product, its own is 0.
    """

    code: NDArray[np.str_]
    arc: Integers
    rival_arc: Integers
    lead_fen: Floats


@njit(cache=True)
def best_other(start: Integers, score: Floats, held: Integers) -> Integers:
    """Arc of the greatest score of each firm beside the one it holds; -1 if there is none."""
    found = np.full(held.size, -1, dtype=np.int64)
    for i in range(held.size):
        for a in range(start[i], start[i + 1]):
            if a != held[i] and (found[i] < 0 or score[a] > score[found[i]]):
                found[i] = a
    return found


def held_arcs(market: Market, choice: Integers) -> Integers:
    """Arc by which each firm holds its product; -1 if none."""
    held = np.full(market.firms_n, NO_ARC, dtype=np.int64)
    own = np.flatnonzero(choice[market.firm] == market.product)
    held[market.firm[own]] = own
    return held


def explain_prices(market: Market, choice: Integers, price_fen: Floats) -> Reasons:
    """Compare each firm's product with its second best, both after the price of what they take.

    Args:
        market: The market that was matched.
        choice: Product of each firm, -1 if none.
        price_fen: What each arc's place or yuan would add to the total, shape (arcs,).

    Returns:
        `only`: no other product may take the firm. `ahead`: its own also has the greater gain
        before prices. `dear`: the rival has, but is full, and what the firm would take there is
        worth more to others. `first_in_line`: likewise, but worth as much to others as the firm
        would gain by it: one more place there could go to it. `even`: both net the same.
        `rounded`: the rival would be ahead, but has no room for the firm whole. Without a product:
        `no_pair`, `no_gain` (no pair gains), `first_out` (first in line where it would net most),
        `shut_out` (what nets most is full and dear), `unsplit` (no room for the firm whole).

    Source:
        Complementary slackness of the assignment programme: Shapley and Shubik (1971).
    """
    value = (market.firm_gain_fen + market.provider_gain_fen).astype(np.float64)
    held = held_arcs(market, choice)
    # A pair that gains nothing is no rival while there is another.
    rival = best_other(market.start, np.where(value > 0.0, value - price_fen, LAST), held)
    own_value, rival_value = _at(value, held), _at(value, rival)
    # Less than a fen is nothing: prices per yuan are that close, prices per place are whole.
    lead = np.rint(own_value - _at(price_fen, held) - (rival_value - _at(price_fen, rival)))
    has, none_other = held >= 0, rival < 0
    most = _at(value, best_other(market.start, value, np.full(held.size, -1)))
    code = np.select(
        [
            ~has & none_other,
            ~has & (most <= 0.0),
            ~has & (lead == 0.0),
            ~has & (lead > 0.0),
            ~has,
            none_other,
            lead < 0.0,
            (lead == 0.0) & (rival_value > own_value),
            lead == 0.0,
            rival_value > own_value,
        ],
        PRICED[:-1],
        PRICED[-1],
    )
    return Reasons(code, held, rival, np.where(none_other, np.nan, lead))


def explain_ranks(market: Market, choice: Integers) -> Reasons:
    """Compare each firm's product with the best that it would rather have.

    Args:
        market: The market that was matched.
        choice: Product of each firm in a stable matching, -1 if none.

    Returns:
        `first`: nothing it would rather have. `wish_full`: the rival is full of firms with a prior
        claim. Without a product: `no_pair`, or `ranked_out` (so is every product; the rival is the
        best).

    Source:
        Stability: Gale and Shapley (1962).
    """
    gain = market.firm_gain_fen.astype(np.float64)
    held = held_arcs(market, choice)
    rival = best_other(market.start, gain, held)
    lead = _at(gain, held) - _at(gain, rival)
    has, none_other = held >= 0, rival < 0
    code = np.select(
        [~has & none_other, ~has, none_other | (lead >= 0.0)],
        ["no_pair", "ranked_out", "first"],
        "wish_full",
    )
    return Reasons(code, held, rival, np.where(none_other, np.nan, lead))


def last_held(market: Market, choice: Integers) -> Integers:
    """What the firm of least gain to the provider brings, of those each product holds.

    Returns:
        Fen, shape (products,); the greatest whole number where nobody is held.
    """
    least = np.full(market.places_n.size, np.iinfo(np.int64).max)
    held = held_arcs(market, choice)
    own = held[held >= 0]
    np.minimum.at(least, market.product[own], market.provider_gain_fen[own])
    return least


def _at(values: Floats, arc: Integers) -> Floats:
    """Value at each arc; 0 where there is none."""
    return np.where(arc >= 0, np.append(values, 0.0)[arc], 0.0)
