"""Value of patents as a distribution, by drawing. Needs the extra `simulate`.

Random numbers are a function of seed, patent and draw alone, so that neither threads nor the way a
file is cut into chunks can change a figure. Nothing but the quantiles is kept.
"""

import math

import numba
import numpy as np
from numpy.typing import NDArray

from techflow.basics import InvalidInput
from techflow.patents.value import IncomeCase

Array = NDArray[np.float64]
LOW, MEDIAN, HIGH = 0.05, 0.5, 0.95
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_STREAMS = 3
_UNIT = 2.0**-53


def draw_values(case: IncomeCase, key: NDArray[np.uint64], *, draws_n: int, seed: int) -> Array:
    """Quantiles of the income value of each patent.

    Args:
        case: The patents, n of them.
        key: A number that names each patent, shape (n,); the same key gives the same draws.
        draws_n: Draws for each patent, 20 or more.
        seed: Seed, 0 or more.

    Returns:
        Shape (n, 4), yuan: 5 % quantile, median, 95 % quantile, mean. A quantile p is the least
        draw with a share p of the draws at or below it. NaN where an input is missing.

    Raises:
        InvalidInput: Too few draws.

    **Source** Random numbers: Steele, Lea and Flood, Fast splittable pseudorandom number
    generators, OOPSLA 2014 (SplitMix64, by counter); normal quantile: Acklam 2003.

    >>> one = np.ones(1)
    >>> case = IncomeCase(one, 0 * one, 0 * one, 0 * one, 0 * one, 2 * one, one, np.inf * one, one)
    >>> draw_values(case, np.array([7], np.uint64), draws_n=20, seed=1).tolist()
    [[2.0, 2.0, 2.0, 2.0]]
    """
    if draws_n < 20:
        raise InvalidInput(f"draws_n: expected 20 or more for a 90 % interval; got {draws_n}")
    plain = IncomeCase(*(np.ascontiguousarray(field, np.float64) for field in case))
    out = np.empty((len(key), 4))
    _draw_all(plain, key, draws_n, np.uint64(seed), out)
    return out


@numba.njit(cache=True, inline="always")
def _mix(state):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    state = (state ^ (state >> _S30)) * _MIX_1
    state = (state ^ (state >> _S27)) * _MIX_2
    return state ^ (state >> _S31)


@numba.njit(cache=True, inline="always")
def _uniform(key, count):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    return (np.float64(_mix(key + np.uint64(count + 1) * _GOLDEN) >> _S11) + 0.5) * _UNIT


@numba.njit(cache=True, inline="always")
def _tail(p):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    q = math.sqrt(-2 * math.log(p))
    top = -7.784894002430293e-03 * q - 3.223964580411365e-01
    top = ((top * q - 2.400758277161838) * q - 2.549732539343734) * q + 4.374664141464968
    top = top * q + 2.938163982698783
    low = 7.784695709041462e-03 * q + 3.224671290700398e-01
    return top / (((low * q + 2.445134137142996) * q + 3.754408661907416) * q + 1.0)


@numba.njit(cache=True, inline="always")
def _normal(p):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    if p < 0.02425:
        return _tail(p)
    if p > 1 - 0.02425:
        return -_tail(1 - p)
    q = p - 0.5
    r = q * q
    top = (-3.969683028665376e01 * r + 2.209460984245205e02) * r - 2.759285104469687e02
    top = ((top * r + 1.383577518672690e02) * r - 3.066479806614716e01) * r + 2.506628277459239
    low = (-5.447609879822406e01 * r + 1.615858368580409e02) * r - 1.556989798598866e02
    return top * q / (((low * r + 6.680131188771972e01) * r - 1.328068155288572e01) * r + 1.0)


@numba.njit(cache=True, inline="always")
def _series(net, rate, years):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    whole = math.floor(years)
    part = years - whole
    grown = math.exp(whole * net)
    # Near 0 the quotient loses its digits; there the series is its first terms.
    full = whole * (1 + (whole - 1) * net / 2)
    if abs(net) > 1e-7:
        full = (grown - 1) / (math.exp(net) - 1)
    return full * math.exp(-rate / 2) + part * grown * math.exp(-rate * part / 2)


@numba.njit(cache=True)
def _select(values, first, last, rank):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    while first < last:
        pivot = values[(first + last) >> 1]
        i, j = first, last
        while i <= j:
            while values[i] < pivot:
                i += 1
            while values[j] > pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if rank <= j:
            last = j
        elif rank >= i:
            first = i
        else:
            break
    return values[rank]


@numba.njit(cache=True)
def _draw_one(row, key, values):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    income, spread, growth, wobble, rate, legal, age, scale, shape = row
    rate = math.log1p(rate)
    lapses = scale < np.inf
    base = (age / scale) ** shape if lapses else 0.0
    # A draw below this outlives the law, which saves its power and its logarithm.
    outlives = math.exp(base - ((age + legal) / scale) ** shape) if lapses else 1.0
    for draw in range(len(values)):
        count = draw * _STREAMS
        level = spread * _normal(_uniform(key, count)) - spread * spread / 2
        net = growth + wobble * _normal(_uniform(key, count + 1)) - rate
        years, chance = legal, _uniform(key, count + 2)
        if chance > outlives:
            ends = scale * (base - math.log(chance)) ** (1 / shape) - age
            years = min(max(ends, 0.0), legal)
        values[draw] = income * math.exp(level) * _series(net, rate, years)


@numba.njit(cache=True, inline="always")
def _rank(share, draws_n):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    return math.ceil(share * draws_n - 1e-9) - 1


@numba.njit(cache=True)
def _value_one(row, key, values, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    legal, n = row[5], len(values)
    total = 0.0
    for field in row:
        total += 0.0 if field == np.inf else field * 0.0
    out[:] = 0.0 if total == 0 else np.nan
    if not (legal > 0 and total == 0):
        return
    _draw_one(row, key, values)
    middle = _rank(MEDIAN, n)
    out[3] = values.mean()
    out[1] = _select(values, 0, n - 1, middle)
    out[0] = _select(values, 0, middle, _rank(LOW, n))
    out[2] = _select(values, middle, n - 1, _rank(HIGH, n))


@numba.njit(cache=True, parallel=True)
def _draw_all(case, key, draws_n, seed, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    a, b, c, d, e, f, g, h, k = case
    start = _mix(seed + _GOLDEN)
    for i in numba.prange(len(key)):
        row = (a[i], b[i], c[i], d[i], e[i], f[i], g[i], h[i], k[i])
        _value_one(row, _mix(start ^ _mix(key[i] + _GOLDEN)), np.empty(draws_n), out[i])
