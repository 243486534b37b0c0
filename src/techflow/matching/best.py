"""The matching of the best total, with its proof, and one firm more. Needs the extra `simulate`."""

from dataclasses import dataclass

import numpy as np

from techflow.basics import InvalidInput, NotConverged
from techflow.matching.auction import OUT, Arcs, Holders, Integers, run_auction
from techflow.matching.exchange import (
    Moves,
    all_moves,
    exchange_all,
    exchange_once,
    least_prices,
    offer_moves,
    total_value,
)
from techflow.matching.market import GAIN_CNY_MAX, Market
from techflow.matching.proof import Proof, moved_value, resettle, settle


@dataclass(frozen=True, slots=True)
class BestMatching:
    """A matching of the best total and what proves it.

    Attributes:
        choice: Product of each firm, -1 if none, shape (firms,).
        price_fen: What one more place of each product would add to the total, shape (products,).
        total_fen: Gains of both sides over all firms.
        bound_fen: No matching has more; computed from the prices alone.
        arcs: Arcs with the gains of both sides together.
        places_n: Places of each product.
        holders: Who holds them.
        moves: Best move of one firm between any two products.
        proof: What the bound is made of, kept so that a firm more need not read all arcs again.
    """

    choice: Integers
    price_fen: Integers
    total_fen: int
    bound_fen: int
    arcs: Arcs
    places_n: Integers
    holders: Holders
    moves: Moves
    proof: Proof

    @property
    def gap_share(self) -> float:
        """What the total may lack to the best, as a share of the bound; 0 if it is proved."""
        return (self.bound_fen - self.total_fen) / self.bound_fen if self.bound_fen else 0.0


def match_best(market: Market) -> BestMatching:
    """Firms to products so that both sides together gain most, one product per firm at most.

    An auction comes close, exchanges among products finish it. A pair whose sides together gain
    nothing is left out.

    Args:
        market: Only allowed arcs.

    Returns:
        Exact on whole fen: `bound_fen` equals `total_fen`.

    Source:
        Koopmans and Beckmann (1957), Assignment problems, Econometrica 25; auction: Bertsekas
        (1992), Computational Optimization and Applications 1.

    Examples:
        >>> from techflow.matching.market import build_market
        >>> firm, product = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
        >>> gains = np.array([5.0, 4.0, 4.0, 1.0]), np.zeros(4)
        >>> market = build_market(firm, product, gains, firms_n=2, places_n=np.array([1, 1]))
        >>> found = match_best(market)
        >>> found.choice, found.total_fen, found.price_fen
        (array([1, 0]), 800, array([100,   0]))
    """
    arcs = Arcs(market.start, market.product, market.firm_gain_fen + market.provider_gain_fen)
    holders, price, choice = run_auction(arcs, market.places_n)
    moves = all_moves(arcs, holders, choice)
    exchange_all(arcs, holders, choice, moves, price)
    price = least_prices(moves, np.zeros_like(price))
    proof = settle(arcs, price, total_value(arcs, choice))
    return _prove(arcs, market.places_n, holders, (choice, price), (moves, proof))


def add_firm(found: BestMatching, product: Integers, value_fen: Integers) -> BestMatching:
    """The best matching with one firm more, from the one without it.

    At most one row of moves is needed, each product on it once.

    Args:
        found: Result of `match_best` or of this function; not changed.
        product: Products the firm may take, each once, shape (arcs of the firm,).
        value_fen: What both sides gain by each, shape (arcs of the firm,).

    Returns:
        The same as `match_best` on the larger market (of several best ones maybe another); the
        firm comes last.

    Raises:
        InvalidInput: A product is unknown or comes twice, or a gain is too great.
    """
    _check_new(found, product, value_fen)
    order = np.argsort(product)
    old, end = found.arcs, int(found.arcs.start[-1]) + product.size
    arcs = Arcs(
        np.append(old.start, end),
        np.concatenate([old.product, product[order].astype(np.int32)]),
        np.concatenate([old.value, value_fen[order]]),
    )
    holders = found.holders._replace(
        held_n=found.holders.held_n.copy(), firm=found.holders.firm.copy()
    )
    moves = Moves(found.moves.gain.copy(), found.moves.firm.copy())
    offer_moves(arcs, moves, arcs.start.size - 2, found.places_n.size)
    choice = np.append(found.choice, OUT)
    exchange_once(arcs, holders, choice, moves, found.price_fen)
    price = least_prices(moves, found.price_fen)
    moved = np.flatnonzero(choice[:-1] != found.choice)
    total = found.total_fen + moved_value(arcs, found.choice, choice, moved)
    proof = resettle(arcs, found.proof, found.price_fen, price, total)
    return _prove(arcs, found.places_n, holders, (choice, price), (moves, proof))


def _prove(
    arcs: Arcs,
    places_n: Integers,
    holders: Holders,
    state: tuple[Integers, Integers],
    kept: tuple[Moves, Proof],
) -> BestMatching:
    choice, price = state
    total, bound = kept[1].total_fen, int(places_n @ price + kept[1].net.sum())
    if total != bound:
        raise NotConverged(f"the matching was not proved best: {total} of at most {bound} fen")
    return BestMatching(choice, price, total, bound, arcs, places_n, holders, *kept)


def _check_new(found: BestMatching, product: Integers, value_fen: Integers) -> None:
    products_n = found.places_n.size
    if np.unique(product).size < product.size:
        raise InvalidInput("each product of the new firm must come once; got one twice")
    if product.size and not 0 <= product.min() <= product.max() < products_n:
        raise InvalidInput(
            f"product must lie in [0, {products_n}); got min {product.min()}, max {product.max()}"
        )
    if product.size != value_fen.size:
        raise InvalidInput(f"need one value per product; got {value_fen.size} of {product.size}")
    if (np.abs(value_fen) > 200 * GAIN_CNY_MAX).any():
        raise InvalidInput(f"a value must lie within {200 * GAIN_CNY_MAX:,.0f} fen")
