"""How big a pool, and which share: credit created against what it costs the public."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from techflow.basics import Floats, InvalidInput
from techflow.flow.solvency_book import NEVER, Book, Integers, Outcome
from techflow.flow.solvency_figures import FEN, chance, mean_of
from techflow.pool import PPM, Funding, Loans, Rules, Said, Scheme, build_rules
from techflow.portfolio.measures import Estimate

PUBLIC = ("government", "fund")


class Seats(NamedTuple):
    """Who plays which part.

    Attributes:
        pool: Place of the party whose size and share are sought.
        giver: Place of the party whose share gives way.
    """

    pool: int
    giver: int


class Choice(NamedTuple):
    """One size and share, ready to be simulated.

    Attributes:
        size_cny: Paid into the purse at the start.
        share: Of the pool.
        split: Shares of each loan.
        rules: Bounds of the scheme with that purse.
        kept: Loans that are made.
        created_cny: Principal of those that nobody would lend without the pool.
    """

    size_cny: float
    share: float
    split: Loans
    rules: Rules
    kept: NDArray[np.bool_]
    created_cny: float


class Point(NamedTuple):
    """What a choice comes to.

    Attributes:
        size_cny: Paid into the purse.
        share: Of the pool.
        created_cny: Credit created.
        cost_cny: Borne by public parties, and what the money in the purse costs.
        emptied: Chance that the pool empties within the years.
    """

    size_cny: float
    share: float
    created_cny: float
    cost_cny: Estimate
    emptied: Estimate


def seats_of(scheme: Scheme, pool: int) -> Seats:
    """The pool, and the party that takes the rest; the last if nobody does.

    Args:
        scheme: A settled scheme.
        pool: Place of the pool.
    """
    rest = [k for k, layer in enumerate(scheme.layers) if not layer.parts and k != pool]
    return Seats(pool, rest[0] if rest else len(scheme.layers) - 1)


def resize_purse(scheme: Scheme, party: str, size_cny: float) -> Scheme:
    """The scheme with one payment at the start in place of what was paid into a purse.

    Args:
        scheme: A settled scheme.
        party: Whose purse.
        size_cny: The payment.
    """
    amount = Said(Fraction(round(size_cny * 100), 100), scheme.currency, "search", "proposal")
    others = tuple(fund for fund in scheme.funding if fund.party != party)
    own = Funding("city", party, amount, None, 1, None, "", "")
    return replace(scheme, funding=(*others, own))


def shift_shares(split: Loans, seats: Seats, share: float) -> Loans:
    """The pool takes a share of every loan in the scheme, and the giver what is left of both.

    Args:
        split: Shares as they are.
        seats: Who plays which part.
        share: Of the pool; less where both together have less.

    Examples:
        >>> most, keys = np.full((1, 2), 2**62), np.zeros((1, 4), int)
        >>> loans = Loans(np.array([[300_000, 700_000]]), most, keys, keys[:, 0], keys[:, 0] + 1)
        >>> shift_shares(loans, Seats(0, 1), 0.5).share_ppm.tolist()
        [[500000, 500000]]
    """
    shares = split.share_ppm.copy()
    both = shares[:, seats.pool] + shares[:, seats.giver]
    own = np.minimum(round(share * PPM), both)
    inside = split.in_scope == 1
    shares[inside, seats.pool] = own[inside]
    shares[inside, seats.giver] = (both - own)[inside]
    return split._replace(share_ppm=shares)


def expected_rate(book: Book, share_ppm: Integers) -> Floats:
    """Expected loss a year that falls on a share of each loan, per yuan lent."""
    return book.pd * book.lgd * share_ppm / PPM


def make_choices(
    book: Book,
    scheme: Scheme,
    seats: Seats,
    grid: tuple[Sequence[float], Sequence[float]],
    *,
    years_n: int,
    rate_pa_max: float,
) -> list[Choice]:
    """Every size with every share.

    A loan is made if the giver's own expected loss is within what it will bear; it is created if
    that would not be so with the pool's part on the giver too.

    Args:
        book: The loans.
        scheme: A settled scheme.
        seats: Who plays which part.
        grid: Sizes, and shares in [0, 1].
        years_n: Years.
        rate_pa_max: Expected loss a year the giver will bear, per yuan lent.

    Returns:
        Sizes in order for each share.

    Raises:
        InvalidInput: A size or share is out of range.
    """
    sizes, shares = grid
    if not sizes or not shares or min(sizes) < 0 or not all(0 <= s <= 1 for s in shares):
        raise InvalidInput(f"sizes must be 0 or more and shares in [0, 1]; got {sizes}, {shares}")
    both = book.split.share_ppm[:, seats.pool] + book.split.share_ppm[:, seats.giver]
    alone = expected_rate(book, both) <= rate_pa_max
    party, found = scheme.parties[seats.pool].id, []
    for share in shares:
        split = shift_shares(book.split, seats, share)
        kept = expected_rate(book, split.share_ppm[:, seats.giver]) <= rate_pa_max
        created = float(book.filed_fen[kept & ~alone].sum()) / FEN
        filed = book.filed_fen * kept
        for size in sorted(sizes):
            rules = build_rules(resize_purse(scheme, party, size), split, filed, years_n=years_n)
            found.append(Choice(size, share, split, rules, kept, created))
    return found


def measure_choice(
    choice: Choice, outcome: Outcome, scheme: Scheme, *, purse_rate_pa: float
) -> Point:
    """What a simulated choice comes to.

    Args:
        choice: The choice.
        outcome: Its simulation.
        scheme: The scheme.
        purse_rate_pa: What a yuan in the purse costs a year.
    """
    public = [k for k, party in enumerate(scheme.parties) if party.kind in PUBLIC]
    years_n = outcome.paid_fen.shape[1]
    paid = mean_of(outcome.paid_fen[:, :, public].sum(axis=(1, 2)) / FEN)
    held = purse_rate_pa * years_n * choice.size_cny
    cost = Estimate(paid.value + held, paid.error)
    emptied = chance(outcome.emptied_year < NEVER)
    return Point(choice.size_cny, choice.share, choice.created_cny, cost, emptied)


def frontier(points: Sequence[Point], *, emptied_max: float) -> list[int]:
    """Solvent choices that no mix of others beats: most credit for the cost.

    Args:
        points: All choices.
        emptied_max: Solvency target.

    Returns:
        Places of the points on the upper hull, cheapest first.

    Source:
        Monotone chain: Andrew (1979), Information Processing Letters 9(5).

    Examples:
        >>> none = Estimate(0.0, 0.0)
        >>> rows = [(0, 0), (1, 5), (2, 6), (3, 9), (4, 8)]
        >>> points = [Point(0.0, 0.0, y, Estimate(x, 0.0), none) for x, y in rows]
        >>> frontier(points, emptied_max=0.01)
        [0, 1, 3]
    """
    solvent = [k for k, point in enumerate(points) if point.emptied.value <= emptied_max]
    ordered = sorted(solvent, key=lambda k: (points[k].cost_cny.value, -points[k].created_cny))
    hull: list[int] = []
    for k in ordered:
        if hull and points[k].created_cny <= points[hull[-1]].created_cny:
            continue
        while len(hull) >= 2 and _turn(points[hull[-2]], points[hull[-1]], points[k]) >= 0.0:
            hull.pop()
        hull.append(k)
    return hull


def _turn(a: Point, b: Point, c: Point) -> float:
    along = (b.cost_cny.value - a.cost_cny.value, b.created_cny - a.created_cny)
    beyond = (c.cost_cny.value - a.cost_cny.value, c.created_cny - a.created_cny)
    return along[0] * beyond[1] - along[1] * beyond[0]


def best_point(points: Sequence[Point], hull: Sequence[int], *, budget_cny: float) -> int | None:
    """The most credit on the frontier within a budget; cheapest first, so the last within it.

    Args:
        points: All choices.
        hull: See `frontier`.
        budget_cny: Most that it may cost the public.

    Returns:
        Its place; None if no solvent choice is within the budget.
    """
    within = [k for k in hull if points[k].cost_cny.value <= budget_cny]
    return within[-1] if within else None
