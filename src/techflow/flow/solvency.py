"""A scheme inside the simulation of its book: who bears what in each scenario, year by year.

Needs the extra `simulate`. Random numbers are a function of seed, year, scenario and count alone:
neither threads nor chunks can change a figure. One compiled loop draws the defaults of a scenario,
shares out each claim and adds up; nothing is kept of a scenario but its sums.
"""

from collections.abc import Iterator, Sequence

import numba
import numpy as np

from techflow.basics import Floats, InvalidInput
from techflow.basics.lanes import uniform
from techflow.flow.solvency_book import (
    NEVER,
    Book,
    Integers,
    Outcome,
    Run,
    Variant,
    World,
    check_book,
)
from techflow.flow.solvency_draws import (
    KEYS_N,
    Laid,
    draw_worlds,
    lay_out,
    skip_caps,
    sort_terms,
    year_seeds,
)
from techflow.pool import Events, Flows, Loans, Rules
from techflow.pool.kernel import (
    BREAKER,
    make_scratch,
    open_year,
    pay_claims,
    split_stream,
    undo_claims,
)
from techflow.portfolio.factors import scenario_key, stream_key
from techflow.portfolio.loss import draw_cells, scratch_of

BLOCK_N, _ORDER = 32, 9

kernel = numba.njit(cache=True, error_model="numpy")
parallel = numba.njit(cache=True, parallel=True, error_model="numpy")


def simulate_pool(
    book: Book,
    rules: Rules,
    world: World,
    run: Run,
    *,
    watched: int,
    factors: Floats | None = None,
) -> Outcome:
    """Losses by party, year and scenario, with the scheme inside the loop.

    Args:
        book: The loans.
        rules: Bounds of the scheme over the book, see `techflow.pool.build_rules`.
        world: How firms hang together.
        run: Years, scenarios, seed; a run in parts is the run.
        watched: Party whose part is told by sector.
        factors: Factors by year in place of those of `draw_worlds`, such as those of a stress;
            shape (scenarios, years, factors).

    Returns:
        What became of each scenario; parties add to the loss in each.

    Raises:
        InvalidInput: A number is out of range, or arrays do not fit each other.
    """
    alone = Variant(book.split, rules, np.ones(len(book.firm), np.bool_))
    return simulate_variants(book, [alone], world, run, watched=watched, factors=factors)[0]


def simulate_variants(
    book: Book,
    variants: Sequence[Variant],
    world: World,
    run: Run,
    *,
    watched: int,
    factors: Floats | None = None,
) -> list[Outcome]:
    """The same defaults shared in several ways: differences are those of the ways alone.

    Args:
        book: The loans.
        variants: Ways to share.
        world: How firms hang together.
        run: Years, scenarios, seed; a run in parts is the run.
        watched: Party whose part is told by sector.
        factors: As in `simulate_pool`.

    Returns:
        An outcome for each way.

    Raises:
        InvalidInput: A number is out of range, or arrays do not fit each other.
    """
    check_book(book, world, run)
    worlds = draw_worlds(world, run) if factors is None else factors
    shape = (run.scenarios_n, run.years_n, world.loading.shape[1])
    if worlds.shape != shape:
        raise InvalidInput(f"factors: expected shape {shape}; got {worlds.shape}")
    laid = lay_out(book, world, run.years_n)
    return [play(book, way, laid, (worlds, run), watched=watched) for way in variants]


def play(
    book: Book, way: Variant, laid: Laid, drawn: tuple[Floats, Run], *, watched: int
) -> Outcome:
    """One way to share, over a book that is laid out already.

    Args:
        book: The loans, checked.
        way: How losses are shared.
        laid: See `lay_out`.
        drawn: Factors by scenario and year, see `draw_worlds`, and the run they are of.
        watched: Party whose part is told by sector.
    """
    worlds, run = np.ascontiguousarray(drawn[0], np.float64), drawn[1]
    (runs_n, years_n), sectors_n = worlds.shape[:2], int(book.sector.max()) + 1
    rules, (plan, layout) = way.rules, laid
    out = (
        np.zeros((runs_n, years_n, rules.spill.size), np.int64),
        np.zeros((runs_n, sectors_n, 2), np.int64),
        np.full((runs_n, rules.cap_at.size + rules.breaker_at.size), NEVER),
        np.zeros(runs_n, np.int64),
    )
    made = layout._replace(part=layout.part * way.kept[layout.loan])
    looked = skip_caps(way, book.ead_cny)
    start = (worlds, year_seeds(run.seed, run.years_n), run.first, watched)
    _play(plan, made, sort_terms(way, layout), looked, (*start, *out))
    paid, sums, bound, claims = out
    return Outcome(
        paid,
        sums,
        emptied_year=_soonest(bound[:, : rules.cap_at.size][:, rules.cap_refilled == 1]),
        tripped_year=_soonest(bound[:, rules.cap_at.size :]),
        capped_year=_soonest(bound[:, : rules.cap_at.size][:, rules.cap_refilled == 0]),
        claims_n=claims,
        bound_year=bound,
    )


def _soonest(years: Integers) -> Integers:
    found: Integers = years.min(axis=1, initial=NEVER)
    return found


def replays(
    book: Book,
    rules: Rules,
    world: World,
    run: Run,
    scenarios: Integers,
    *,
    factors: Floats | None = None,
) -> Iterator[tuple[Events, Flows]]:
    """Several scenarios again, claim by claim: for the largest payers and for checks.

    Args:
        book: The loans.
        rules: Bounds of the scheme.
        world: How firms hang together.
        run: The run they are of.
        scenarios: Their places in the run.
        factors: Those given to the run.
    """
    laid = lay_out(book, world, run.years_n)
    alone = Variant(book.split, rules, np.ones(len(book.firm), np.bool_))
    key = sort_terms(alone, laid[1]).key
    for scenario in scenarios.tolist():
        one = run._replace(scenarios_n=1, first=run.first + scenario)
        own = draw_worlds(world, one) if factors is None else factors[scenario : scenario + 1]
        claims = _list_claims(laid, key, own[0], (year_seeds(run.seed, run.years_n), one.first))
        loan, fen, year = claims
        events = Events(loan, fen, year, np.full(len(loan), -1))
        yield events, split_stream(book.split, events, rules)


@kernel
def _room(layout):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Row, kind, year and loss of claims; place, keys and kind of the rows; firms that failed."""
    # A loan claims once, in one of its years.
    n = len(layout.loan)
    failed = np.full(layout.firm.max() + 1 if layout.again else 0, -1, np.int64)
    row, kind, year = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    claims = (row, kind, year, np.empty(n, np.int64))
    return claims, np.empty(n, np.int64), np.empty((n, KEYS_N), np.int64), failed


@kernel
def _claim_year(layout, key, drawn, at, room):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Claims of the defaults of one year, by lot: nobody is first by his place in the file.

    Keys of the loans that claim are put beside each other: claims reach them in any order.
    """
    (row, kind, years, fen), places, keys, failed = room
    (hits_n, hit, lost), (n, year, scenario, lot) = drawn, at
    begin = n
    for k in range(hits_n):
        unit = hit[k]
        if layout.again:
            if failed[layout.firm[unit]] == scenario:
                continue
            failed[layout.firm[unit]] = scenario
        for place in range(layout.loan_at[unit], layout.loan_at[unit + 1]):
            loss = np.int64(lost[k] * layout.part[place] * 100.0 + 0.5)
            if loss > 0:
                places[n], years[n] = place, year
                for j in range(KEYS_N):
                    keys[n, j] = key[place, j]
                # Fisher and Yates from within: the newcomer changes places with any before.
                j = begin + np.int64(uniform(lot, n - begin) * (n - begin + 1))
                row[n], kind[n], fen[n] = row[j], kind[j], fen[j]
                row[j], kind[j], fen[j] = n, key[place, KEYS_N], loss
                n += 1
    return n


@kernel
def _draw_year(laid, key, z, at, rooms):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    (plan, layout), (scratch, room) = laid, rooms
    n, year, scenario, seed = at
    own = scenario_key(seed, scenario)
    span = (layout.cell_at[year], layout.cell_at[year + 1])
    hits_n = draw_cells(plan, z, own, span, scratch)
    at = (n, year, scenario, stream_key(own, _ORDER))
    return _claim_year(layout, key, (hits_n, scratch[1], scratch[5]), at, room)


@kernel
def _list_claims(laid, key, worlds, start):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    seeds, scenario = start
    scratch, room, n = scratch_of(laid[0]), _room(laid[1]), np.int64(0)
    for year in range(len(seeds)):
        at = (n, year, scenario, seeds[year])
        n = _draw_year(laid, key, worlds[year], at, (scratch, room))
    row, _, years, fen = room[0]
    return laid[1].loan[room[1][row[:n]]], fen[:n], years[:n]


@kernel
def _add_up(claims, sector, flows, at, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """What the claims of one year came to."""
    (row, places, fen), (paid, sums, bound) = claims, out
    (begin, end, year, s), (watched, caps_n) = at
    part, cause, parties_n = flows.paid_fen, flows.cause, paid.shape[2]
    for e in range(begin, end):
        own = sector[places[row[e]]]
        sums[s, own, 0] += fen[e]
        sums[s, own, 1] += part[e, watched]
        for j in range(parties_n):
            paid[s, year, j] += part[e, j]
            why = cause[e, j]
            if why >= 2:
                c = why - 2 if why < BREAKER else why - BREAKER + caps_n
                bound[s, c] = min(bound[s, c], year)


@kernel
def _play_block(laid, way, run, span):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    (plan, layout), (terms, rules) = laid, way
    worlds, seeds, first, watched, paid, sums, bound, claims_n = run
    scratch, room, state = scratch_of(plan), _room(layout), make_scratch(rules, len(layout.loan))
    claims, places, keys, _ = room
    few = Loans(terms.share_ppm, terms.limit_fen, keys, terms.cohort, terms.in_scope)
    for s in range(*span):
        n = np.int64(0)
        for year in range(worlds.shape[1]):
            begin, at = n, (n, year, first + s, seeds[year])
            n = _draw_year(laid, terms.key, worlds[s, year], at, (scratch, room))
            open_year(rules, year, state.room_fen)
            pay_claims(claims, (begin, n), few, rules, state)
            own, told = (claims[0], places, claims[3]), (watched, rules.cap_at.size)
            part = ((begin, n, year, s), told)
            _add_up(own, layout.sector, state.flows, part, (paid, sums, bound))
        undo_claims((claims[0][:n], claims[1][:n], claims[2][:n]), few, rules, state)
        claims_n[s] = n


@parallel
def _play(plan, layout, terms, rules, run):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    runs_n = len(run[0])
    for block in numba.prange((runs_n + BLOCK_N - 1) // BLOCK_N):
        span = (block * BLOCK_N, min((block + 1) * BLOCK_N, runs_n))
        _play_block((plan, layout), (terms, rules), run, span)
