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
    opened = -1
    for e in range(events.loan.size):
        year = events.year[e]
        while opened < year:
            opened += 1
            for c in range(rules.cap_at.size):
                scratch.room_fen[rules.cap_at[c]] += rules.inflow_fen[c, opened]
        scratch.flows.cause[e, :] = 0
        scratch.flows.unplaced_fen[e] = 0
        if events.claim[e] < 0:
            _claim(loans, events, rules, scratch, e)
        else:
            _recover(loans, events, rules, scratch, e)


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
    for e in range(events.loan.size):
        loan, year = events.loan[e], events.year[e]
        for c in range(rules.cap_at.size):
            at = _room_at(loans, rules, c, loan, year)
            scratch.room_fen[at] = rules.room_fen[at]
        for b in range(rules.breaker_at.size):
            scratch.losses_fen[_line_at(loans, rules, b, loan, year)] = 0


@njit(cache=True)
def _room_at(loans: Loans, rules: Rules, c: int, loan: int, year: int) -> int:
    key, at = loans.key[loan, rules.cap_scope[c]], rules.cap_at[c]
    if rules.cap_period[c] == LIFE:
        return int(at + key)
    when = year if rules.cap_period[c] == YEAR else loans.cohort[loan]
    return int(at + key * rules.years_n + when)


@njit(cache=True)
def _line_at(loans: Loans, rules: Rules, b: int, loan: int, year: int) -> int:
    key = loans.key[loan, rules.breaker_scope[b]]
    when = year if rules.breaker_period[b] == YEAR else loans.cohort[loan]
    return int(rules.breaker_at[b] + key * rules.years_n + when)


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
def _claim(loans: Loans, events: Events, rules: Rules, scratch: Scratch, e: int) -> None:
    loan, loss, year = events.loan[e], events.amount_fen[e], events.year[e]
    paid, cause = scratch.flows.paid_fen[e], scratch.flows.cause[e]
    left, short = scratch.still_fen[e], loss
    for j in range(paid.size):
        product = loss * loans.share_ppm[loan, j]
        paid[j] = product // PPM
        left[j] = product % PPM
        short -= paid[j]
    _hand_out(paid, left, short)
    _trip(loans, rules, scratch, (loan, loss, year), cause)
    for j in range(paid.size):
        room, why = _room(loans, rules, scratch, j, (loan, year))
        if cause[j] > 0:
            room, why = 0, cause[j]
            cause[j] = 0
        if paid[j] > room:
            paid[rules.spill[j]] += paid[j] - room
            paid[j] = room
            cause[j] = why
        for c in range(rules.cap_at.size):
            if rules.cap_party[c] == j:
                scratch.room_fen[_room_at(loans, rules, c, loan, year)] -= paid[j]
    scratch.still_fen[e, :] = paid


@njit(cache=True)
def _trip(
    loans: Loans, rules: Rules, scratch: Scratch, claim: tuple[int, int, int], cause: Integers
) -> None:
    """Mark the parties that a breaker stops, and add the loss to the year's."""
    loan, loss, year = claim
    for b in range(rules.breaker_at.size):
        at = _line_at(loans, rules, b, loan, year)
        counted = scratch.losses_fen[at] + (0 if rules.breaker_before[b] else loss)
        scratch.losses_fen[at] += loss
        if counted > rules.line_fen[at]:
            for j in range(cause.size):
                if rules.stops[b, j] and cause[j] == 0:
                    cause[j] = 1000 + b


@njit(cache=True)
def _room(
    loans: Loans, rules: Rules, scratch: Scratch, j: int, at: tuple[int, int]
) -> tuple[int, int]:
    """What a party may still pay, and which bound says so."""
    loan, year = at
    room, why = loans.limit_fen[loan, j], 1
    for c in range(rules.cap_at.size):
        if rules.cap_party[c] == j:
            left = scratch.room_fen[_room_at(loans, rules, c, loan, year)]
            if left < room:
                room, why = left, 2 + c
    return max(room, 0), why


@njit(cache=True)
def _recover(loans: Loans, events: Events, rules: Rules, scratch: Scratch, e: int) -> None:
    loan, rest, year = events.loan[e], events.amount_fen[e], events.year[e]
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
            scratch.room_fen[_room_at(loans, rules, c, loan, year)] += got[rules.cap_party[c]]


@njit(cache=True)
def _divide(a: int, b: int, c: int) -> tuple[int, int]:
    """`a * b // c` and `a * b % c` without leaving 64 bits: long division, digit by digit."""
    quotient, rest = 0, 0
    for digit in range(DIGITS - 1, -1, -1):
        step = (rest << DIGIT) + a * ((b >> (digit * DIGIT)) & MASK)
        quotient = (quotient << DIGIT) + step // c
        rest = step % c
    return quotient, rest
