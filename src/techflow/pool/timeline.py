"""A book in the order of time: claims and recoveries as events, sums of what came of them."""

from collections.abc import Mapping
from typing import NamedTuple

import narwhals.stable.v2 as nw
import numpy as np

from techflow.basics import Frame, InvalidInput
from techflow.pool.apportion import recover
from techflow.pool.book import NO_CAP, SCOPES, Events, Integers, Loans
from techflow.pool.numbers import Said, to_fen
from techflow.pool.scheme import Scheme


class Dated(NamedTuple):
    """Amounts with their days.

    Attributes:
        fen: 0 if there is none, shape (loans,).
        day: Day number, shape (loans,).
        year: Calendar year, shape (loans,).
    """

    fen: Integers
    day: Integers
    year: Integers


class Timeline(NamedTuple):
    """Events with their days.

    Attributes:
        events: Claims and recoveries by day; on a day claims first, then by row of the loan.
        day: Day number of each event.
        first_year: Calendar year that is year 0.
        years_n: Years that filings and events span.
    """

    events: Events
    day: Integers
    first_year: int
    years_n: int


def order_events(claims: Dated, recoveries: Dated, filed_year: Integers) -> Timeline:
    """Claims and recoveries in the order of time.

    Args:
        claims: Loss of each loan.
        recoveries: What came back on each loan, after costs.
        filed_year: Calendar year of filing of each loan.

    Raises:
        InvalidInput: A recovery has no claim.

    Examples:
        >>> claims = Dated(np.array([5, 7]), np.array([3, 1]), np.array([2025, 2025]))
        >>> back = Dated(np.array([0, 2]), np.array([0, 3]), np.array([0, 2026]))
        >>> line = order_events(claims, back, np.array([2024, 2025]))
        >>> line.events.loan.tolist(), line.events.claim.tolist(), line.years_n
        ([1, 0, 1], [-1, -1, 0], 3)
    """
    lost, back = np.flatnonzero(claims.fen > 0), np.flatnonzero(recoveries.fen > 0)
    if not np.isin(back, lost).all():
        raise InvalidInput("a recovery needs a claim of the same loan; got one without")
    loan = np.concatenate([lost, back])
    kind = np.repeat([0, 1], [lost.size, back.size])
    day = np.concatenate([claims.day[lost], recoveries.day[back]])
    amount = np.concatenate([claims.fen[lost], recoveries.fen[back]])
    year = np.concatenate([claims.year[lost], recoveries.year[back]])
    order = np.lexsort((loan, kind, day))
    place = np.full(filed_year.size, -1, np.int64)
    is_claim = kind[order] == 0
    place[loan[order][is_claim]] = np.flatnonzero(is_claim)
    claim = np.where(is_claim, -1, place[loan[order]])
    years = np.concatenate([filed_year, year])
    first = int(years.min()) if years.size else 0
    span = int(years.max()) - first + 1 if years.size else 1
    events = Events(loan[order], amount[order], year[order] - first, claim)
    return Timeline(events, day[order], first, span)


def loans_of(columns: Mapping[str, Integers], scheme: Scheme, filed: Integers) -> Loans:
    """The book as arrays.

    Args:
        columns: `share_<party>_ppm`, `cap_<party>_fen` (`NO_CAP` if none), `in_scope`, and
            numbers from 0 of `firm`, `bank`, `guarantor` where the scheme needs them.
        scheme: The scheme.
        filed: Year of filing from 0.
    """
    parties, zero = [party.id for party in scheme.parties], np.zeros(filed.size, np.int64)
    shares = [columns[f"share_{party}_ppm"] for party in parties]
    limits = [columns.get(f"cap_{party}_fen", zero + NO_CAP) for party in parties]
    keys = [columns.get(scope, zero) for scope in SCOPES]
    share_ppm, limit_fen, key = (np.stack(rows, axis=1) for rows in (shares, limits, keys))
    return Loans(share_ppm, limit_fen, key, filed, columns["in_scope"])


class Purse(NamedTuple):
    """One source of a purse after the claims of a book.

    Attributes:
        source: Who paid in.
        party: Whose purse.
        order: 1 is lost first.
        paid_in_fen: All that was paid in.
        lost_fen: What is gone.
    """

    source: str
    party: str
    order: int
    paid_in_fen: int
    lost_fen: int


def share_purses(scheme: Scheme, net_fen: Mapping[str, int], *, years_n: int) -> list[Purse]:
    """Who of those who paid in lost how much: by order, inside an order by what each paid in.

    Args:
        scheme: Settled and checked.
        net_fen: What each party paid less what it got back.
        years_n: Years of the book.

    Raises:
        InvalidInput: A party is not in `net_fen`.
    """
    found: list[Purse] = []
    for party in dict.fromkeys(fund.party for fund in scheme.funding):
        if party not in net_fen:
            raise InvalidInput(f"net_fen lacks {party}; got {', '.join(net_fen)}")
        funds = [fund for fund in scheme.funding if fund.party == party]
        paid_in = [
            _fen(fund.amount) + (_fen(fund.a_year) * (years_n - 1) if fund.a_year else 0)
            for fund in funds
        ]
        lost = recover(max(net_fen[party], 0), paid_in, [fund.order - 1 for fund in funds])
        found += [
            Purse(fund.source, party, fund.order, own, gone)
            for fund, own, gone in zip(funds, paid_in, lost, strict=True)
        ]
    return found


def _fen(slot: object) -> int:
    if not isinstance(slot, Said):
        raise InvalidInput("settle the scheme first")
    return to_fen("funding", slot.value)


def sum_by_party(payments: Frame) -> Frame:
    """What each party paid and got back by year. Key: `year`, `party`.

    Args:
        payments: `year`, `party`, `kind` (`claim` or `recovery`), `paid_fen`.

    Returns:
        `year`, `party`, `claims_n` it paid on, `paid_fen`, `recovered_fen`, `net_fen`.
    """
    claim = nw.col("kind") == "claim"
    paid = nw.when(claim).then(nw.col("paid_fen")).otherwise(nw.lit(0, nw.Int64()))
    back = nw.when(claim).then(nw.lit(0, nw.Int64())).otherwise(nw.col("paid_fen"))
    marked = payments.with_columns(
        own_paid=paid, own_back=back, own_n=(claim & (nw.col("paid_fen") > 0)).cast(nw.Int64)
    )
    summed = marked.group_by("year", "party").agg(
        claims_n=nw.col("own_n").sum().cast(nw.Int64),
        paid_fen=nw.col("own_paid").sum().cast(nw.Int64),
        recovered_fen=nw.col("own_back").sum().cast(nw.Int64),
    )
    return summed.with_columns(net_fen=nw.col("paid_fen") - nw.col("recovered_fen"))


def count_trips(payments: Frame) -> Frame:
    """How often each bound kept a party from paying. Key: `cause`, `party`, `key`, `bound_year`.

    Args:
        payments: `cause` (0: nothing), `party`, `key`, `bound_year` and day `on`.

    Returns:
        The key, `claims_n` and `first_on`.
    """
    held = payments.filter(nw.col("cause") > 0)
    return held.group_by("cause", "party", "key", "bound_year").agg(
        claims_n=nw.col("on").count().cast(nw.Int64), first_on=nw.col("on").min()
    )
