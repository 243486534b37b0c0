"""The sequential split in plain Python: what the kernel reproduces, and what runs without it."""

import numpy as np

from techflow.pool.apportion import apportion, recover
from techflow.pool.book import LIFE, YEAR, Events, Flows, Loans, Rules


def split_stream_plain(loans: Loans, events: Events, rules: Rules) -> Flows:
    """Who pays what, event by event: shares, caps in order, purses, breakers, recoveries.

    Args:
        loans: The book.
        events: Claims and recoveries in the order of time.
        rules: Bounds of the scheme, see `build_rules`.

    Returns:
        Parts of each event; those of a claim add to the loss exactly.

    Examples:
        >>> one = np.array([0])
        >>> free, none = np.full((1, 2), 2**62), np.zeros(0, int)
        >>> loans = Loans(np.array([[300_000, 700_000]]), free, np.zeros((1, 4), int), one, one)
        >>> rules = Rules(np.array([1, -1]), np.zeros(2, int), *[none] * 6, np.zeros((0, 1), int),
        ...     *[none] * 4, np.zeros((0, 2), int), none, 1)
        >>> split_stream_plain(loans, Events(one, one + 101, one, one - 1), rules).paid_fen
        array([[30, 71]])
    """
    state = _State(loans, rules)
    shape = (events.loan.size, rules.spill.size)
    flows = Flows(np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.zeros(shape[0], int))
    still: dict[int, list[int]] = {}
    columns = (column.tolist() for column in events)
    for e, (loan, amount, year, claim) in enumerate(zip(*columns, strict=True)):
        state.open_years(year)
        if claim < 0:
            still[e], flows.cause[e] = state.claim(loan, amount, year)
            flows.paid_fen[e] = still[e]
            continue
        got = recover(amount, still[claim], rules.rank.tolist())
        still[claim] = [borne - back for borne, back in zip(still[claim], got, strict=True)]
        state.refill(loan, year, got)
        flows.paid_fen[e], flows.unplaced_fen[e] = got, amount - sum(got)
    return flows


class _State:
    """What is left of each cap, and losses towards each breaker."""

    def __init__(self, loans: Loans, rules: Rules) -> None:
        self.loans, self.rules, self.year = loans, rules, -1
        self.room = rules.room_fen.tolist()
        self.losses = [0] * rules.line_fen.size

    def open_years(self, year: int) -> None:
        """What is paid in at the start of each year."""
        for opened in range(self.year + 1, year + 1):
            for c in range(self.rules.cap_at.size):
                if self.rules.inflow_fen[c, opened]:
                    self.room[self.rules.cap_at[c]] += int(self.rules.inflow_fen[c, opened])
        self.year = max(self.year, year)

    def entry(self, c: int, loan: int, year: int) -> int:
        """Place of a loan's room under a cap."""
        key, at = int(self.loans.key[loan, self.rules.cap_scope[c]]), int(self.rules.cap_at[c])
        if self.rules.cap_period[c] == LIFE:
            return at + key
        return at + key * self.rules.years_n + self.when(int(self.rules.cap_period[c]), loan, year)

    def when(self, period: int, loan: int, year: int) -> int:
        """The year that counts: of the claim, or of the loan's filing."""
        return year if period == YEAR else int(self.loans.cohort[loan])

    def claim(self, loan: int, loss: int, year: int) -> tuple[list[int], list[int]]:
        """Parts of a claim and what kept a party from more."""
        held = apportion(loss, self.loans.share_ppm[loan].tolist())
        stopped = self.stopped(loan, loss * int(self.loans.in_scope[loan]), year)
        causes = [0] * len(held)
        for party, part in enumerate(held):
            part = held[party]
            room, cause = self.room_of(party, loan, year)
            if stopped[party]:
                room, cause = 0, stopped[party]
            if part > room:
                held[int(self.rules.spill[party])] += part - room
                held[party], causes[party] = room, cause
            for c in self.caps_of(party):
                self.room[self.entry(c, loan, year)] -= held[party]
        return held, causes

    def caps_of(self, party: int) -> list[int]:
        """The caps of a party."""
        found: list[int] = np.flatnonzero(self.rules.cap_party == party).tolist()
        return found

    def room_of(self, party: int, loan: int, year: int) -> tuple[int, int]:
        """What a party may still pay, and which bound says so; the first on a tie."""
        rooms = [(int(self.loans.limit_fen[loan, party]), 1)]
        rooms += [(self.room[self.entry(c, loan, year)], 2 + c) for c in self.caps_of(party)]
        room, cause = min(rooms)
        return max(room, 0), cause

    def stopped(self, loan: int, loss: int, year: int) -> list[int]:
        """For each party the first breaker that stops it, or 0; adds the loss to the year's."""
        found, rules = [0] * self.rules.spill.size, self.rules
        for b in range(rules.breaker_at.size):
            key = int(self.loans.key[loan, rules.breaker_scope[b]])
            at = int(rules.breaker_at[b]) + key * rules.years_n
            at += self.when(int(rules.breaker_period[b]), loan, year)
            before = self.losses[at]
            self.losses[at] = before + loss
            counted = before if rules.breaker_before[b] else before + loss
            stops = rules.stops[b].tolist()
            if counted > int(rules.line_fen[at]):
                found = [x or (1000 + b if s else 0) for x, s in zip(found, stops, strict=True)]
        return found

    def refill(self, loan: int, year: int, got: list[int]) -> None:
        """Recoveries fill purses up again."""
        for c in np.flatnonzero(self.rules.cap_refilled).tolist():
            self.room[self.entry(c, loan, year)] += got[int(self.rules.cap_party[c])]
