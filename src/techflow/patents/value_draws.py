"""Value of patents as a distribution, by drawing. Needs the extra `simulate`.

Random numbers are a function of seed, patent and draw alone, so that neither threads nor the way a
file is cut into chunks can change a figure. Nothing but the quantiles is kept.
"""

import numba
import numpy as np
from numpy.typing import NDArray

from techflow.basics import InvalidInput
from techflow.basics.lanes import exp, log, mix, normal_centre, normal_tail, uniform
from techflow.patents.value import IncomeCase

Array = NDArray[np.float64]
LOW, MEDIAN, HIGH = 0.05, 0.5, 0.95
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_STREAMS = 3
_TAIL = 0.02425

kernel = numba.njit(cache=True, error_model="numpy")


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
    plain = IncomeCase(*(np.require(field, np.float64, ("C", "W")) for field in case))
    out = np.empty((len(key), 4))
    _draw_all(plain, np.require(key, np.uint64, ("C", "W")), draws_n, np.uint64(seed), out)
    return out


@kernel
def _fill_uniform(key, stream, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    for draw in range(len(out)):
        out[draw] = uniform(key, draw * _STREAMS + stream)


@kernel
def _fill_normal(key, stream, chance, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    _fill_uniform(key, stream, chance)
    for draw in range(len(out)):
        out[draw] = normal_centre(chance[draw])
    # One draw in twenty; apart, so that the loop above has no branch.
    for draw in range(len(out)):
        if abs(chance[draw] - 0.5) > 0.5 - _TAIL:
            tail = normal_tail(min(chance[draw], 1 - chance[draw]))
            out[draw] = tail if chance[draw] < _TAIL else -tail


@kernel
def _fill_years(key, life, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    legal, age, scale, shape = life
    if scale == np.inf:
        out[:] = legal
        return
    base, power = (age / scale) ** shape, 1 / shape
    _fill_uniform(key, 2, out)
    for draw in range(len(out)):
        ends = scale * exp(log(base - log(out[draw])) * power) - age
        out[draw] = min(max(ends, 0.0), legal)


@kernel
def _fill_values(money, net, years, values):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Income of each draw times the sum of its years; `values` holds the deviates of income."""
    income, spread, rate = money
    half = np.exp(-rate / 2)
    for draw in range(len(values)):
        whole = np.floor(years[draw])
        part = years[draw] - whole
        grown = exp(whole * net[draw])
        # Near 0 the quotient loses its digits; there the series is its first terms.
        flat = whole * (1 + (whole - 1) * net[draw] / 2)
        full = (grown - 1) / (exp(net[draw]) - 1)
        full = full if abs(net[draw]) > 1e-7 else flat
        level = income * exp(spread * values[draw] - spread * spread / 2)
        values[draw] = level * (full * half + part * grown * exp(-rate * part / 2))


@kernel
def _draw_one(row, key, scratch):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    income, spread, growth, wobble, rate, legal, age, scale, shape = row
    rate = np.log1p(rate)
    values, net, years = scratch
    _fill_normal(key, 1, years, net)
    for draw in range(len(net)):
        net[draw] = growth + wobble * net[draw] - rate
    _fill_normal(key, 0, years, values)
    _fill_years(key, (legal, age, scale, shape), years)
    _fill_values((income, spread, rate), net, years, values)


@kernel
def _split(values, first, last, pivot):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Those below the pivot to the front, without a branch; returns where the others start."""
    border = first
    for j in range(first, last + 1):
        value = values[j]
        values[j] = values[border]
        values[border] = value
        border += value < pivot
    return border


@kernel
def _select(values, first, last, rank):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    while first < last:
        a, b, c = values[first], values[(first + last) >> 1], values[last]
        pivot = max(min(a, b), min(max(a, b), c))
        border = _split(values, first, last, pivot)
        if rank < border:
            last = border - 1
            continue
        # What equals the pivot goes to its place, so that the rest always shrinks.
        first = _split(values, border, last, np.nextafter(pivot, np.inf))
        if rank < first:
            return pivot
    return values[rank]


@numba.njit(cache=True, inline="always")
def _rank(share, draws_n):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    return np.int64(np.ceil(share * draws_n - 1e-9)) - 1


@kernel
def _value_one(row, key, draws_n, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    legal, n = row[5], draws_n
    total = 0.0
    for field in row:
        total += 0.0 if field == np.inf else field * 0.0
    out[:] = 0.0 if total == 0 else np.nan
    if not (legal > 0 and total == 0):
        return
    values = np.empty(n)
    _draw_one(row, key, (values, np.empty(n), np.empty(n)))
    middle = _rank(MEDIAN, n)
    out[3] = values.mean()
    out[1] = _select(values, 0, n - 1, middle)
    out[0] = _select(values, 0, middle, _rank(LOW, n))
    out[2] = _select(values, middle, n - 1, _rank(HIGH, n))


@numba.njit(cache=True, parallel=True, error_model="numpy")
def _draw_all(case, key, draws_n, seed, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    a, b, c, d, e, f, g, h, k = case
    start = mix(seed + _GOLDEN)
    for i in numba.prange(len(key)):
        row = (a[i], b[i], c[i], d[i], e[i], f[i], g[i], h[i], k[i])
        _value_one(row, mix(start ^ mix(key[i] + _GOLDEN)), draws_n, out[i])
