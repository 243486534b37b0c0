"""From defaulter to defaulter: the draws that all simulations of a book share.

Needs the extra `simulate`.
"""

import numba
import numpy as np

from techflow.basics.lanes import log, normal_cdf, uniform

JUMPS_N, BLOCK_N = 256, 32
JUMP, LGD, THIN = 1, 2, 3
"""Streams of one scenario."""

kernel = numba.njit(cache=True, error_model="numpy")
parallel = numba.njit(cache=True, parallel=True, error_model="numpy")


@kernel
def fill_jumps(key, first, jumps):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Exponential draws of a stream, from number `first` on."""
    for k in range(len(jumps)):
        jumps[k] = -log(uniform(key, first + k))


@kernel
def _index(loading, z):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    total = 0.0
    for k in range(len(z)):
        total += loading[k] * z[k]
    return total


@kernel
def is_kept(plan, i, cell, draw):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Thinning: a candidate of a cell of unlike PDs defaults if its own PD reaches the draw."""
    y, rest, scale = cell
    return draw * -np.expm1(-1 / scale) < normal_cdf((plan.threshold[i] - y) / rest)


@kernel
def scale_cells(plan, z, span, cells):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """For each cell the index of its group, and the mean of its exponential jumps."""
    index, scale = cells
    group, y = -1, 0.0
    for c in range(*span):
        if plan.cell_group[c] != group:
            group = plan.cell_group[c]
            y = _index(plan.loading[group], z)
        index[c] = y
        scale[c] = (plan.cell_threshold[c] - y) / plan.rest[group]
    # Apart, without a branch. A chance of 1 gives jumps below 1, a chance of 0 beyond any end.
    for c in range(*span):
        scale[c] = -1 / min(log(1 - normal_cdf(scale[c])), -1e-300)
