"""A scheme inside the simulation of its book: who bears what in each scenario, year by year.

Needs the extra `simulate`. Random numbers are a function of seed, year, scenario and count alone:
neither threads nor chunks can change a figure.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numba
import numpy as np

from techflow.basics import Floats
from techflow.basics.lanes import uniform
from techflow.flow.solvency_book import NEVER, Book, Integers, Outcome, Run, World, check_book
from techflow.flow.solvency_draws import (
    Draws,
    Flags,
    Layout,
    chunks,
    draw_years,
    lay_out,
    plan_seasons,
)
from techflow.pool import Events, Flows, Loans, Rules
from techflow.pool.book import LIFE, YEAR
from techflow.pool.kernel import Scratch, run_events, split_stream
from techflow.portfolio.factors import scenario_key, stream_key

BLOCK_N, _ORDER = 32, 9

kernel = numba.njit(cache=True, error_model="numpy")
parallel = numba.njit(cache=True, parallel=True, error_model="numpy")


class Variant(NamedTuple):
    """One way to share the losses of the same draws.

    Attributes:
        split: Shares and caps per loan.
        rules: Bounds of the scheme, see `techflow.pool.build_rules`.
        kept: Loans that are made, shape (n,).
    """

    split: Loans
    rules: Rules
    kept: Flags


class Played(NamedTuple):
    """A layout and its draws in one: what a compiled loop takes."""

    loan_since: Integers
    loan: Integers
    part: Floats
    firm: Integers
    sector: Integers
    kept: Flags
    since: Integers
    unit: Integers
    loss_cny: Floats


def simulate_pool(book: Book, rules: Rules, world: World, run: Run, *, watched: int) -> Outcome:
    """Losses by party, year and scenario, with the scheme inside the loop.

    Args:
        book: The loans.
        rules: Bounds of the scheme over the book, see `techflow.pool.build_rules`.
        world: How firms hang together.
        run: Years, scenarios, seed.
        watched: Party whose part is told by sector.

    Returns:
        What became of each scenario; parties add to the loss in each.

    Raises:
        InvalidInput: A number is out of range, or arrays do not fit each other.
    """
    alone = Variant(book.split, rules, np.ones(len(book.firm), np.bool_))
    return simulate_variants(book, [alone], world, run, watched=watched)[0]


def simulate_variants(
    book: Book, variants: Sequence[Variant], world: World, run: Run, *, watched: int
) -> list[Outcome]:
    """The same defaults shared in several ways: differences are those of the ways alone.

    Args:
        book: The loans.
        variants: Ways to share.
        world: How firms hang together.
        run: Years, scenarios, seed.
        watched: Party whose part is told by sector.

    Returns:
        An outcome for each way.

    Raises:
        InvalidInput: A number is out of range, or arrays do not fit each other.
    """
    check_book(book, world, run)
    seasons = plan_seasons(book, world, run.years_n)
    layout = lay_out(book, seasons)
    parts: list[list[Outcome]] = [[] for _ in variants]
    for first, count in chunks(book, run):
        draws = draw_years(seasons, world, run, first, count)
        for part, way in zip(parts, variants, strict=True):
            part.append(play(way, layout, draws, (run.seed, first), watched))
    return [Outcome(*map(np.concatenate, zip(*part, strict=True))) for part in parts]


def play(
    way: Variant, layout: Layout, draws: Draws, start: tuple[int, int], watched: int
) -> Outcome:
    """Draws through a scheme.

    Args:
        way: How losses are shared.
        layout: Loans by firm.
        draws: Defaults.
        start: Seed of the run and number of the first scenario.
        watched: Party whose part is told by sector.
    """
    years_n, runs_n = draws.since.shape[0], draws.since.shape[1] - 1
    sectors_n, parties_n = int(layout.sector.max()) + 1, way.rules.spill.size
    out = Outcome(
        np.zeros((runs_n, years_n, parties_n), np.int64),
        np.zeros((runs_n, sectors_n, 2), np.int64),
        emptied_year=np.full(runs_n, NEVER),
        tripped_year=np.full(runs_n, NEVER),
        capped_year=np.full(runs_n, NEVER),
        claims_n=np.zeros(runs_n, np.int64),
    )
    made = layout._replace(kept=way.kept)
    played = Played(*made, *draws)
    _play(way.split, way.rules, played, (np.uint64(start[0]), start[1], watched), out)
    return out


def replay(
    book: Book, rules: Rules, world: World, run: Run, *, scenario: int
) -> tuple[Events, Flows]:
    """One scenario again, claim by claim: for the largest payers and for checks.

    Args:
        book: The loans.
        rules: Bounds of the scheme.
        world: How firms hang together.
        run: The run it is of.
        scenario: Its number.
    """
    return next(replays(book, rules, world, run, np.array([scenario])))


def replays(
    book: Book, rules: Rules, world: World, run: Run, scenarios: Integers
) -> Iterator[tuple[Events, Flows]]:
    """Several scenarios again, as `replay`.

    Args:
        book: The loans.
        rules: Bounds of the scheme.
        world: How firms hang together.
        run: The run they are of.
        scenarios: Their numbers.
    """
    seasons = plan_seasons(book, world, run.years_n)
    layout = lay_out(book, seasons)
    dead = np.full(int(book.firm.max()) + 1, -1)
    for scenario in scenarios.tolist():
        draws = draw_years(seasons, world, run, scenario, 1)
        room = _buffers(_most(layout, draws, 0))
        start = (np.uint64(run.seed), scenario, 0)
        n = _gather(layout, draws, (0, start), (dead, room))
        events = Events(*(column[:n] for column in room))
        yield events, split_stream(book.split, events, rules)


@kernel
def _most(layout, draws, s):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Loans of all defaulters of a scenario."""
    total = 0
    for year in range(draws.since.shape[0]):
        for k in range(draws.since[year, s], draws.since[year, s + 1]):
            unit = draws.unit[k]
            total += layout.loan_since[unit + 1] - layout.loan_since[unit]
    return total


@kernel
def _buffers(n):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    none = np.full(n, -1, np.int64)
    return np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64), none


@kernel
def _gather(layout, draws, at, room):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Claims of one scenario in the order of time: years, and by lot within a year."""
    s, start = at
    dead, (loans, amounts, years, _) = room
    scenario, n = start[1] + s, 0
    key = scenario_key(start[0], scenario)
    for year in range(draws.since.shape[0]):
        begin = n
        for k in range(draws.since[year, s], draws.since[year, s + 1]):
            unit = draws.unit[k]
            low, high = layout.loan_since[unit], layout.loan_since[unit + 1]
            firm = layout.firm[layout.loan[low]]
            if dead[firm] == scenario:
                continue
            dead[firm] = scenario
            for place in range(low, high):
                fen = np.int64(np.floor(draws.loss_cny[k] * layout.part[place] * 100.0 + 0.5))
                if fen > 0 and layout.kept[layout.loan[place]]:
                    loans[n], amounts[n], years[n] = layout.loan[place], fen, year
                    n += 1
        _shuffle(stream_key(key, _ORDER + year), begin, n, loans, amounts)
    return n


@kernel
def _shuffle(key, begin, end, loans, amounts):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Fisher and Yates: nobody is first at the purse by his place in the file."""
    for k in range(end - 1, begin, -1):
        j = begin + np.int64(uniform(key, k) * (k - begin + 1))
        loans[k], loans[j] = loans[j], loans[k]
        amounts[k], amounts[j] = amounts[j], amounts[k]


@kernel
def _scratch(rules, n):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    shape = (n, rules.spill.size)
    flows = Flows(np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.zeros(n, np.int64))
    losses = np.zeros(rules.line_fen.size, np.int64)
    return Scratch(rules.room_fen.copy(), losses, np.zeros(shape, np.int64), flows)


@kernel
def _undo(split, events, rules, scratch):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """As `reset` of the pool: a cap over few keys is copied whole, one over many by its claims."""
    scratch.losses_fen[:] = 0
    for c in range(rules.cap_at.size):
        low = rules.cap_at[c]
        high = rules.cap_at[c + 1] if c + 1 < rules.cap_at.size else rules.room_fen.size
        if high - low <= 2 * events.loan.size:
            scratch.room_fen[low:high] = rules.room_fen[low:high]
            continue
        scope, period = rules.cap_scope[c], rules.cap_period[c]
        for e in range(events.loan.size):
            loan = events.loan[e]
            at = split.key[loan, scope]
            if period != LIFE:
                when = events.year[e] if period == YEAR else split.cohort[loan]
                at = at * rules.years_n + when
            scratch.room_fen[low + at] = rules.room_fen[low + at]


@kernel
def _tell(rules, sector, events, flows, at):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    s, watched, out = at
    paid, sums = flows.paid_fen, out.sector_fen[s]
    total, cause = out.paid_fen[s], flows.cause
    for e in range(events.loan.size):
        year, own = events.year[e], sector[events.loan[e]]
        sums[own, 0] += events.amount_fen[e]
        sums[own, 1] += paid[e, watched]
        for j in range(paid.shape[1]):
            total[year, j] += paid[e, j]
            if cause[e, j] >= 1000:
                out.tripped_year[s] = min(out.tripped_year[s], year)
            elif cause[e, j] >= 2:
                empty = rules.cap_refilled[cause[e, j] - 2]
                found = out.emptied_year if empty else out.capped_year
                found[s] = min(found[s], year)
    out.claims_n[s] = events.loan.size


@kernel
def _play_block(scheme, played, start, at):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    (split, rules), (low, high, out) = scheme, at
    most = 0
    for s in range(low, high):
        most = max(most, _most(played, played, s))
    room, scratch = _buffers(most), _scratch(rules, most)
    dead = np.full(played.firm.max() + 1, -1, np.int64)
    for s in range(low, high):
        n = _gather(played, played, (s, start), (dead, room))
        events = Events(room[0][:n], room[1][:n], room[2][:n], room[3][:n])
        run_events(split, events, rules, scratch)
        _tell(rules, played.sector, events, scratch.flows, (s, start[2], out))
        _undo(split, events, rules, scratch)


@parallel
def _play(split, rules, played, start, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    runs_n = played.since.shape[1] - 1
    for block in numba.prange((runs_n + BLOCK_N - 1) // BLOCK_N):
        low, high = block * BLOCK_N, min((block + 1) * BLOCK_N, runs_n)
        _play_block((split, rules), played, start, (low, high, out))
