"""exp, log and the normal quantile without branches or calls, so that loops over draws vectorise.

Needs the extra `simulate`. A loop that calls these on array items runs on as many draws at a time
as the processor has lanes; the library functions take one at a time.
"""

import numba
import numpy as np

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S12, _S52 = (np.uint64(n) for n in (30, 27, 31, 12, 52))
_ONE_BITS = np.uint64(0x3FF0000000000000)
_MANTISSA = np.uint64(0x000FFFFFFFFFFFFF)
_ALMOST_ONE = 1 - 2.0**-53
_ROUNDER = 1.5 * 2.0**52
_ROUNDER_BITS = np.uint64(0x4330000000000000)
_LOG2_E, _LN2_HIGH, _LN2_LOW = (
    1.4426950408889634,
    6.93147180369123816490e-01,
    1.9082149292705877e-10,
)
_LN2, _SQRT_2 = 0.6931471805599453, 1.4142135623730951

inline = numba.njit(inline="always", error_model="numpy")


@inline
def mix(state):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Finaliser of SplitMix64."""
    state = (state ^ (state >> _S30)) * _MIX_1
    state = (state ^ (state >> _S27)) * _MIX_2
    return state ^ (state >> _S31)


@inline
def uniform(key, count):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Number `count` of the stream `key`, strictly between 0 and 1: middles of 2^52 cells."""
    state = mix(key + (np.uint64(count) + np.uint64(1)) * _GOLDEN)
    return np.uint64((state >> _S12) | _ONE_BITS).view(np.float64) - _ALMOST_ONE


@inline
def exp(x):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """e^x within 3 units of the last place; kept inside the range of normal numbers."""
    x = min(max(x, -708.0), 709.0)
    shifted = x * _LOG2_E + _ROUNDER
    n = shifted - _ROUNDER
    r = (x - n * _LN2_HIGH) - n * _LN2_LOW
    p = r * (1 / 479001600) + 1 / 39916800
    p = (p * r + 1 / 3628800) * r + 1 / 362880
    p = (p * r + 1 / 40320) * r + 1 / 5040
    p = (p * r + 1 / 720) * r + 1 / 120
    p = (p * r + 1 / 24) * r + 1 / 6
    p = ((p * r + 0.5) * r + 1) * r + 1
    return p * np.uint64((np.float64(shifted).view(np.uint64) << _S52) + _ONE_BITS).view(np.float64)


@inline
def log(x):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Ln x of a normal number above 0, within 1e-15 of itself or of 1."""
    bits = np.float64(x).view(np.uint64)
    n = np.uint64((bits >> _S52) | _ROUNDER_BITS).view(np.float64) - (2.0**52 + 1023)
    m = np.uint64((bits & _MANTISSA) | _ONE_BITS).view(np.float64)
    upper = m > _SQRT_2
    m = m * 0.5 if upper else m
    n = n + 1 if upper else n
    s = (m - 1) / (m + 1)
    q = s * s
    p = (q * (1 / 21) + 1 / 19) * q + 1 / 17
    p = ((p * q + 1 / 15) * q + 1 / 13) * q + 1 / 11
    p = ((p * q + 1 / 9) * q + 1 / 7) * q + 1 / 5
    return n * _LN2 + 2 * s * ((p * q + 1 / 3) * q + 1)


@inline
def normal_centre(p):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Normal quantile for 0.02425 <= p <= 0.97575 (Acklam 2003)."""
    q = p - 0.5
    r = q * q
    top = (-3.969683028665376e01 * r + 2.209460984245205e02) * r - 2.759285104469687e02
    top = ((top * r + 1.383577518672690e02) * r - 3.066479806614716e01) * r + 2.506628277459239
    low = (-5.447609879822406e01 * r + 1.615858368580409e02) * r - 1.556989798598866e02
    return top * q / (((low * r + 6.680131188771972e01) * r - 1.328068155288572e01) * r + 1.0)


@inline
def normal_tail(p):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Normal quantile for p < 0.02425 (Acklam 2003)."""
    q = np.sqrt(-2 * log(p))
    top = -7.784894002430293e-03 * q - 3.223964580411365e-01
    top = ((top * q - 2.400758277161838) * q - 2.549732539343734) * q + 4.374664141464968
    top = top * q + 2.938163982698783
    low = 7.784695709041462e-03 * q + 3.224671290700398e-01
    return top / (((low * q + 2.445134137142996) * q + 3.754408661907416) * q + 1.0)


@inline
def normal_cdf(x):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Normal distribution function within 3e-16; 3e-9 of itself at -7 (Hart 1968; West 2005)."""
    a = min(abs(x), 37.6)
    top = (3.52624965998911e-02 * a + 0.700383064443688) * a + 6.37396220353165
    top = ((top * a + 33.912866078383) * a + 112.079291497871) * a + 221.213596169931
    low = (8.83883476483184e-02 * a + 1.75566716318264) * a + 16.064177579207
    low = ((low * a + 86.7807322029461) * a + 296.564248779674) * a + 637.333633378831
    low = (low * a + 793.826512519948) * a + 440.413735824752
    tail = exp(-0.5 * a * a) * (top * a + 220.206867912376) / low
    return 1 - tail if x > 0 else tail


@inline
def normal_quantile(p):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Normal quantile: Acklam 2003 with one step of Halley; 0 and 1 give -37 and 37."""
    p = min(max(p, 2.0**-1000), 1.0)
    near = min(p, 1 - p)
    if near < 2.0**-990:
        return 37.0 if p > 0.5 else -37.0
    x = normal_tail(near) if near < 0.02425 else normal_centre(near)
    step = (normal_cdf(x) - near) * 2.5066282746310002 * exp(0.5 * x * x)
    x = x - step / (1 + 0.5 * x * step)
    return -x if p > 0.5 else x
