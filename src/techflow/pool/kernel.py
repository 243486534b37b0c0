"""Array kernel of the sequential split. Needs Numba.

All amounts are whole fen in 64 bits; nothing is rounded but by largest remainder. Loops over claims
read items and make no view of a row: a view costs more than what is done with it.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from techflow.pool.book import LIFE, YEAR, Events, Flows, Integers, Loans, Rules
from techflow.pool.numbers import PPM
from techflow.pool.recoveries import give_back

BREAKER = 1000
"""Causes from here on are breakers."""

FEW = 64

inline = njit(inline="always")


class Desk(NamedTuple):
    """Room to work out one claim.

    Attributes:
        entry: Places in the rooms, as `own`, shape (caps,).
        own: Caps in the order of their parties, shape (caps,).
        own_at: First of each party in `own`, and the end, shape (parties + 1,).
    """

    entry: Integers
    own: Integers
    own_at: Integers


class Scratch(NamedTuple):
    """State and results of one run, to use again in the next.

    Attributes:
        room_fen: What is left of each cap, as `Rules.room_fen`.
        losses_fen: Losses towards each breaker, as `Rules.line_fen`.
        still_fen: What each party still bears of each claim, shape (events, parties).
        flows: Results; rows beyond the events of the run are of an earlier one.
        desk: Room to work out one claim.
    """

    room_fen: Integers
    losses_fen: Integers
    still_fen: Integers
    flows: Flows
    desk: Desk


@njit(cache=True)
def make_scratch(rules: Rules, events_n: int) -> Scratch:
    """Room for runs of up to so many events.

    Args:
        rules: Bounds of the scheme; a cap whose party is -1 is not looked at.
        events_n: Most events of a run.
    """
    parties_n, caps_n = rules.spill.size, rules.cap_party.size
    own, own_at = np.zeros(caps_n, np.int64), np.zeros(parties_n + 1, np.int64)
    found = 0
    for j in range(parties_n):
        for c in range(caps_n):
            if rules.cap_party[c] == j:
                own[found] = c
                found += 1
        own_at[j + 1] = found
    shape = (events_n, parties_n)
    return Scratch(
        rules.room_fen.copy(),
        np.zeros(rules.line_fen.size, np.int64),
        np.empty(shape, np.int64),
        Flows(np.empty(shape, np.int64), np.empty(shape, np.int64), np.empty(events_n, np.int64)),
        Desk(np.zeros(caps_n, np.int64), own, own_at),
    )


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
    # Arrays that may not be written are a type of their own: compiled anew.
    plain = Loans(*(np.require(field, np.int64, ("C", "W")) for field in loans))
    run_events(plain, events, rules, scratch)
    return scratch.flows


@inline
def _place(bound, own, when):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Place of a bound (first place, period) for a key in a year."""
    (start, period), (year, filed, years_n) = bound, when
    if period != LIFE:
        own = own * years_n + (year if period == YEAR else filed)
    return start + own


@njit(cache=True)
def run_events(loans: Loans, events: Events, rules: Rules, scratch: Scratch) -> None:
    """One run. Leaves its state in `scratch`; see `reset`.

    Args:
        loans: The book.
        events: Events of the run, in the order of time.
        rules: Bounds of the scheme.
        scratch: Fresh from `make_scratch`, or after `reset`.
    """
    claims = (events.loan, events.loan, events.year, events.amount_fen)
    opened, begin, n = -1, np.int64(0), events.loan.size  # a bare 0 is a type of its own
    while begin < n:
        while opened < events.year[begin]:
            opened += 1
            open_year(rules, opened, scratch.room_fen)
        end, paid_back = begin + 1, events.claim[begin] >= 0
        if paid_back:
            results = (scratch.room_fen, scratch.still_fen, scratch.flows)
            give_back(events, loans.key, rules, results, begin)
        else:
            while end < n and events.claim[end] < 0 and events.year[end] == events.year[begin]:
                end += 1
            pay_claims(claims, (begin, end), loans, rules, scratch)
        begin = end


@njit(cache=True)
def open_year(rules: Rules, year: int, room: Integers) -> None:
    """Pay into the purses what comes at the start of a year.

    Args:
        rules: Bounds of the scheme.
        year: From 0.
        room: What is left of each cap.
    """
    for c in range(rules.cap_at.size):
        room[rules.cap_at[c]] += rules.inflow_fen[c, year]


@njit(cache=True)
def pay_claims(
    claims: tuple[Integers, Integers, Integers, Integers],
    span: tuple[np.int64, np.int64],
    loans: Loans,
    rules: Rules,
    scratch: Scratch,
) -> None:
    """Share out claims of one year, one after the other, and take them from the rooms.

    Args:
        claims: Row of the keys, row of the terms, year and loss of each claim.
        span: First claim and end.
        loans: The book: `key` has a row a loan; the others have one a kind, or a loan too.
        rules: Bounds of the scheme.
        scratch: State and results.
    """
    _share_claims(claims, span, loans.share_ppm, scratch)
    _stop_parties(claims, span, loans, rules, scratch)
    _bound_claims(claims, span, loans, rules, scratch)


# No tuple of arrays is made or taken apart inside a loop: each would be counted in and out.
@njit(cache=True)
def _share_claims(claims, span, share, scratch):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Parts of each loss by largest remainder; the earlier part on a tie."""
    _, kinds, _, amounts = claims
    paid, left, unplaced = scratch.flows.paid_fen, scratch.still_fen, scratch.flows.unplaced_fen
    million, parties_n = np.uint64(PPM), share.shape[1]
    for e in range(*span):
        loss, kind = np.uint64(amounts[e]), kinds[e]
        short = amounts[e]
        for j in range(parties_n):
            product = loss * np.uint64(share[kind, j])
            whole = product // million
            left[e, j] = product - whole * million
            paid[e, j] = whole
            short -= np.int64(whole)
        for _ in range(short):
            best = 0
            for j in range(1, parties_n):
                best = j if left[e, j] > left[e, best] else best
            paid[e, best] += 1
            left[e, best] = -1
        unplaced[e] = 0


@njit(cache=True)
def _stop_parties(claims, span, loans, rules, scratch):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Count each loss, and mark the parties that a breaker stops, each by the first."""
    rows, kinds, years, amounts = claims
    losses, cause, key, years_n = scratch.losses_fen, scratch.flows.cause, loans.key, rules.years_n
    start, scope, period = rules.breaker_at, rules.breaker_scope, rules.breaker_period
    line, before, stops = rules.line_fen, rules.breaker_before, rules.stops
    cohort, in_scope, parties_n = loans.cohort, loans.in_scope, rules.spill.size
    for e in range(*span):
        for j in range(parties_n):
            cause[e, j] = 0
        when, counted = (years[e], cohort[kinds[e]], years_n), amounts[e] * in_scope[kinds[e]]
        for b in range(start.size):
            at = _place((start[b], period[b]), key[rows[e], scope[b]], when)
            losses[at] += counted
            if losses[at] - counted * before[b] > line[at]:
                for j in range(parties_n):
                    if stops[b, j] and cause[e, j] == 0:
                        cause[e, j] = BREAKER + b


@njit(cache=True)
def _bound_claims(claims, span, loans, rules, scratch):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Party by party the smallest of cap per loan, caps and purse; the rest goes further."""
    rows, kinds, years, _ = claims
    paid, cause, still = scratch.flows.paid_fen, scratch.flows.cause, scratch.still_fen
    entry, own, own_at = scratch.desk
    room, spill, years_n, parties_n = scratch.room_fen, rules.spill, rules.years_n, rules.spill.size
    start, scope, period = rules.cap_at, rules.cap_scope, rules.cap_period
    limit, key, cohort = loans.limit_fen, loans.key, loans.cohort
    for e in range(*span):
        row, kind = rows[e], kinds[e]
        when = (years[e], cohort[kind], years_n)
        for j in range(parties_n):
            most, why = limit[kind, j], 1
            for k in range(own_at[j], own_at[j + 1]):
                c = own[k]
                at = _place((start[c], period[c]), key[row, scope[c]], when)
                entry[k] = at
                if room[at] < most:
                    most, why = room[at], 2 + c
            if cause[e, j] > 0:
                most, why = 0, cause[e, j]
            own_part = paid[e, j]
            cause[e, j] = why if own_part > most else 0
            if own_part > most:
                paid[e, spill[j]] += own_part - most
                paid[e, j] = own_part = most
            for k in range(own_at[j], own_at[j + 1]):
                room[entry[k]] -= own_part
            still[e, j] = own_part


@njit(cache=True)
def reset(loans: Loans, events: Events, rules: Rules, scratch: Scratch) -> None:
    """Undo a run, in time that depends on its events and not on the size of the book.

    Args:
        loans: The book.
        events: Events of the run.
        rules: Bounds of the scheme.
        scratch: Its state.
    """
    undo_claims((events.loan, events.loan, events.year), loans, rules, scratch)


@njit(cache=True)
def undo_claims(
    claims: tuple[Integers, Integers, Integers], loans: Loans, rules: Rules, scratch: Scratch
) -> None:
    """Make all rooms as they were: one of few places whole, others claim by claim.

    Args:
        claims: Row of the keys, row of the terms and year of each claim of the run.
        loans: The book, as in `pay_claim`.
        rules: Bounds of the scheme.
        scratch: The state.
    """
    caps = (rules.cap_at, rules.cap_scope, rules.cap_period)
    breakers = (rules.breaker_at, rules.breaker_scope, rules.breaker_period)
    for c in range(rules.cap_at.size):
        if rules.cap_party[c] >= 0:
            states = (scratch.room_fen, rules.room_fen, 1)
            _undo(caps, c, (claims, loans, rules.years_n), states)
    for b in range(rules.breaker_at.size):
        states = (scratch.losses_fen, rules.line_fen, 0)
        _undo(breakers, b, (claims, loans, rules.years_n), states)


@njit(cache=True)
def _undo(bounds, c, played, states):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    (starts, scopes, periods), ((rows, kinds, years), loans, years_n) = bounds, played
    (state, fresh, times), key, cohort = states, loans.key, loans.cohort
    start, scope, period = starts[c], scopes[c], periods[c]
    end = starts[c + 1] if c + 1 < starts.size else fresh.size
    # At least a few: a purse is filled in a run without claims too.
    if end - start <= 2 * rows.size + FEW:
        for at in range(start, end):
            state[at] = fresh[at] * times
        return
    for e in range(rows.size):
        when = (years[e], cohort[kinds[e]], years_n)
        at = _place((start, period), key[rows[e], scope], when)
        state[at] = fresh[at] * times
