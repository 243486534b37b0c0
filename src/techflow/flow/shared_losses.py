"""A scheme inside the simulation: who pays in each world, and which cap or breaker stopped them.

Needs the extra `simulate`.
"""

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from techflow.basics import Floats, InvalidInput
from techflow.basics.lanes import uniform
from techflow.pool.book import Events, Flows, Integers, Loans, Rules
from techflow.pool.kernel import Scratch, reset, run_events
from techflow.pool.numbers import FEN_MOST
from techflow.portfolio.factors import scenario_key, stream_key
from techflow.portfolio.loss import draw_scenario, scratch_of
from techflow.portfolio.plan import LossPlan

_DAY, DAYS_N, BLOCK_N = 7, 365, 32
_BREAKER = 1000

parallel = numba.njit(cache=True, parallel=True, error_model="numpy")
kernel = numba.njit(cache=True, error_model="numpy")


class SharedLosses(NamedTuple):
    """Losses of one year by party, in each world.

    Attributes:
        paid_fen: Shape (scenarios, parties); rows sum to the loss, each default in whole fen.
        cap_hit: A cap or purse kept its party from its part, shape (scenarios, caps).
        breaker_hit: A breaker stopped a party, shape (scenarios, breakers).
    """

    paid_fen: Integers
    cap_hit: NDArray[np.bool_]
    breaker_hit: NDArray[np.bool_]


def share_losses(
    plan: LossPlan, factors: Floats, pool: tuple[Loans, Rules], *, seed: int, first: int = 0
) -> SharedLosses:
    """Losses of the worlds of `simulate_losses` through a scheme.

    Each default claims once, in the first year of the scheme, on a day of its own: claims come in
    the order of days, those of one day in the order of the plan.

    Args:
        plan: The book, see `plan_losses`.
        factors: Shape (scenarios, factors).
        pool: The same loans in the same order as the pool sees them, and the bounds of a scheme
            over them, see `build_rules`.
        seed: Seed, 0 or more.
        first: Number of the first scenario; neither chunks nor threads change a figure.

    Returns:
        Who pays, and what stopped whom.

    Raises:
        InvalidInput: Loans do not fit the plan, or an exposure is too large to share exactly.

    Source:
        The split of each claim: `techflow.pool.kernel`; the draws: `techflow.portfolio.loss`.
    """
    loans, rules = pool
    if len(loans.cohort) != len(plan.firm):
        raise InvalidInput(
            f"loans: expected a row for each of {len(plan.firm)} firms of the book, in its order; "
            f"got {len(loans.cohort)}"
        )
    if float(plan.ead_cny.max()) * 100 > FEN_MOST:
        raise InvalidInput(
            f"ead_cny: expected at most {FEN_MOST / 100:.6g}, to share exactly; got "
            f"{plan.ead_cny.max():.6g}"
        )
    worlds = np.ascontiguousarray(factors, np.float64)
    runs_n = len(worlds)
    found = SharedLosses(
        np.zeros((runs_n, rules.spill.size), np.int64),
        np.zeros((runs_n, rules.cap_party.size), np.bool_),
        np.zeros((runs_n, rules.breaker_at.size), np.bool_),
    )
    own = Loans(*(np.ascontiguousarray(column[plan.firm]) for column in loans))
    _share_all(plan, (worlds, np.uint64(seed), first), own, rules, found)
    return found


@kernel
def _pool_room(plan, rules):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    n, parties_n = len(plan.firm), rules.spill.size
    paid, cause = np.empty((n, parties_n), np.int64), np.empty((n, parties_n), np.int64)
    flows = Flows(paid, cause, np.empty(n, np.int64))
    losses, still = np.zeros(rules.line_fen.size, np.int64), np.empty((n, parties_n), np.int64)
    return Scratch(rules.room_fen.copy(), losses, still, flows)


@kernel
def _pick_room(loans):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    n, parties_n = loans.share_ppm.shape
    shape, keys = (n, parties_n), (n, loans.key.shape[1])
    share, limit = np.empty(shape, np.int64), np.empty(shape, np.int64)
    return Loans(
        share, limit, np.empty(keys, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    )


@kernel
def _pick_loans(loans, hit, n, few):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Loans that default, beside each other: claims reach them in any order."""
    for k in range(n):
        i = hit[k]
        for j in range(loans.share_ppm.shape[1]):
            few.share_ppm[k, j], few.limit_fen[k, j] = loans.share_ppm[i, j], loans.limit_fen[i, j]
        for j in range(loans.key.shape[1]):
            few.key[k, j] = loans.key[i, j]
        few.cohort[k], few.in_scope[k] = loans.cohort[i], loans.in_scope[i]


@kernel
def _order_claims(key, plan, n, scratch, room):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Claims of one world in the order of days, by counting."""
    hit, loss = scratch[1], scratch[5]
    day, place, claims = room
    place[:] = 0
    for k in range(n):
        day[k] = np.int64(uniform(key, plan.firm[hit[k]]) * DAYS_N)
        place[day[k] + 1] += 1
    for d in range(DAYS_N):
        place[d + 1] += place[d]
    for k in range(n):
        at = place[day[k]]
        place[day[k]] = at + 1
        claims.loan[at] = k
        claims.amount_fen[at] = np.int64(loss[k] * 100 + 0.5)


@kernel
def _note_world(n, flows, found, s):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    for e in range(n):
        for j in range(flows.paid_fen.shape[1]):
            found.paid_fen[s, j] += flows.paid_fen[e, j]
            cause = flows.cause[e, j]
            if cause >= _BREAKER:
                found.breaker_hit[s, cause - _BREAKER] = True
            elif cause >= 2:
                found.cap_hit[s, cause - 2] = True


@parallel
def _share_all(plan, run, loans, rules, found):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    worlds, seed, first = run
    firms_n, runs_n = len(plan.firm), len(worlds)
    for block in numba.prange((runs_n + BLOCK_N - 1) // BLOCK_N):
        scratch, share, few = scratch_of(plan), _pool_room(plan, rules), _pick_room(loans)
        none = np.zeros(firms_n, np.int64)
        claims = Events(np.empty(firms_n, np.int64), np.empty(firms_n, np.int64), none, none - 1)
        room = np.empty(firms_n, np.int64), np.empty(DAYS_N + 1, np.int64), claims
        for s in range(block * BLOCK_N, min((block + 1) * BLOCK_N, runs_n)):
            key = scenario_key(seed, first + s)
            n = draw_scenario(plan, worlds[s], key, scratch)
            _pick_loans(loans, scratch[1], n, few)
            _order_claims(stream_key(key, _DAY), plan, n, scratch, room)
            events = Events(
                claims.loan[:n], claims.amount_fen[:n], claims.year[:n], claims.claim[:n]
            )
            run_events(few, events, rules, share)
            _note_world(n, share.flows, found, s)
            reset(few, events, rules, share)
