"""The firms of all years laid out for the draw of defaults, and the factors they share.

Needs the extra `simulate`.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from techflow.basics import Floats
from techflow.flow.solvency_book import Book, Integers, Run, Variant, World
from techflow.pool import Loans, Rules
from techflow.portfolio.factors import draw_factors
from techflow.portfolio.plan import Loans as Firms
from techflow.portfolio.plan import LossPlan, plan_losses
from techflow.portfolio.recovery import LgdModel

KEYS_N = 4
"""Keys of a loan, see `techflow.pool.SCOPES`; the column after them holds its kind of terms."""


class Layout(NamedTuple):
    """Firms of each year in the order of the draw, with their loans beside each other.

    Attributes:
        cell_at: First cell of each year in the plan, and the end, shape (years + 1,).
        firm: Number of each firm, shape (firms of all years,).
        loan_at: First of its loans, and the end, shape (firms of all years + 1,).
        loan: Number of each loan in the book, shape (loans of all years,).
        part: Part of the firm's loss that falls on it.
        sector: Its sector.
        again: A firm may stand in several years.
    """

    cell_at: Integers
    firm: Integers
    loan_at: Integers
    loan: Integers
    part: Floats
    sector: Integers
    again: bool


Laid = tuple[LossPlan, Layout]


def lay_out(book: Book, world: World, years_n: int) -> Laid:
    """The firms of each year, laid out for the draw of defaults.

    Args:
        book: The loans.
        world: How firms hang together.
        years_n: Years.

    Returns:
        The firms of all years, year by year, each with the highest default probability of its
        loans; and the loans.
    """
    filed, last = book.split.cohort, book.split.cohort + book.term_years
    year, loan = np.nonzero((filed <= (at := np.arange(years_n)[:, None])) & (at < last))
    firms_n, groups_n = int(book.firm.max()) + 1, len(world.loading)
    unit = year * firms_n + book.firm[loan]
    order = np.argsort(unit, kind="stable")
    year, loan = year[order], loan[order]
    units, first, place = np.unique(unit[order], return_index=True, return_inverse=True)
    rows = _firms(book, loan, first, place)
    rows = rows._replace(group=rows.group + year[first] * groups_n)
    model = LgdModel(world.lgd_spread, world.lgd_factor_share)
    plan = plan_losses(rows, np.tile(world.loading, (years_n, 1)), lgd_model=model)
    own, ead = book.ead_cny[loan], rows.ead_cny[place]
    part = np.divide(own, ead, out=np.zeros(len(loan)), where=ead > 0)
    counts = np.diff(np.append(first, len(loan)))[plan.firm]
    since = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    # Loans in the order of the plan: those of the firm drawn next lie next.
    by_plan = np.repeat(first[plan.firm] - since[:-1], counts) + np.arange(len(loan))
    firm = (units % firms_n)[plan.firm].astype(np.int64)
    ordered = loan[by_plan].astype(np.int64)
    return plan, Layout(
        np.searchsorted(plan.cell_group, np.arange(years_n + 1) * groups_n).astype(np.int64),
        firm=firm,
        loan_at=since,
        loan=ordered,
        part=part[by_plan],
        sector=book.sector[ordered],
        again=len(np.unique(firm)) < len(firm),
    )


def _firms(book: Book, loan: Integers, first: Integers, unit: Integers) -> Firms:
    ead = np.asarray(np.bincount(unit, book.ead_cny[loan]), np.float64)
    lost = np.bincount(unit, (book.ead_cny * book.lgd)[loan])
    pd = np.asarray(np.maximum.reduceat(book.pd[loan], first), np.float64)
    lgd = np.divide(lost, ead, out=np.zeros(len(ead)), where=ead > 0)
    group = book.group[loan][first]
    return Firms(pd, ead, np.minimum(lgd, 1.0), group, np.zeros(len(ead), np.int64))


def sort_terms(way: Variant, layout: Layout) -> Loans:
    """Terms of the loans in the order of the layout, each kind of terms once.

    Args:
        way: How losses are shared.
        layout: See `lay_out`.

    Returns:
        Shares, caps per loan, year of filing and scope, a row for each kind; `key` has a row for
        each loan of the layout, its last column being the kind.
    """
    split = way.split
    table = np.column_stack([split.share_ppm, split.limit_fen, split.cohort, split.in_scope])
    kind = np.zeros(len(table), np.int64)
    for column in table.T:
        seen = np.unique(column, return_inverse=True)[1]
        kind = np.unique(kind * (int(seen.max()) + 1) + seen, return_inverse=True)[1]
    one = np.unique(kind, return_index=True)[1]
    key = np.column_stack([split.key, kind])[layout.loan]
    share, limit, cohort, scope = (
        np.ascontiguousarray(column[one])
        for column in (split.share_ppm, split.limit_fen, split.cohort, split.in_scope)
    )
    return Loans(share, limit, np.ascontiguousarray(key, np.int64), cohort, scope)


def skip_caps(way: Variant, ead_cny: Floats) -> Rules:
    """Bounds without the caps that no claims of the book can reach.

    Args:
        way: How losses are shared.
        ead_cny: Exposure of each loan: no claim of it is larger, shape (n,).

    Returns:
        The rules, such caps without a party.
    """
    rules, split = way.rules, way.split
    party = rules.cap_party.copy()
    ends = np.append(rules.cap_at[1:], rules.room_fen.size)
    for c in np.flatnonzero(rules.cap_refilled == 0).tolist():
        most = np.minimum(split.limit_fen[:, party[c]], np.ceil(ead_cny * 100.0 + 1.0))
        room = rules.room_fen[rules.cap_at[c] : ends[c]]
        asked = np.bincount(split.key[:, rules.cap_scope[c]], most)
        least = room.reshape(len(asked), -1).min(axis=1)
        # A sum of floats may be short by a part in 1e9, not more.
        if bool((asked * (1.0 + 1e-9) <= least).all()):
            party[c] = -1
    return rules._replace(cap_party=party)


def year_seeds(seed: int, years_n: int) -> NDArray[np.uint64]:
    """Seed of the random numbers of each year.

    Args:
        seed: Seed of the run.
        years_n: Years.
    """
    each = [np.random.SeedSequence([seed, year]) for year in range(years_n)]
    return np.concatenate([one.generate_state(1, np.uint64) for one in each])


def draw_worlds(world: World, run: Run) -> Floats:
    """Factors of every year; they remember the year before.

    Args:
        world: How firms hang together.
        run: Years, scenarios, seed.

    Returns:
        Independent standard normal in each year, shape (scenarios, years, factors).

    Source:
        Stationary autoregression of order one: Belkin, Suchower and Forest (1998), A
        one-parameter representation of credit risk and transition matrices, CreditMetrics Monitor.
    """
    factors_n, own = world.loading.shape[1], np.sqrt(1.0 - world.persistence**2)
    out = np.empty((run.scenarios_n, run.years_n, factors_n))
    for year, seed in enumerate(year_seeds(run.seed, run.years_n).tolist()):
        out[:, year] = draw_factors(run.scenarios_n, factors_n, seed=seed, first=run.first)
        if year:
            out[:, year] = world.persistence * out[:, year - 1] + own * out[:, year]
    return out
