"""Matching when products have yuan instead of places. Needs the extra `simulate`."""

from dataclasses import dataclass
from math import floor

import numpy as np

from techflow.basics import Floats, InvalidInput
from techflow.matching.auction import OUT, Arcs, Integers
from techflow.matching.market import FEN_PER_CNY, GAIN_CNY_MAX, Market
from techflow.matching.yuan_prices import Funds, run_yuan_auction, yuan_bound
from techflow.matching.yuan_rounding import fill_up

FLOAT_SLACK_SHARE = 1e-12
"""The bound is summed in floating point and raised by more than that can err."""


@dataclass(frozen=True, slots=True)
class YuanMatching:
    """A matching within capacities in yuan, and how far it may be from the best.

    Attributes:
        choice: Product of each firm, -1 if none, shape (firms,).
        price_ratio: What one more yuan of each product would add, as far as firms could be split;
            shape (products,).
        total_fen: Gains of both sides over all firms.
        bound_fen: No matching has more, not even one that splits firms among products.
        arcs: Arcs with the gains of both sides together; 0 where the amount exceeds the capacity.
        funds: Amounts and capacities in fen.
    """

    choice: Integers
    price_ratio: Floats
    total_fen: int
    bound_fen: int
    arcs: Arcs
    funds: Funds

    @property
    def gap_share(self) -> float:
        """What the total may lack to the best: the loss by rounding, or less."""
        return (self.bound_fen - self.total_fen) / self.bound_fen if self.bound_fen else 0.0


def match_yuan(market: Market, amount_cny: Floats, capacity_cny: Floats) -> YuanMatching:
    """Firms to products so that both sides gain most, within what each product can lend.

    This is generalised assignment, which nobody solves exactly at size. Prices per yuan come from
    an auction and give a bound; firms are whole, so the auction's matching is filled up by moves
    and swaps, and the gap between the two is part of the result.

    Args:
        market: Only allowed arcs; its places are not looked at.
        amount_cny: What each arc of the market takes, above 0, shape (arcs,).
        capacity_cny: What each product can lend, above 0, shape (products,).

    Raises:
        InvalidInput: An amount or a capacity is not above 0, or too great.

    Source:
        Generalised assignment: Ross and Soland (1975), Mathematical Programming 8; bound by
        prices: Lagrangian relaxation of the capacities, Fisher (1981), Management Science 27.

    Examples:
        >>> from techflow.matching.market import build_market
        >>> firm, product = np.array([0, 1]), np.array([0, 0])
        >>> gains = np.array([6.0, 5.0]), np.zeros(2)
        >>> market = build_market(firm, product, gains, firms_n=2, places_n=np.array([2]))
        >>> found = match_yuan(market, np.array([60.0, 50.0]), np.array([100.0]))
        >>> found.choice, found.total_fen, found.bound_fen
        (array([ 0, -1]), 600, 1000)
    """
    funds = Funds(
        _in_fen("amount_cny", amount_cny, market.product.size),
        _in_fen("capacity_cny", capacity_cny, market.places_n.size),
    )
    value = market.firm_gain_fen + market.provider_gain_fen
    fits = funds.amount <= funds.capacity[market.product]
    arcs = Arcs(market.start, market.product, np.where(fits, value, 0))
    held, price = run_yuan_auction(arcs, funds)
    held = fill_up(arcs, funds, held, price)
    taken = held[held >= 0]
    choice = np.full(held.size, OUT, dtype=np.int64)
    choice[held >= 0] = arcs.product[taken]
    total = int(arcs.value[taken].sum())
    bound = floor(yuan_bound(arcs, funds, price) * (1.0 + FLOAT_SLACK_SHARE))
    return YuanMatching(choice, price, total, max(bound, total), arcs, funds)


def _in_fen(name: str, cny: Floats, expected_n: int) -> Integers:
    if cny.size != expected_n:
        raise InvalidInput(f"need {expected_n} of {name}; got {cny.size}")
    fen = np.rint(np.nan_to_num(cny, nan=-1.0) * FEN_PER_CNY)
    bad = ~((fen >= 1) & (cny <= 100 * GAIN_CNY_MAX))
    if bad.any():
        raise InvalidInput(
            f"{name} must lie in [0.01, {100 * GAIN_CNY_MAX:,.0f}] yuan; got {cny[bad][0]}"
        )
    return fen.astype(np.int64)
