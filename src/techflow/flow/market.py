"""A market matched by one of three rules, with a reason for each firm. Needs the extra `simulate`.

Not imported with the other flows: a core installation lacks the extra.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from techflow.basics import Floats, Frame, InvalidInput
from techflow.matching import Market, gain_by_rates, judge_pairs
from techflow.matching.best import BestMatching, add_firm, match_best
from techflow.matching.exchange import total_value
from techflow.matching.reasons import Reasons, explain_prices, explain_ranks, last_held
from techflow.matching.stable import keep_places, match_fair, match_stable
from techflow.matching.yuan import match_yuan

Integers = np.typing.NDArray[np.int64]
FEN_PER_CNY = 100.0
METHODS = ("best", "stable", "fair")


@dataclass(frozen=True, slots=True)
class Matched:
    """A matched market.

    Attributes:
        choice: Product of each firm, -1 if none, shape (firms,).
        reasons: Why, shape (firms,).
        price: What one more place (yuan) of each product would add, in yuan, shape (products,);
            None unless the total is the aim.
        price_fen: Price of what each arc takes, shape (arcs,); None likewise.
        last_fen: What the last firm each product holds brings the provider, shape (products,).
        total_fen: Gains of both sides.
        bound_fen: No matching has more.
    """

    choice: Integers
    reasons: Reasons
    price: Floats | None
    price_fen: Floats | None
    last_fen: Integers
    total_fen: int
    bound_fen: int

    @property
    def gap_share(self) -> float:
        """What the total lacks to the bound, as a share of the bound."""
        return (self.bound_fen - self.total_fen) / self.bound_fen if self.bound_fen else 0.0


def weigh_pairs(pairs: Frame, mandates: Frame, *, by_rates: bool) -> Frame:
    """What both sides of each pair gain, and why it is not allowed, if so.

    Args:
        pairs: As in `judge_pairs`; if `by_rates`, with the columns of `gain_by_rates` for gains.
        mandates: As in `judge_pairs`.
        by_rates: True if gains follow from amounts and rates.

    Returns:
        The same rows plus `firm_gain_cny`, `provider_gain_cny` and `refusal_code`.
    """
    return judge_pairs(gain_by_rates(pairs) if by_rates else pairs, mandates=mandates)


def match_market(
    market: Market,
    *,
    method: str,
    group: Integers | None = None,
    yuan: tuple[Floats, Floats] | None = None,
) -> Matched:
    """Match a market and explain it.

    Args:
        market: Only allowed arcs.
        method: `best` (greatest total), `stable`, or `fair` (stable with a share of the places
            kept for each group).
        group: Group of each firm, from 0; `fair` needs it.
        yuan: Amount of each arc and capacity of each product in yuan, instead of places; only
            `best` takes it.

    Raises:
        InvalidInput: The method is unknown, or lacks or refuses one of the others.
    """
    if method not in METHODS:
        raise InvalidInput(f"method must be one of {', '.join(METHODS)}; got {method}")
    if yuan is not None:
        if method != "best":
            raise InvalidInput(
                f"a market with capacity_cny has no {method} matching: a large firm can push out "
                "several small ones; use places_n, or method best"
            )
        return _in_yuan(market, *yuan)
    if method == "best":
        return _best(market)
    if method == "stable":
        return _ranked(market, lambda: match_stable(market))
    if group is None:
        raise InvalidInput("method fair needs a group for each firm; got none")
    groups_n = int(group.max()) + 1 if group.size else 1
    return _ranked(market, lambda: match_fair(market, group, keep_places(market, group, groups_n)))


def add_firms(market: Market, firms_n: int) -> tuple[Integers, Matched]:
    """Firms more, one after the other, from the best matching of those there before.

    Args:
        market: Only allowed arcs; the new firms come last.
        firms_n: How many firms were there before.

    Returns:
        Product of each firm that was there, before; the matching with all of them.
    """
    end = int(market.start[firms_n])
    there = Market(
        market.start[: firms_n + 1],
        market.product[:end],
        market.firm_gain_fen[:end],
        market.provider_gain_fen[:end],
        market.places_n,
    )
    before = match_best(there)
    after = before
    for place in range(firms_n, market.firms_n):
        arcs = slice(int(market.start[place]), int(market.start[place + 1]))
        value = market.firm_gain_fen[arcs] + market.provider_gain_fen[arcs]
        after = add_firm(after, market.product[arcs].astype(np.int64), value)
    return before.choice, _explained(market, after)


def _best(market: Market) -> Matched:
    return _explained(market, match_best(market))


def _explained(market: Market, found: BestMatching) -> Matched:
    price_fen = found.price_fen[market.product].astype(np.float64)
    return Matched(
        found.choice,
        explain_prices(market, found.choice, price_fen),
        found.price_fen / FEN_PER_CNY,
        price_fen,
        last_held(market, found.choice),
        found.total_fen,
        found.bound_fen,
    )


def _in_yuan(market: Market, amount_cny: Floats, capacity_cny: Floats) -> Matched:
    found = match_yuan(market, amount_cny, capacity_cny)
    price_fen = found.price_ratio[market.product] * found.funds.amount
    return Matched(
        found.choice,
        explain_prices(market, found.choice, price_fen),
        found.price_ratio,
        price_fen,
        last_held(market, found.choice),
        found.total_fen,
        found.bound_fen,
    )


def _ranked(market: Market, match: Callable[[], Integers]) -> Matched:
    """A matching without prices, beside the bound of the best total."""
    choice, best = match(), match_best(market)
    return Matched(
        choice,
        explain_ranks(market, choice),
        None,
        None,
        last_held(market, choice),
        total_value(best.arcs, choice),
        best.bound_fen,
    )
