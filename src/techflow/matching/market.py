"""A market: which firm may take which product, and what each side gains."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from techflow.basics import Floats, InvalidInput

Integers = NDArray[np.int64]

FEN_PER_CNY = 100
GAIN_CNY_MAX = 1e10
FIRMS_N_MAX = 2**22
"""With the greatest gain this keeps a gain and a firm's place in the file in one whole number."""


@dataclass(frozen=True, slots=True)
class Market:
    """Firms, products and the arcs between them, sorted by firm and product.

    Attributes:
        start: First arc of each firm and the end, shape (firms + 1,).
        product: Product of each arc, from 0, shape (arcs,).
        firm_gain_fen: What the firm gains by the arc beside having none.
        provider_gain_fen: What the provider gains.
        places_n: Firms each product can take, shape (products,).
    """

    start: Integers
    product: NDArray[np.int32]
    firm_gain_fen: Integers
    provider_gain_fen: Integers
    places_n: Integers

    @property
    def firms_n(self) -> int:
        """Firms, also those without an arc."""
        return self.start.size - 1

    @property
    def firm(self) -> Integers:
        """Firm of each arc."""
        return np.repeat(np.arange(self.firms_n), np.diff(self.start))


def build_market(
    firm: Integers,
    product: Integers,
    gains_cny: tuple[Floats, Floats],
    *,
    firms_n: int,
    places_n: Integers,
) -> Market:
    """A market from its arcs in any order; gains are rounded to the fen.

    Args:
        firm: Firm of each arc, from 0, shape (arcs,).
        product: Product of each arc, from 0, shape (arcs,).
        gains_cny: What the firm and what the provider gain by each arc; may be below 0.
        firms_n: Firms, also those without an arc.
        places_n: Firms each product can take, whole numbers of at least 1, shape (products,).

    Raises:
        InvalidInput: A number lies outside its range, or a pair comes twice.

    Examples:
        >>> one = np.array([0])
        >>> market = build_market(
        ...     one, one, (np.array([2.5]), np.array([1.0])), firms_n=2, places_n=np.array([1])
        ... )
        >>> market.start, market.firm_gain_fen
        (array([0, 1, 1]), array([250]))
    """
    check_places(places_n)
    _check_range("firm", firm, firms_n)
    _check_range("product", product, len(places_n))
    if firms_n > FIRMS_N_MAX:
        raise InvalidInput(f"a market takes at most {FIRMS_N_MAX:,} firms; got {firms_n:,}")
    order = np.lexsort((product, firm))
    firm, product = firm[order], product[order]
    twice = np.flatnonzero((np.diff(firm) == 0) & (np.diff(product) == 0))
    if twice.size:
        pair = f"firm {firm[twice[0]]} and product {product[twice[0]]}"
        raise InvalidInput(f"each pair of firm and product must come once; {pair} comes twice")
    both = [_in_fen(gain)[order] for gain in gains_cny]
    start = np.zeros(firms_n + 1, dtype=np.int64)
    start[1:] = np.cumsum(np.bincount(firm, minlength=firms_n))
    return Market(start, product.astype(np.int32), both[0], both[1], places_n.astype(np.int64))


def check_places(places_n: Integers) -> None:
    """Refuse a market without products or a product without a place.

    Raises:
        InvalidInput: As said.
    """
    if not len(places_n):
        raise InvalidInput("a market needs at least one product; got none")
    if (places_n < 1).any():
        at = int(np.argmax(places_n < 1))
        raise InvalidInput(
            f"places_n must be at least 1; got {places_n[at]} for product {at}; "
            "leave out a product that takes nobody"
        )


def _check_range(name: str, values: Integers, limit: int) -> None:
    if values.size and not 0 <= values.min() <= values.max() < limit:
        raise InvalidInput(
            f"{name} must lie in [0, {limit}); got min {values.min()}, max {values.max()}"
        )


def _in_fen(gain_cny: Floats) -> Integers:
    bad = ~(np.abs(gain_cny) <= GAIN_CNY_MAX)
    if bad.any():
        raise InvalidInput(
            f"a gain must be a number within {GAIN_CNY_MAX:,.0f} yuan; got {gain_cny[bad][0]}"
        )
    return np.rint(gain_cny * FEN_PER_CNY).astype(np.int64)
