"""Losses of a book in many worlds; the cost is that of the defaults, not of the firms.

Needs the extra `simulate`. Random numbers are a function of seed, scenario and count alone:
neither threads nor chunks can change a figure.
"""

from typing import NamedTuple

import numba
import numpy as np

from techflow.basics import Floats, InvalidInput
from techflow.basics.lanes import normal_cdf, normal_centre, normal_tail, uniform
from techflow.portfolio.factors import scenario_key, stream_key
from techflow.portfolio.jumps import (
    BLOCK_N,
    JUMP,
    JUMPS_N,
    LGD,
    THIN,
    fill_jumps,
    is_kept,
    kernel,
    parallel,
    scale_cells,
)
from techflow.portfolio.plan import Ints, LossPlan
from techflow.portfolio.steady import is_steady, sum_steady

_CENTRE = 0.5 - 0.02425


class DefaultStream(NamedTuple):
    """Each default of each scenario: what a scheme of sharing needs where it looks at loans.

    Attributes:
        since: Where each scenario begins, and the end, shape (scenarios + 1,).
        firm: Place of the firm in the book, shape (defaults,).
        loss_cny: Its loss, shape (defaults,).
    """

    since: Ints
    firm: Ints
    loss_cny: Floats


def simulate_losses(plan: LossPlan, factors: Floats, *, seed: int, first: int = 0) -> Floats:
    """Loss of each bucket in each scenario.

    Args:
        plan: The book, see `plan_losses`.
        factors: Independent standard normal factors, see `draw_factors`, or any other worlds:
            tied to a stress, shifted to a tail, from Sobol points; shape (scenarios, factors).
        seed: Seed, 0 or more.
        first: Number of the first scenario.

    Returns:
        Yuan, shape (scenarios, buckets). A scheme turns it into losses by party; sums over
        buckets are the losses of the book.

    Raises:
        InvalidInput: The factors do not fit the loadings.

    Source:
        Given the factors, firms of a cell default independently with one probability, and the
        next defaulter is a geometric jump away (Devroye 1986, Non-uniform random variate
        generation, ch. X.2); where PDs in a cell differ, by thinning from the highest.

    Examples:
        >>> from techflow.portfolio.factors import draw_factors
        >>> from techflow.portfolio.plan import Loans, plan_losses
        >>> zero = np.zeros(4, np.int64)
        >>> loans = Loans(np.ones(4), np.full(4, 100.0), np.full(4, 0.5), zero, zero)
        >>> plan = plan_losses(loans, np.array([[0.4]]))
        >>> simulate_losses(plan, draw_factors(2, 1, seed=1), seed=1).tolist()
        [[200.0], [200.0]]
    """
    worlds = _worlds(plan, factors)
    out = np.zeros((len(worlds), plan.buckets_n))
    if is_steady(plan):
        sum_steady(plan, worlds, (np.uint64(seed), first), out)
    else:
        _sum_all(plan, worlds, np.uint64(seed), first, out)
    return out


def draw_defaults(plan: LossPlan, factors: Floats, *, seed: int, first: int = 0) -> DefaultStream:
    """Each default with its loss, of the same scenarios as `simulate_losses`.

    Args:
        plan: The book.
        factors: As in `simulate_losses`.
        seed: Seed, 0 or more.
        first: Number of the first scenario; run in chunks, a stream is long.

    Returns:
        The stream; its sums by scenario and bucket are those of `simulate_losses`.

    Raises:
        InvalidInput: The factors do not fit the loadings.
    """
    worlds = _worlds(plan, factors)
    counts = np.zeros(len(worlds), np.int64)
    _count_all(plan, worlds, np.uint64(seed), first, counts)
    since = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    firm, loss = np.empty(since[-1], np.int64), np.empty(since[-1])
    _list_all(plan, worlds, (np.uint64(seed), first), since, (firm, loss))
    return DefaultStream(since, plan.firm[firm], loss)


def _worlds(plan: LossPlan, factors: Floats) -> Floats:
    if np.ndim(factors) != 2 or factors.shape[1] != plan.loading.shape[1]:
        raise InvalidInput(
            f"factors: expected shape (scenarios, {plan.loading.shape[1]}), as the loadings; got "
            f"{np.shape(factors)}"
        )
    return np.ascontiguousarray(factors, np.float64)


@kernel
def scratch_of(plan):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Room for one scenario.

    Jumps, defaulters, their centres and exposures, deviates, losses; of cells the index, scale
    and where their defaulters end.
    """
    n, cells_n = len(plan.firm), len(plan.cell_group)
    hit, until = np.empty(n, np.int64), np.empty(cells_n, np.int64)
    cells = np.empty(cells_n), np.empty(cells_n), until
    return np.empty(JUMPS_N), hit, np.empty(n), np.empty(n), np.empty(n), np.empty(n), cells


@kernel
def _place_defaults(plan, z, key, span, scratch):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Defaulters of a span of cells in one scenario, in the order of the plan; returns how many."""
    jumps, hit, centre, ead = scratch[:4]
    index, scales, until = scratch[6]
    scale_cells(plan, z, span, (index, scales))
    jump_key, thin_key = stream_key(key, JUMP), stream_key(key, THIN)
    # Unsigned places need no test for being below 0.
    one, found, full = np.uint64(1), np.uint64(0), np.uint64(JUMPS_N)
    drawn, used = 0, full
    for c in range(*span):
        at, end = plan.cell_since[c] - 1.0, plan.cell_since[c + 1]
        scale, even = scales[c], plan.cell_even[c]
        group, y = plan.cell_group[c], index[c]
        tilt, rest = plan.tilt[group] * y, plan.rest[group]
        while True:
            if used == full:
                fill_jumps(jump_key, drawn, jumps)
                drawn, used = drawn + JUMPS_N, np.uint64(0)
            at += 1 + np.floor(jumps[used] * scale)
            used += one
            if at >= end:
                break
            i = np.uint64(at)
            if even or is_kept(plan, i, (y, rest, scale), uniform(thin_key, i)):
                hit[found] = i
                centre[found], ead[found] = plan.pair[i, 0] - tilt, plan.pair[i, 1]
                found += one
        until[c] = found
    return np.int64(found)


@kernel
def _fill_deviates(key, n, chance, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    for k in range(n):
        chance[k] = uniform(key, k)
        out[k] = normal_centre(chance[k])
    # One draw in twenty; apart, so that the loop above has no branch.
    for k in range(n):
        if abs(chance[k] - 0.5) > _CENTRE:
            tail = normal_tail(min(chance[k], 1 - chance[k]))
            out[k] = tail if chance[k] < 0.5 else -tail


@kernel
def _price_defaults(plan, key, n, scratch):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    hit, centre, ead, deviate, loss = scratch[1:6]
    if plan.wobble > 0:
        wobble = plan.wobble
        _fill_deviates(stream_key(key, LGD), n, loss, deviate)
        for k in range(n):
            loss[k] = ead[k] * normal_cdf(centre[k] - wobble * deviate[k])
    elif np.any(plan.tilt > 0):
        for k in range(n):
            loss[k] = ead[k] * normal_cdf(centre[k])
    else:
        for k in range(n):
            loss[k] = ead[k] * plan.lgd[hit[k]]


@kernel
def draw_scenario(plan, z, key, scratch):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Defaulters and losses of one scenario into the scratch; returns how many."""
    return draw_cells(plan, z, key, (0, len(plan.cell_group)), scratch)


@kernel
def draw_cells(plan, z, key, span, scratch):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """As `draw_scenario`, of the cells from the first of `span` to below its last."""
    n = _place_defaults(plan, z, key, span, scratch)
    _price_defaults(plan, key, n, scratch)
    return n


@kernel
def _sum_buckets(plan, scratch, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    hit, loss, until = scratch[1], scratch[5], scratch[6][2]
    j, one = np.uint64(0), np.uint64(1)
    for c in range(len(until)):
        bucket, total, end = plan.cell_bucket[c], 0.0, np.uint64(until[c])
        while bucket >= 0 and j < end:
            total += loss[j]
            j += one
        while j < end:
            out[plan.bucket[hit[j]]] += loss[j]
            j += one
        if bucket >= 0:
            out[bucket] += total


@parallel
def _sum_all(plan, worlds, seed, first, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    for block in numba.prange((len(worlds) + BLOCK_N - 1) // BLOCK_N):
        scratch = scratch_of(plan)
        for s in range(block * BLOCK_N, min((block + 1) * BLOCK_N, len(worlds))):
            draw_scenario(plan, worlds[s], scenario_key(seed, first + s), scratch)
            _sum_buckets(plan, scratch, out[s])


@parallel
def _count_all(plan, worlds, seed, first, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    for block in numba.prange((len(worlds) + BLOCK_N - 1) // BLOCK_N):
        scratch = scratch_of(plan)
        for s in range(block * BLOCK_N, min((block + 1) * BLOCK_N, len(worlds))):
            key, span = scenario_key(seed, first + s), (0, len(plan.cell_group))
            out[s] = _place_defaults(plan, worlds[s], key, span, scratch)


@parallel
def _list_all(plan, worlds, start, since, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    seed, first = start
    firm, loss = out
    for block in numba.prange((len(worlds) + BLOCK_N - 1) // BLOCK_N):
        scratch = scratch_of(plan)
        for s in range(block * BLOCK_N, min((block + 1) * BLOCK_N, len(worlds))):
            n = draw_scenario(plan, worlds[s], scenario_key(seed, first + s), scratch)
            firm[since[s] : since[s] + n] = scratch[1][:n]
            loss[since[s] : since[s] + n] = scratch[5][:n]
