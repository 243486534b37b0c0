"""Stable matchings, plain and with a fair share for each group. Needs the extra `simulate`."""

import numpy as np

from techflow.basics import InvalidInput
from techflow.matching.auction import Arcs, Integers
from techflow.matching.deferred import defer
from techflow.matching.market import FIRMS_N_MAX, Market

GROUPS_N_MAX = 1_000


def match_stable(market: Market) -> Integers:
    """The stable matching that is best for every firm.

    No firm and product both gain by leaving their partners for each other. Of two firms with one
    gain the provider takes the earlier, of two products with one gain the firm the earlier.

    Args:
        market: Only arcs that both sides accept.

    Returns:
        Product of each firm, -1 if none, shape (firms,).

    Source:
        Gale and Shapley (1962), College admissions and the stability of marriage.

    Examples:
        >>> from techflow.matching.market import build_market
        >>> firm, product = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
        >>> gains = np.array([2.0, 1.0, 2.0, 1.0]), np.array([1.0, 5.0, 3.0, 5.0])
        >>> market = build_market(firm, product, gains, firms_n=2, places_n=np.array([1, 1]))
        >>> match_stable(market)
        array([1, 0])
    """
    one_group = np.zeros(market.firms_n, dtype=np.int64)
    return _defer(market, one_group, np.zeros((len(market.places_n), 1), dtype=np.int64))


def match_fair(market: Market, group: Integers, kept_n: Integers) -> Integers:
    """The stable matching in which groups have places kept for them.

    A firm of a group that holds fewer places of a product than are kept for it has priority there;
    no other claim of a firm that gains less is heard.

    Args:
        market: Only arcs that both sides accept.
        group: Group of each firm, from 0, shape (firms,).
        kept_n: Result of `keep_places` or of another rule, shape (products, groups).

    Returns:
        Product of each firm, -1 if none, shape (firms,).

    Raises:
        InvalidInput: A group has no column in `kept_n`, or more is kept than there is.

    Source:
        Hafalir, Yenmez, Yildirim (2013), Effective affirmative action in school choice,
        Theoretical Economics 8, minority reserves, for several groups.
    """
    if group.size and not 0 <= group.min() <= group.max() < kept_n.shape[1]:
        raise InvalidInput(f"group must lie in [0, {kept_n.shape[1]}); got max {group.max()}")
    if (kept_n < 0).any() or (kept_n.sum(axis=1) > market.places_n).any():
        raise InvalidInput("kept_n must be at least 0 and together at most places_n per product")
    return _defer(market, group, kept_n)


def keep_places(market: Market, group: Integers, groups_n: int) -> Integers:
    """Places of each product in proportion to the firms of each group that may take it.

    Args:
        market: Only allowed arcs.
        group: Group of each firm, from 0, shape (firms,).
        groups_n: Groups, at most `GROUPS_N_MAX`.

    Returns:
        Shape (products, groups): all places of each product, by largest remainder (the earlier
        group on a tie); 0 where nobody may take the product.

    Raises:
        InvalidInput: Too many groups.

    Source:
        Proportional shares: Aristotle's rule in Moulin (2003), Fair Division and Collective
        Welfare, 1.2; largest remainder: Balinski and Young (1982), Fair Representation.

    Examples:
        >>> from techflow.matching.market import build_market
        >>> firm, product = np.arange(3), np.zeros(3, dtype=np.int64)
        >>> gains = np.ones(3), np.ones(3)
        >>> market = build_market(firm, product, gains, firms_n=3, places_n=np.array([2]))
        >>> keep_places(market, np.array([0, 0, 1]), 2)
        array([[1, 1]])
    """
    if groups_n > GROUPS_N_MAX:
        raise InvalidInput(f"a market takes at most {GROUPS_N_MAX:,} groups; got {groups_n:,}")
    products_n = len(market.places_n)
    cell = market.product * np.int64(groups_n) + group[market.firm]
    asking = np.bincount(cell, minlength=products_n * groups_n).reshape(products_n, groups_n)
    asked = asking.sum(axis=1, keepdims=True)
    due = market.places_n[:, None] * asking
    whole, rest = np.divmod(due, np.maximum(asked, 1))
    spare = np.where(asked[:, 0] > 0, market.places_n - whole.sum(axis=1), 0)
    place = np.argsort(np.argsort(-rest, axis=1, kind="stable"), axis=1)
    return np.asarray(whole + (place < spare[:, None]), dtype=np.int64)


def _defer(market: Market, group: Integers, kept_n: Integers) -> Integers:
    arcs = Arcs(market.start, market.product, market.firm_gain_fen)
    rank = market.provider_gain_fen * FIRMS_N_MAX + (market.firms_n - 1 - market.firm)
    own = np.require(group, np.int64, ("C", "W"))
    return np.asarray(defer(arcs, rank, own, market.places_n, kept_n.ravel()))
