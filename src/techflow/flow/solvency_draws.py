"""Defaults of a book over years, drawn once and shared by any scheme.

Needs the extra `simulate`. Random numbers are a function of seed, year, scenario and count alone:
neither threads nor chunks can change a figure.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from techflow.basics import Floats
from techflow.flow.solvency_book import Book, Integers, Run, World
from techflow.portfolio.factors import draw_factors
from techflow.portfolio.loss import DefaultStream, draw_defaults
from techflow.portfolio.plan import Loans as Firms
from techflow.portfolio.plan import LossPlan, plan_losses
from techflow.portfolio.recovery import LgdModel

Flags = NDArray[np.bool_]
CHUNK_DEFAULTS_N, CHUNK_MIN_N = 2_000_000, 32


class Season(NamedTuple):
    """The firms alive in one year, and their loans.

    Attributes:
        plan: For the draw of defaults; None if nobody is alive.
        loan_since: First loan of each firm in `loan`, and the end.
        loan: Loans by firm.
        part: Part of the firm's loss that falls on each.
    """

    plan: LossPlan | None
    loan_since: Integers
    loan: Integers
    part: Floats


class Draws(NamedTuple):
    """Defaults of a chunk of scenarios in all years.

    Attributes:
        since: Where each scenario begins in each year, and its end, shape (years, scenarios + 1).
        unit: Firms in default, numbered over all years.
        loss_cny: Loss of each.
    """

    since: Integers
    unit: Integers
    loss_cny: Floats


class Layout(NamedTuple):
    """Loans of the firms of all years, and of each loan its firm, sector, whether it is made."""

    loan_since: Integers
    loan: Integers
    part: Floats
    firm: Integers
    sector: Integers
    kept: Flags


def plan_seasons(book: Book, world: World, years_n: int) -> list[Season]:
    """The firms of each year, laid out for the draw of defaults.

    Args:
        book: The loans.
        world: How firms hang together.
        years_n: Years.

    Returns:
        A season for each year. A firm has the highest default probability of its loans.
    """
    return [_season(book, world, year) for year in range(years_n)]


def _season(book: Book, world: World, year: int) -> Season:
    filed = book.split.cohort
    alive = np.flatnonzero((filed <= year) & (year < filed + book.term_years))
    alive = alive[np.argsort(book.firm[alive], kind="stable")]
    firms, first, unit = np.unique(book.firm[alive], return_index=True, return_inverse=True)
    since = np.append(first, len(alive)).astype(np.int64)
    if len(alive) == 0:
        return Season(None, np.zeros(1, np.int64), alive, np.zeros(0))
    ead = np.asarray(np.bincount(unit, book.ead_cny[alive]), np.float64)
    lost = np.bincount(unit, (book.ead_cny * book.lgd)[alive])
    pd = np.asarray(np.maximum.reduceat(book.pd[alive], first), np.float64)
    lgd = np.divide(lost, ead, out=np.zeros(len(firms)), where=ead > 0)
    part = np.divide(book.ead_cny[alive], ead[unit], out=np.zeros(len(alive)), where=ead[unit] > 0)
    group = book.group[alive][first]
    rows = Firms(pd, ead, np.minimum(lgd, 1.0), group, np.zeros(len(firms), np.int64))
    model = LgdModel(world.lgd_spread, world.lgd_factor_share)
    return Season(plan_losses(rows, world.loading, lgd_model=model), since, alive, part)


def lay_out(book: Book, seasons: list[Season]) -> Layout:
    """Firms of all years in one row.

    Args:
        book: The loans.
        seasons: See `plan_seasons`.
    """
    starts, at = [], 0
    for season in seasons:
        starts.append(season.loan_since[:-1] + at)
        at += len(season.loan)
    since = np.concatenate([*starts, [at]]).astype(np.int64)
    loan = np.concatenate([season.loan for season in seasons]).astype(np.int64)
    part = np.concatenate([season.part for season in seasons])
    kept = np.ones(len(book.firm), np.bool_)
    return Layout(since, loan, part, book.firm, book.sector, kept)


def year_seed(seed: int, year: int) -> int:
    """Seed of the random numbers of a year.

    Args:
        seed: Seed of the run.
        year: Year from 0.
    """
    return int(np.random.SeedSequence([seed, year]).generate_state(1, np.uint64)[0])


def draw_years(seasons: list[Season], world: World, run: Run, first: int, count: int) -> Draws:
    """Defaults of a chunk of scenarios in every year; factors remember the year before.

    Args:
        seasons: See `plan_seasons`.
        world: How firms hang together.
        run: The run.
        first: Number of the first scenario.
        count: Scenarios.

    Returns:
        The draws, the same for any cut into chunks.

    Source:
        Hazard by year in a multi-factor Gaussian copula, factors as a stationary autoregression of
        order one: Belkin, Suchower and Forest (1998), A one-parameter representation of credit
        risk and transition matrices, CreditMetrics Monitor.
    """
    factors: Floats | None = None
    streams, at, start = [], 0, 0
    for year, season in enumerate(seasons):
        seed = year_seed(run.seed, year)
        fresh = draw_factors(count, world.loading.shape[1], seed=seed, first=first)
        own = np.sqrt(1.0 - world.persistence**2)
        factors = fresh if factors is None else world.persistence * factors + own * fresh
        drawn = _draw(season, factors, seed, first)
        streams.append((drawn.since + at, drawn.firm + start, drawn.loss_cny))
        at, start = at + len(drawn.firm), start + len(season.loan_since) - 1
    since, unit, loss = zip(*streams, strict=True)
    return Draws(np.stack(since), np.concatenate(unit), np.concatenate(loss))


def _draw(season: Season, factors: Floats, seed: int, first: int) -> DefaultStream:
    if season.plan is None:
        none = np.zeros(0, np.int64)
        return DefaultStream(np.zeros(len(factors) + 1, np.int64), none, np.zeros(0))
    return draw_defaults(season.plan, factors, seed=seed, first=first)


def chunks(book: Book, run: Run) -> list[tuple[int, int]]:
    """First scenario and size of each chunk; the size bounds memory and changes no figure.

    Args:
        book: The loans.
        run: The run.
    """
    years = np.minimum(book.term_years, run.years_n - book.split.cohort)
    defaults_n = float(book.pd @ years) + 1.0
    size = run.chunk_n or int(np.clip(CHUNK_DEFAULTS_N / defaults_n, CHUNK_MIN_N, 2**16))
    starts = range(0, run.scenarios_n, size)
    return [(first, min(size, run.scenarios_n - first)) for first in starts]
