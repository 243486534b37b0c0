"""A book of loans with its scheme, ready to be simulated over years; plain arrays only."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from techflow.basics import Floats, InvalidInput
from techflow.pool import FEN_MOST, Loans, Rules, Scheme

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
NEVER = 2**31
"""Year of what did not happen."""


class Book(NamedTuple):
    """Loans, one row each; those of one firm default together.

    Attributes:
        split: Shares, caps per loan, keys and year of filing, for the scheme.
        filed_fen: Principal filed in the scheme, 0 outside, shape (n,).
        firm: Number of the firm, from 0, shape (n,).
        pd: Default probability of a year, given that the firm is alive at its start.
        lgd: Expected loss given default.
        ead_cny: Exposure at default, in the currency of the scheme.
        sector: Number of the sector, from 0.
        group: Row of the loadings that the firm follows.
        term_years: Years for which the loan is alive, from that of filing.
    """

    split: Loans
    filed_fen: Integers
    firm: Integers
    pd: Floats
    lgd: Floats
    ead_cny: Floats
    sector: Integers
    group: Integers
    term_years: Integers


class World(NamedTuple):
    """How firms hang together.

    Attributes:
        loading: Loadings of each group on the factors, shape (groups, factors).
        persistence: Correlation of a factor with itself a year before, in [0, 1).
        lgd_spread: Deviation of the latent loss rate; 0 keeps it fixed.
        lgd_factor_share: Part of its variance that follows the factors.
    """

    loading: Floats
    persistence: float
    lgd_spread: float = 0.0
    lgd_factor_share: float = 0.0


class Run(NamedTuple):
    """What to simulate.

    Attributes:
        years_n: Years.
        scenarios_n: Scenarios.
        seed: Seed, 0 or more.
        first: Number of the first scenario.
    """

    years_n: int
    scenarios_n: int
    seed: int
    first: int = 0


class Variant(NamedTuple):
    """One way to share the losses of the same defaults.

    Attributes:
        split: Shares and caps per loan.
        rules: Bounds of the scheme, see `techflow.pool.build_rules`.
        kept: Loans that are made, shape (n,).
    """

    split: Loans
    rules: Rules
    kept: Flags


class Outcome(NamedTuple):
    """What became of each scenario.

    Attributes:
        paid_fen: Borne by each party, shape (scenarios, years, parties).
        sector_fen: Lost by each sector, and what of it the watched party bears, shape
            (scenarios, sectors, 2).
        emptied_year: First year in which a purse refused money, `NEVER` if none.
        tripped_year: First year in which a breaker kept a party from paying.
        capped_year: First year in which a cap over several loans did.
        claims_n: Claims of each scenario.
        bound_year: First year in which each cap or purse, then each breaker, in the order of the
            rules, kept its party from its part, shape (scenarios, bounds).
    """

    paid_fen: Integers
    sector_fen: Integers
    emptied_year: Integers
    tripped_year: Integers
    capped_year: Integers
    claims_n: Integers
    bound_year: Integers


def check_book(book: Book, world: World, run: Run) -> None:
    """Refuse what cannot be simulated.

    Args:
        book: The loans.
        world: How firms hang together.
        run: What to simulate.

    Raises:
        InvalidInput: A number is out of range or missing, or arrays do not fit each other.
    """
    n = len(book.firm)
    columns = (*book.split, *book[1:])
    if n == 0 or any(len(column) != n for column in columns):
        raise InvalidInput(f"book: one row a loan, 1 or more; got {[len(c) for c in columns]}")
    if run.years_n < 1 or run.scenarios_n < 2 or run.seed < 0:
        raise InvalidInput(f"years 1 or more, scenarios 2 or more, seed 0 or more; got {run}")
    if not 0.0 <= world.persistence < 1.0:
        raise InvalidInput(f"persistence must be in [0, 1); got {world.persistence}")
    for name, most in (("pd", 1.0), ("lgd", 1.0), ("ead_cny", FEN_MOST / 100)):
        values = getattr(book, name)
        wrong = ~((values >= 0.0) & (values <= most))
        if wrong.any():
            at = int(np.flatnonzero(wrong)[0])
            raise InvalidInput(
                f"{name} must be known and in [0, {most:.4g}]; got {values[at]} in row {at} and "
                f"{int(wrong.sum()) - 1} more; leave such loans out"
            )
    filed = book.split.cohort
    if filed.min() < 0 or filed.max() >= run.years_n or book.term_years.min() < 1:
        raise InvalidInput(
            f"filed_year must be from 0 to below {run.years_n} and term_years 1 or more; "
            f"got {filed.min()} to {filed.max()}, and {book.term_years.min()}"
        )


def renew_book(book: Book, years_n: int) -> Book:
    """The same book filed again each year: loans of one year, what failed replaced by the like.

    Args:
        book: The loans of one year.
        years_n: Years.

    Returns:
        A row for each loan and year; caps per firm count a firm of each year for itself.

    Examples:
        >>> zero, one = np.zeros(1, np.int64), np.ones(1)
        >>> most, keys = np.full((1, 1), 2**62), np.zeros((1, 4), int)
        >>> split = Loans(np.full((1, 1), 10**6), most, keys, zero, zero + 1)
        >>> book = Book(split, zero, zero, one, one, one, zero, zero, zero + 1)
        >>> renew_book(book, 3).split.cohort.tolist()
        [0, 1, 2]
    """
    n, firms_n = len(book.firm), int(book.firm.max()) + 1
    year = np.repeat(np.arange(years_n), n)
    key = np.tile(book.split.key, (years_n, 1))
    key[:, 1] += year * (int(book.split.key[:, 1].max()) + 1)
    split = Loans(
        np.tile(book.split.share_ppm, (years_n, 1)),
        np.tile(book.split.limit_fen, (years_n, 1)),
        key,
        year,
        np.tile(book.split.in_scope, years_n),
    )
    return Book(
        split,
        filed_fen=np.tile(book.filed_fen, years_n),
        firm=np.tile(book.firm, years_n) + year * firms_n,
        pd=np.tile(book.pd, years_n),
        lgd=np.tile(book.lgd, years_n),
        ead_cny=np.tile(book.ead_cny, years_n),
        sector=np.tile(book.sector, years_n),
        group=np.tile(book.group, years_n),
        term_years=np.ones(n * years_n, np.int64),
    )


def watched_party(scheme: Scheme) -> int:
    """Place of the party whose solvency is asked for: the first with a purse, else the first.

    Args:
        scheme: A scheme.
    """
    order = [party.id for party in scheme.parties]
    return order.index(scheme.funding[0].party) if scheme.funding else 0
