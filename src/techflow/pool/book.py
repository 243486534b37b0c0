"""A book of loans and a stream of claims as whole-number arrays, for the sequential split."""

from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from techflow.basics import InvalidInput
from techflow.pool.numbers import PPM, Said, Slot, to_fen, to_ppm
from techflow.pool.scheme import Cap, Scheme

Integers = NDArray[np.int64]
SCOPES = ("scheme", "firm", "bank", "guarantor")
PERIODS = ("life", "year", "cohort")
LIFE, YEAR, COHORT = 0, 1, 2
NO_CAP = 2**62
"""Room of a party that nothing bounds."""


class Loans(NamedTuple):
    """Loans, one row each.

    Attributes:
        share_ppm: Share of each party, adding to a million, shape (loans, parties).
        limit_fen: Cap per loan of each party, `NO_CAP` if none, shape (loans, parties).
        key: Number of each loan's scheme (0), firm, bank and guarantor, shape (loans, 4).
        cohort: Year of filing from 0, shape (loans,).
        in_scope: 1 if its losses count towards breakers, 0 if it is outside the scheme.
    """

    share_ppm: Integers
    limit_fen: Integers
    key: Integers
    cohort: Integers
    in_scope: Integers


class Events(NamedTuple):
    """Claims and recoveries in the order of time; a loan claims once.

    Attributes:
        loan: Row of the loan, shape (events,).
        amount_fen: Loss claimed, or amount recovered after costs; 0 or more.
        year: Year from 0, never falling.
        claim: -1 for a claim; for a recovery the number of the claim's event.
    """

    loan: Integers
    amount_fen: Integers
    year: Integers
    claim: Integers


class Rules(NamedTuple):
    """Bounds of a scheme over a book. Caps come first, purses after.

    Attributes:
        spill: Later party that takes what is kept from each; -1 for the last, shape (parties,).
        rank: Rank in recoveries from 0, shape (parties,).
        cap_party: Party of each cap, shape (caps,).
        cap_scope: Place of its scope in `SCOPES`, shape (caps,).
        cap_period: Place of its period in `PERIODS`, shape (caps,).
        cap_at: First entry of each cap in `room_fen`, shape (caps,).
        cap_refilled: 1 if recoveries fill it up again, shape (caps,).
        room_fen: What may be paid, by cap, key and year.
        inflow_fen: Paid into each cap at the start of each year, shape (caps, years).
        breaker_scope: Place of its scope in `SCOPES`, shape (breakers,).
        breaker_period: Place of its period in `PERIODS`, shape (breakers,).
        breaker_at: First entry of each breaker in `line_fen`, shape (breakers,).
        breaker_before: 1 if the claim that passes the line is still paid, shape (breakers,).
        stops: 1 where a breaker stops a party, shape (breakers, parties).
        line_fen: Losses at which payment still goes on, by breaker, key and year.
        years_n: Years.
    """

    spill: Integers
    rank: Integers
    cap_party: Integers
    cap_scope: Integers
    cap_period: Integers
    cap_at: Integers
    cap_refilled: Integers
    room_fen: Integers
    inflow_fen: Integers
    breaker_scope: Integers
    breaker_period: Integers
    breaker_at: Integers
    breaker_before: Integers
    stops: Integers
    line_fen: Integers
    years_n: int


class Flows(NamedTuple):
    """What each party pays.

    Attributes:
        paid_fen: Paid (claims) or got back (recoveries, as a positive number), shape
            (events, parties).
        cause: What kept each party from its part: 0 nothing, 1 its cap per loan, 2 + c the cap c,
            1000 + b the breaker b, shape (events, parties).
        unplaced_fen: Recovered beyond all that was borne, shape (events,).
    """

    paid_fen: Integers
    cause: Integers
    unplaced_fen: Integers


def build_rules(scheme: Scheme, loans: Loans, filed_fen: Integers, *, years_n: int) -> Rules:
    """The bounds of a settled scheme over a book.

    Args:
        scheme: Settled and checked.
        loans: The book.
        filed_fen: Principal of each loan in the scheme, 0 outside, shape (loans,).
        years_n: Years that filings and claims span.

    Raises:
        InvalidInput: Arrays do not fit each other.
    """
    rows = [len(column) for column in (*loans, filed_fen)]
    if len(set(rows)) > 1:
        raise InvalidInput(f"loans and filed_fen must have a row for each loan; got {rows}")
    order = [party.id for party in scheme.parties]
    caps = [cap for cap in scheme.caps if cap.scope != "loan"]
    rooms = [_room(cap, order, loans, filed_fen, years_n) for cap in caps]
    lines = [_line(b.scope, _value(b.rate), loans, filed_fen, years_n) for b in scheme.breakers]
    inflow = np.zeros((len(caps), years_n), np.int64)
    purses = _purses(scheme, years_n)
    rooms += [np.zeros(1, np.int64) for _ in purses]
    inflow = np.vstack([inflow, *purses.values()])
    return Rules(
        spill=_whole(order.index(x.spill) if x.spill else -1 for x in scheme.layers),
        rank=_whole(_rank(scheme, party) for party in order),
        cap_party=_whole([*(order.index(cap.party) for cap in caps), *map(order.index, purses)]),
        cap_scope=_whole([*(SCOPES.index(cap.scope) for cap in caps), *(0 for _ in purses)]),
        cap_period=_whole([*(PERIODS.index(cap.period) for cap in caps), *(LIFE for _ in purses)]),
        cap_at=_offsets(rooms),
        cap_refilled=_whole([*(0 for _ in caps), *(1 for _ in purses)]),
        room_fen=np.concatenate([np.zeros(0, np.int64), *rooms]),
        inflow_fen=inflow,
        breaker_scope=_whole(SCOPES.index(b.scope) for b in scheme.breakers),
        breaker_period=_whole(PERIODS.index(b.period) for b in scheme.breakers),
        breaker_at=_offsets(lines),
        breaker_before=_whole(b.counts == "before_claim" for b in scheme.breakers),
        stops=np.array(
            [[party in b.stops for party in order] for b in scheme.breakers], np.int64
        ).reshape(-1, len(order)),
        line_fen=np.concatenate([np.zeros(0, np.int64), *lines]),
        years_n=years_n,
    )


def _whole(values: object) -> Integers:
    return np.array([int(value) for value in values], dtype=np.int64)  # type: ignore[attr-defined]


def _value(slot: Slot | None) -> Fraction:
    if not isinstance(slot, Said):
        raise InvalidInput("settle the scheme first")
    return slot.value


def _rank(scheme: Scheme, party: str) -> int:
    return next(at for at, group in enumerate(scheme.recovery) if party in group)


def _offsets(parts: list[Integers]) -> Integers:
    return np.cumsum([0, *(part.size for part in parts)])[:-1].astype(np.int64)


def _purses(scheme: Scheme, years_n: int) -> dict[str, Integers]:
    """What is paid into the purse of each party by year."""
    found: dict[str, Integers] = {}
    for fund in scheme.funding:
        row = found.setdefault(fund.party, np.zeros(years_n, np.int64))
        row[0] += to_fen(fund.source, _value(fund.amount))
        if fund.a_year is not None:
            row[1:] += to_fen(fund.source, _value(fund.a_year))
    return found


def _room(cap: Cap, order: list[str], loans: Loans, fen: Integers, years_n: int) -> Integers:
    yearly = cap.period != "life"
    keys_n = _keys_n(loans, cap.scope)
    if not isinstance(cap.amount, Said) or cap.amount.unit != "share":
        size = keys_n * (years_n if yearly else 1)
        return np.full(size, to_fen(cap.party, _value(cap.amount)), np.int64)
    part = fen * loans.share_ppm[:, order.index(cap.party)] // PPM
    total = _by_key(part, loans, cap.scope, years_n)
    return _rate_of(total if yearly else total.sum(axis=1, keepdims=True), _value(cap.amount))


def _line(scope: str, rate: Fraction, loans: Loans, fen: Integers, years_n: int) -> Integers:
    """Largest whole loss that is not above the rate: losses x den <= filed x num, exactly."""
    return _rate_of(_by_key(fen, loans, scope, years_n), rate)


def _rate_of(total: Integers, rate: Fraction) -> Integers:
    ppm = to_ppm("rate", rate)
    # Split, so that no product leaves 64 bits.
    return (total // PPM * ppm + total % PPM * ppm // PPM).ravel()


def _keys_n(loans: Loans, scope: str) -> int:
    column = loans.key[:, SCOPES.index(scope)]
    return int(column.max()) + 1 if column.size else 1


def _by_key(fen: Integers, loans: Loans, scope: str, years_n: int) -> NDArray[np.int64]:
    """Sum by key and year of filing, shape (keys, years)."""
    total = np.zeros((_keys_n(loans, scope), years_n), np.int64)
    np.add.at(total, (loans.key[:, SCOPES.index(scope)], loans.cohort), fen)
    return total
