"""Array kernel of scoring by bins: points of a million rows in a blink. Needs Numba."""

import numpy as np
from numba import njit, prange

from techflow.basics import Floats

BLOCK_ROWS_N = 2048
"""Rows worked on at a time: their totals stay in the nearest cache."""
LANE = 8
"""Edges worked on in one pass over a block; pad with NaN, which no number reaches."""


@njit(cache=True, parallel=True)
def add_points(x: Floats, edges: Floats, steps: Floats, unknown: Floats) -> Floats:
    """Sum over the features of the points of the bin that each row falls into.

    Points are multiples of 2^-20 and small, so their sums are exact in any order: adding the
    step at each edge that was reached gives the same number as looking the bin up, and runs
    many rows abreast.

    Args:
        x: Features by row, shape (p, n), each row contiguous; NaN is unknown.
        edges: Rising edges, then NaN, shape (p, a multiple of `LANE`).
        steps: Points of the bin above each edge less those of the bin below; 0 beyond.
        unknown: Points of the unknown less those of the first bin, shape (p,).

    Returns:
        Shape (n,): points over the first bins' sum.
    """
    p, n = x.shape
    total = np.zeros(n)
    for block in prange((n + BLOCK_ROWS_N - 1) // BLOCK_ROWS_N):
        start = block * BLOCK_ROWS_N
        stop = min(n, start + BLOCK_ROWS_N)
        own = np.zeros(stop - start)
        for j in range(p):
            column = x[j, start:stop]
            for k in range(0, edges.shape[1], LANE):
                missing = unknown[j] if k == 0 else 0.0
                _add_lane(own, column, edges[j, k : k + LANE], steps[j, k : k + LANE], missing)
        total[start:stop] = own
    return total


@njit(cache=True, inline="always")
def _add_lane(own: Floats, column: Floats, edge: Floats, step: Floats, missing: float) -> None:
    """Add the steps at eight edges; written out, so that the compiler compares rows abreast."""
    e0, e1, e2, e3, e4, e5, e6, e7 = (
        edge[0], edge[1], edge[2], edge[3], edge[4], edge[5], edge[6], edge[7]
    )  # fmt: skip
    s0, s1, s2, s3, s4, s5, s6, s7 = (
        step[0], step[1], step[2], step[3], step[4], step[5], step[6], step[7]
    )  # fmt: skip
    for r in range(own.size):
        v = column[r]
        a = (s0 if v >= e0 else 0.0) + (s1 if v >= e1 else 0.0)
        b = (s2 if v >= e2 else 0.0) + (s3 if v >= e3 else 0.0)
        c = (s4 if v >= e4 else 0.0) + (s5 if v >= e5 else 0.0)
        d = (s6 if v >= e6 else 0.0) + (s7 if v >= e7 else 0.0)
        own[r] += (a + b) + (c + d) + (missing if v != v else 0.0)
