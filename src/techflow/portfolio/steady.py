"""Losses where loss rates stay: a default costs what it costs in every world.

Then nothing has to be kept of a defaulter but its loss, and a scenario is one pass.
Needs the extra `simulate`.
"""

import numba
import numpy as np

from techflow.basics import Floats
from techflow.basics.lanes import uniform
from techflow.portfolio.factors import scenario_key, stream_key
from techflow.portfolio.jumps import (
    BLOCK_N,
    JUMP,
    JUMPS_N,
    THIN,
    fill_jumps,
    is_kept,
    kernel,
    parallel,
    scale_cells,
)
from techflow.portfolio.plan import LossPlan


def is_steady(plan: LossPlan) -> bool:
    """Whether loss rates follow neither the factors nor the firm's own luck.

    Args:
        plan: The book.
    """
    return plan.wobble == 0 and not bool(plan.tilt.any())


def sum_steady(plan: LossPlan, worlds: Floats, start: tuple[np.uint64, int], out: Floats) -> None:
    """Add the loss of each bucket in each scenario; the same sums as default by default.

    Args:
        plan: The book, see `is_steady`.
        worlds: Factors, shape (scenarios, factors).
        start: Seed, and number of the first scenario.
        out: Zeros, shape (scenarios, buckets); holds yuan afterwards.
    """
    _sum_all(plan, plan.ead_cny * plan.lgd, worlds, start, out)


@kernel
def _sum_cells(plan, loss, world, scratch, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    z, key = world
    jumps, index, scales = scratch
    scale_cells(plan, z, (0, len(plan.cell_group)), (index, scales))
    jump_key, thin_key = stream_key(key, JUMP), stream_key(key, THIN)
    # Unsigned places need no test for being below 0.
    one, full = np.uint64(1), np.uint64(JUMPS_N)
    drawn, used = 0, full
    for c in range(len(plan.cell_group)):
        at, end = plan.cell_since[c] - 1.0, plan.cell_since[c + 1]
        scale, even, bucket = scales[c], plan.cell_even[c], plan.cell_bucket[c]
        group, total = plan.cell_group[c], 0.0
        while True:
            if used == full:
                fill_jumps(jump_key, drawn, jumps)
                drawn, used = drawn + JUMPS_N, np.uint64(0)
            at += 1 + np.floor(jumps[used] * scale)
            used += one
            if at >= end:
                break
            i = np.uint64(at)
            if even or is_kept(plan, i, (index[c], plan.rest[group], scale), uniform(thin_key, i)):
                if bucket >= 0:
                    total += loss[i]
                else:
                    out[plan.bucket[i]] += loss[i]
        if bucket >= 0:
            out[bucket] += total


@parallel
def _sum_all(plan, loss, worlds, start, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    seed, first = start
    cells_n = len(plan.cell_group)
    for block in numba.prange((len(worlds) + BLOCK_N - 1) // BLOCK_N):
        scratch = np.empty(JUMPS_N), np.empty(cells_n), np.empty(cells_n)
        for s in range(block * BLOCK_N, min((block + 1) * BLOCK_N, len(worlds))):
            world = worlds[s], scenario_key(seed, first + s)
            _sum_cells(plan, loss, world, scratch, out[s])
