"""Array kernel of the sequential split. Needs Numba.

All amounts are whole fen in 64 bits; nothing is rounded but by largest remainder.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from techflow.pool.book import LIFE, YEAR, Events, Flows, Integers, Loans, Rules
from techflow.pool.numbers import PPM

DIGIT = 15
DIGITS = 3
"""Products of two amounts are divided in three digits of 15 bits: amounts stay below 2**45."""
MASK = (1 << DIGIT) - 1


class Scratch(NamedTuple):
    """State and results of one run, to use again in the next.

    Attributes:
        room_fen: What is left of each cap, as `Rules.room_fen`.
        losses_fen: Losses towards each breaker, as `Rules.line_fen`.
        still_fen: What each party still bears of each claim, shape (events, parties).
        flows: Results; rows beyond the events of the run are of an earlier one.
    """

    room_fen: Integers
    losses_fen: Integers
    still_fen: Integers
    flows: Flows


def make_scratch(rules: Rules, events_n: int) -> Scratch:
    """Room for runs of up to so many events.

    Args:
        rules: Bounds of the scheme.
        events_n: Most events of a run.
    """
    shape = (events_n, rules.spill.size)
    flows = Flows(
        np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.zeros(shape[0], np.int64)
    )
    losses = np.zeros(rules.line_fen.size, np.int64)
    return Scratch(rules.room_fen.copy(), losses, np.zeros(shape, np.int64), flows)


def split_stream(loans: Loans, events: Events, rules: Rules) -> Flows:
    """Who pays what, event by event; the answers of `split_stream_plain`, compiled.

    Args:
        loans: The book.
        events: Claims and recoveries in the order of time.
        rules: Bounds of the scheme, see `build_rules`.

    Returns:
        Parts of each event; those of a claim add to the loss exactly.
    """
    scratch = make_scratch(rules, events.loan.size)
    run_events(loans, events, rules, scratch)
    return scratch.flows


@njit(cache=True)
def run_events(loans: Loans, events: Events, rules: Rules, scratch: Scratch) -> None:
    """One run, for use inside a simulation. Leaves its state in `scratch`; see `reset`.

    Args:
        loans: The book.
        events: Events of the scenario, in the order of time.
        rules: Bounds of the scheme.
        scratch: Fresh from `make_scratch`, or after `reset`.
    """
    room, paid, cause = scratch.room_fen, scratch.flows.paid_fen, scratch.flows.cause
    still, losses = scratch.still_fen, scratch.losses_fen
    limit, spill = loans.limit_fen, rules.spill
    caps = (rules.cap_scope, rules.cap_period, rules.cap_at)
    breakers = (rules.breaker_scope, rules.breaker_period, rules.breaker_at)
    entry, line = np.empty(rules.cap_at.size, np.int64), np.empty(rules.breaker_at.size, np.int64)
    cap_party, opened = rules.cap_party, -1
    for e in range(events.loan.size):
        loan, year, loss = events.loan[e], events.year[e], events.amount_fen[e]
        while opened < year:
            opened += 1
            for c in range(cap_party.size):
                room[rules.cap_at[c]] += rules.inflow_fen[c, opened]
        when = (year, loans.cohort[loan], rules.years_n)
        _find_entries(entry, caps, loans.key[loan], when)
        cause[e, :] = 0
        if events.claim[e] >= 0:
            _recover(events, rules, scratch, entry, e)
            continue
        scratch.flows.unplaced_fen[e] = 0
        _share_out(loans.share_ppm[loan], paid[e], still[e], loss)
        _find_entries(line, breakers, loans.key[loan], when)
        for b in range(line.size):
            counted = loss * loans.in_scope[loan]
            losses[line[b]] += counted
            if losses[line[b]] - counted * rules.breaker_before[b] > rules.line_fen[line[b]]:
                _stop(cause[e], rules.stops[b], b)
        for j in range(spill.size):
            most, why = limit[loan, j], 1
            for c in range(cap_party.size):
                if cap_party[c] == j and room[entry[c]] < most:
                    most, why = room[entry[c]], 2 + c
            if cause[e, j] > 0:
                most, why = 0, cause[e, j]
                cause[e, j] = 0
            if paid[e, j] > most:
                paid[e, spill[j]] += paid[e, j] - most
                paid[e, j], cause[e, j] = most, why
            for c in range(cap_party.size):
                if cap_party[c] == j:
                    room[entry[c]] -= paid[e, j]
            still[e, j] = paid[e, j]


@njit(cache=True)
def _stop(cause: Integers, stops: Integers, b: int) -> None:
    """Mark the parties that a breaker stops, unless an earlier one did."""
    for j in range(cause.size):
        if stops[j] and cause[j] == 0:
            cause[j] = 1000 + b


@njit(cache=True)
def _find_entries(
    entry: Integers,
    bounds: tuple[Integers, Integers, Integers],
    key: Integers,
    when: tuple[int, int, int],
) -> None:
    """Place of each bound (scope, period, first place) for a loan's keys in a year."""
    scope, period, start = bounds
    year, cohort, years_n = when
    for c in range(entry.size):
        own = key[scope[c]]
        if period[c] != LIFE:
            own = own * years_n + (year if period[c] == YEAR else cohort)
        entry[c] = start[c] + own


@njit(cache=True)
def _share_out(share: Integers, parts: Integers, left: Integers, loss: int) -> None:
    """Parts of a loss by largest remainder; `left` is overwritten."""
    short = loss
    for j in range(parts.size):
        product = loss * share[j]
        parts[j] = product // PPM
        left[j] = product - parts[j] * PPM
        short -= parts[j]
    _hand_out(parts, left, short)


@njit(cache=True)
def reset(loans: Loans, events: Events, rules: Rules, scratch: Scratch) -> None:
    """Undo a run, in time that depends on its events and not on the size of the book.

    Args:
        loans: The book.
        events: Events of the run.
        rules: Bounds of the scheme.
        scratch: Its state.
    """
    for c in range(rules.cap_at.size):
        scratch.room_fen[rules.cap_at[c]] = rules.room_fen[rules.cap_at[c]]
    caps = (rules.cap_scope, rules.cap_period, rules.cap_at)
    breakers = (rules.breaker_scope, rules.breaker_period, rules.breaker_at)
    entry, line = np.empty(rules.cap_at.size, np.int64), np.empty(rules.breaker_at.size, np.int64)
    for e in range(events.loan.size):
        loan = events.loan[e]
        when = (events.year[e], loans.cohort[loan], rules.years_n)
        _find_entries(entry, caps, loans.key[loan], when)
        _find_entries(line, breakers, loans.key[loan], when)
        for c in range(entry.size):
            scratch.room_fen[entry[c]] = rules.room_fen[entry[c]]
        for b in range(line.size):
            scratch.losses_fen[line[b]] = 0


@njit(cache=True)
def _hand_out(parts: Integers, left: Integers, short: int) -> None:
    """One fen each to the largest remainders; the earlier part on a tie."""
    for _ in range(short):
        best = 0
        for j in range(1, left.size):
            if left[j] > left[best]:
                best = j
        parts[best] += 1
        left[best] = -1


@njit(cache=True)
def _recover(events: Events, rules: Rules, scratch: Scratch, entry: Integers, e: int) -> None:
    rest = events.amount_fen[e]
    got, still = scratch.flows.paid_fen[e], scratch.still_fen[events.claim[e]]
    got[:] = 0
    left = scratch.still_fen[e]
    for rank in range(rules.rank.max() + 1):
        total = 0
        for j in range(got.size):
            total += still[j] if rules.rank[j] == rank else 0
        take = min(rest, total)
        if take <= 0:
            continue
        short = take
        for j in range(got.size):
            left[j] = -1
            if rules.rank[j] == rank:
                got[j], left[j] = _divide(take, still[j], total)
                short -= got[j]
        _hand_out(got, left, short)
        rest -= take
    for j in range(got.size):
        still[j] -= got[j]
    left[:] = 0
    scratch.flows.unplaced_fen[e] = rest
    for c in range(rules.cap_at.size):
        if rules.cap_refilled[c]:
            scratch.room_fen[entry[c]] += got[rules.cap_party[c]]


@njit(cache=True)
def _divide(a: int, b: int, c: int) -> tuple[int, int]:
    """`a * b // c` and `a * b % c` without leaving 64 bits: long division, digit by digit."""
    quotient, rest = 0, 0
    for digit in range(DIGITS - 1, -1, -1):
        step = (rest << DIGIT) + a * ((b >> (digit * DIGIT)) & MASK)
        quotient = (quotient << DIGIT) + step // c
        rest = step % c
    return quotient, rest
