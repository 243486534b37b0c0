"""Array kernels of binning: codes, counts and the exact dynamic programme. Needs Numba."""

import numpy as np
from numba import njit, prange

from techflow.basics import Floats

Integers = np.typing.NDArray[np.int64]
Codes = np.typing.NDArray[np.uint8]

FREE, RISING, FALLING, PEAK, VALLEY = 0, 1, -1, 2, -2
"""Shapes of the event rate over the bins: any, never falling, never rising, up then down, down
then up."""
WORST = -1.0


WIDTH = 64
"""Edges of a feature are padded to this width with NaN, which no number reaches."""


@njit(cache=True, parallel=True)
def encode(x: Floats, edges: Floats, edges_n: Integers) -> Codes:
    """Bin of each number: how many edges are at or below it; one past the last if unknown.

    Args:
        x: Features by row, shape (p, n), each row contiguous; NaN is unknown.
        edges: Rising edges of each feature, then NaN, shape (p, `WIDTH`).
        edges_n: Edges of each feature, fewer than `WIDTH`, shape (p,).

    Returns:
        Shape (p, n): 0 to `edges_n`, or `edges_n + 1` for NaN.
    """
    p, n = x.shape
    codes = np.empty((p, n), dtype=np.uint8)
    for j in prange(p):
        own, unknown = edges[j], edges_n[j] + 1
        for r in range(n):
            value = x[j, r]
            # Halving without branches: numbers come in no order, and a wrong guess costs most.
            low = 32 * (value >= own[31])
            low += 16 * (value >= own[low + 15])
            low += 8 * (value >= own[low + 7])
            low += 4 * (value >= own[low + 3])
            low += 2 * (value >= own[low + 1])
            low += value >= own[low]
            codes[j, r] = unknown if np.isnan(value) else low
    return codes


@njit(cache=True, parallel=True)
def count_codes(codes: Codes, y: Codes, period: Codes, bins_n: int, periods_n: int) -> Integers:
    """Rows by feature, period, bin and outcome.

    Args:
        codes: Result of `encode`, shape (p, n).
        y: 1 event, 0 none, shape (n,).
        period: From 0 to `periods_n - 1`, shape (n,).
        bins_n: One more than the greatest code.
        periods_n: Periods.

    Returns:
        Shape (p, periods_n, bins_n, 2): non-events, events.
    """
    p, n = codes.shape
    counts = np.zeros((p, periods_n, bins_n, 2), dtype=np.int64)
    for j in prange(p):
        for r in range(n):
            counts[j, period[r], codes[j, r], y[r]] += 1
    return counts


@njit(cache=True)
def information(good: float, bad: float, goods: float, bads: float) -> float:
    """What one bin adds to the information value."""
    share_good, share_bad = good / goods, bad / bads
    return float((share_good - share_bad) * np.log(share_good / share_bad))


@njit(cache=True)
def _steps_right(step: float, phase: int, shape: int) -> bool:
    """True if the event rate may move by `step` in this phase of a shape."""
    if shape == FREE:
        return True
    up = (shape == RISING) or (shape == PEAK and phase == 0) or (shape == VALLEY and phase == 1)
    return step >= 0.0 if up else step <= 0.0


@njit(cache=True)
def _differs(left_good: float, left_bad: float, right_good: float, right_bad: float) -> float:
    """Pearson chi-square of two bins, one degree of freedom."""
    n = left_good + left_bad + right_good + right_bad
    cross = left_good * right_bad - left_bad * right_good
    margins = (left_good + left_bad) * (right_good + right_bad)
    margins *= (left_good + right_good) * (left_bad + right_bad)
    return n * cross * cross / margins if margins > 0.0 else 0.0


@njit(cache=True)
def _steady(sums: Floats, k: int, i: int, j: int, step: float) -> bool:
    """True if the step between bins [k, i) and [i, j) has one sign in every period."""
    for t in range(1, sums.shape[0]):
        lg, lb = sums[t, i, 0] - sums[t, k, 0], sums[t, i, 1] - sums[t, k, 1]
        rg, rb = sums[t, j, 0] - sums[t, i, 0], sums[t, j, 1] - sums[t, i, 1]
        if lg + lb > 0.0 and rg + rb > 0.0:
            change = rb / (rg + rb) - lb / (lg + lb)
            if change * step < 0.0:
                return False
    return True


@njit(cache=True)
def best_cuts(
    sums: Floats, size_min: float, bins_max: int, shape: int, chi_min: float
) -> tuple[float, Integers]:
    """The bins of greatest information value that keep every rule, exactly.

    Args:
        sums: Rows up to each pre-bin, shape (1 + periods, pre-bins + 1, 2): non-events and
            events; entry 0 is over all rows, the others by period (none: no test of stability).
        size_min: Fewest rows in a bin.
        bins_max: Most bins.
        shape: `FREE`, `RISING`, `FALLING`, `PEAK` or `VALLEY`.
        chi_min: Least chi-square between neighbours.

    Returns:
        The information value, and the cuts between pre-bins (k means before pre-bin k), rising.
        No cut and zero if no two bins keep the rules.

    Source:
        Exact counterpart of Navas-Palencia (2020), Optimal binning, arXiv 2001.08025, by dynamic
        programming over (bins, last bin); chi-square test between neighbours: Kerber (1992).
    """
    m = sums.shape[1] - 1
    gain = _gains(sums, size_min)
    phases = 2 if abs(shape) == PEAK else 1
    # value[b, phase, i, j]: best of b bins of which the last is [i, j).
    value = np.full((bins_max + 1, phases, m + 1, m + 1), WORST)
    came = np.full((bins_max + 1, phases, m + 1, m + 1, 2), -1, dtype=np.int64)
    value[1, 0, 0, 1:] = gain[0, 1:]
    for i in range(1, m):
        for j in range(i + 1, m + 1):
            if gain[i, j] < 0.0:
                continue
            for k in range(i):
                if gain[k, i] >= 0.0:
                    step, allowed = _step(sums, k, i, j, chi_min)
                    if allowed:
                        _extend(value, came, (k, i, j), (gain[i, j], step), shape)
    return _trace(value, came, m)


@njit(cache=True)
def _gains(sums: Floats, size_min: float) -> Floats:
    """What a bin from pre-bin i up to j adds, or `WORST` if it breaks a rule."""
    m = sums.shape[1] - 1
    gain = np.full((m + 1, m + 1), WORST)
    for i in range(m):
        for j in range(i + 1, m + 1):
            good, bad = sums[0, j, 0] - sums[0, i, 0], sums[0, j, 1] - sums[0, i, 1]
            if good + bad >= size_min and good > 0.0 and bad > 0.0:
                gain[i, j] = information(good, bad, sums[0, m, 0], sums[0, m, 1])
    return gain


@njit(cache=True)
def _step(sums: Floats, k: int, i: int, j: int, chi_min: float) -> tuple[float, bool]:
    """Change of the event rate from bin [k, i) to [i, j), and whether both may stand."""
    left_good, left_bad = sums[0, i, 0] - sums[0, k, 0], sums[0, i, 1] - sums[0, k, 1]
    right_good, right_bad = sums[0, j, 0] - sums[0, i, 0], sums[0, j, 1] - sums[0, i, 1]
    step = right_bad / (right_good + right_bad) - left_bad / (left_good + left_bad)
    if _differs(left_good, left_bad, right_good, right_bad) < chi_min:
        return step, False
    return step, sums.shape[0] == 1 or _steady(sums, k, i, j, step)


@njit(cache=True)
def _extend(
    value: Floats,
    came: Integers,
    at: tuple[int, int, int],
    move: tuple[float, float],
    shape: int,
) -> None:
    """Put bin [i, j) after every best row of bins that ends with [k, i)."""
    (k, i, j), (gain, step) = at, move
    for phase in range(value.shape[1]):
        if not _steps_right(step, phase, shape):
            continue
        for before in range(phase + 1):
            for b in range(2, value.shape[0]):
                old = value[b - 1, before, k, i]
                if old >= 0.0 and old + gain > value[b, phase, i, j]:
                    value[b, phase, i, j] = old + gain
                    came[b, phase, i, j, 0] = k
                    came[b, phase, i, j, 1] = before


@njit(cache=True)
def _trace(value: Floats, came: Integers, m: int) -> tuple[float, Integers]:
    """The best end, and the way back from it."""
    best, b, phase, i = 0.0, 0, 0, 0
    for bins in range(2, value.shape[0]):
        for f in range(value.shape[1]):
            for start in range(m):
                if value[bins, f, start, m] > best:
                    best, b, phase, i = value[bins, f, start, m], bins, f, start
    cuts = np.empty(max(b - 1, 0), dtype=np.int64)
    j = m
    while b > 1:
        cuts[b - 2] = i
        k, before = came[b, phase, i, j, 0], came[b, phase, i, j, 1]
        j, i, phase = i, k, before
        b -= 1
    return best, cuts


@njit(cache=True, parallel=True)
def best_cuts_of_all(
    sums: Floats,
    prebins_n: Integers,
    shapes: Integers,
    limits: tuple[float, int, float],
) -> tuple[Floats, Integers, Integers, Integers]:
    """`best_cuts` of every feature and candidate shape, the best shape kept.

    Args:
        sums: Shape (p, 1 + periods, most pre-bins + 1, 2).
        prebins_n: Pre-bins of each feature, shape (p,).
        shapes: Candidate shapes of each feature, shape (p, candidates).
        limits: Fewest rows in a bin, most bins, least chi-square between neighbours.

    Returns:
        Information value, cuts (-1 where there are no more), how many, and the shape taken.
    """
    p, candidates = shapes.shape
    size_min, bins_max, chi_min = limits
    value, cuts_n = np.zeros(p), np.zeros(p, dtype=np.int64)
    cuts, taken = np.full((p, bins_max), -1, dtype=np.int64), np.zeros(p, dtype=np.int64)
    for j in prange(p):
        m = prebins_n[j]
        for c in range(candidates):
            if c > 0 and shapes[j, c] == shapes[j, c - 1]:
                continue
            found, where = best_cuts(sums[j, :, : m + 1], size_min, bins_max, shapes[j, c], chi_min)
            if found > value[j]:
                value[j], cuts_n[j], taken[j] = found, where.size, shapes[j, c]
                cuts[j, : where.size] = where
    return value, cuts, cuts_n, taken
