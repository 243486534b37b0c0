"""Array kernel of recoveries: who gets back how much. Needs Numba."""

from numba import njit

from techflow.pool.book import Integers

DIGIT = 15
DIGITS = 3
"""Products of two amounts are divided in three digits of 15 bits: amounts stay below 2**45."""
MASK = (1 << DIGIT) - 1


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
def give_back(events, key, rules, results, e):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """A recovery makes the groups of the recovery order whole in turn, and fills purses again.

    Args:
        events: Events of the run.
        key: Keys of each loan, see `Loans`.
        rules: Bounds of the scheme.
        results: Rooms, what each party still bears of each claim, and flows.
        e: Number of the event.
    """
    rest, loan, (room, borne, flows) = events.amount_fen[e], events.loan[e], results
    flows.cause[e, :] = 0
    got, still = flows.paid_fen[e], borne[events.claim[e]]
    got[:] = 0
    left = borne[e]
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
    flows.unplaced_fen[e] = rest
    for c in range(rules.cap_at.size):
        if rules.cap_refilled[c]:
            at = rules.cap_at[c] + key[loan, rules.cap_scope[c]]
            room[at] += got[rules.cap_party[c]]


@njit(cache=True)
def _divide(a: int, b: int, c: int) -> tuple[int, int]:
    """`a * b // c` and `a * b % c` without leaving 64 bits: long division, digit by digit."""
    quotient, rest = 0, 0
    for digit in range(DIGITS - 1, -1, -1):
        step = (rest << DIGIT) + a * ((b >> (digit * DIGIT)) & MASK)
        quotient = (quotient << DIGIT) + step // c
        rest = step % c
    return quotient, rest
