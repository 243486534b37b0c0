"""The normal distribution and its inverse on arrays, to machine accuracy, with NumPy alone."""

import numpy as np

from techflow.basics.errors import InvalidInput
from techflow.basics.frame import Floats

# Wichura (1988), Algorithm AS 241, PPND16: numerators and denominators, highest power first.
CENTRE = (
    (
        2509.0809287301226727,
        33430.575583588128105,
        67265.770927008700853,
        45921.953931549871457,
        13731.693765509461125,
        1971.5909503065514427,
        133.14166789178437745,
        3.387132872796366608,
    ),
    (
        5226.495278852545925,
        28729.085735721942674,
        39307.89580009271061,
        21213.794301586595867,
        5394.1960214247511077,
        687.1870074920579083,
        42.313330701600911252,
        1.0,
    ),
)
NEAR_TAIL = (
    (
        7.7454501427834140764e-4,
        0.0227238449892691845833,
        0.24178072517745061177,
        1.27045825245236838258,
        3.64784832476320460504,
        5.7694972214606914055,
        4.6303378461565452959,
        1.42343711074968357734,
    ),
    (
        1.05075007164441684324e-9,
        5.475938084995344946e-4,
        0.0151986665636164571966,
        0.14810397642748007459,
        0.68976733498510000455,
        1.6763848301838038494,
        2.05319162663775882187,
        1.0,
    ),
)
FAR_TAIL = (
    (
        2.01033439929228813265e-7,
        2.71155556874348757815e-5,
        0.0012426609473880784386,
        0.026532189526576123093,
        0.29656057182850489123,
        1.7848265399172913358,
        5.4637849111641143699,
        6.6579046435011037772,
    ),
    (
        2.04426310338993978564e-15,
        1.4215117583164458887e-7,
        1.8463183175100546818e-5,
        7.868691311456132591e-4,
        0.0148753612908506148525,
        0.13692988092273580531,
        0.59983220655588793769,
        1.0,
    ),
)
# Hart (1968) as in West (2005), "Better approximations to cumulative normal functions".
BELOW = (
    (
        0.0352624965998911,
        0.700383064443688,
        6.37396220353165,
        33.912866078383,
        112.079291497871,
        221.213596169931,
        220.206867912376,
    ),
    (
        0.0883883476483184,
        1.75566716318264,
        16.064177579207,
        86.7807322029461,
        296.564248779674,
        637.333633378831,
        793.826512519948,
        440.413735824752,
    ),
)
HART_LIMIT, ROOT_2PI = 7.07106781186547, 2.506628274631
FAR = 40.0
"""Beyond it the density is 0 in doubles."""


def normal_cdf(x: Floats) -> Floats:
    """Standard normal distribution function.

    Args:
        x: Any numbers, infinite ones too; NaN stays NaN.

    Returns:
        Probability of not more than `x`, absolute error below 1e-14.

    Source:
        Hart et al., Computer Approximations (1968), algorithm 5666, as in West (2005).

    Examples:
        >>> normal_cdf(np.array([0.0, 1.959963984540054])).round(12)
        array([0.5  , 0.975])
    """
    size = np.minimum(np.abs(x), FAR)
    density = np.exp(-0.5 * size * size)
    upper = density * _ratio(BELOW, size)
    if (size > HART_LIMIT).any():
        tail = size + 0.65
        for k in (4.0, 3.0, 2.0, 1.0):
            tail = size + k / tail
        upper = np.where(size > HART_LIMIT, density / (tail * ROOT_2PI), upper)
    found: Floats = np.where(x > 0, 1.0 - upper, upper)
    return found


def normal_quantile(p: Floats) -> Floats:
    """Standard normal quantile: the inverse of `normal_cdf`.

    Args:
        p: Probabilities in (0, 1); NaN stays NaN.

    Returns:
        Quantiles, relative error about 1e-15.

    Raises:
        InvalidInput: A `p` lies outside (0, 1).

    Source:
        Wichura (1988), Algorithm AS 241, Applied Statistics 37, 477-484.

    Examples:
        >>> normal_quantile(np.array([0.5, 0.975])).round(12)
        array([0.        , 1.95996398])
    """
    if ((p <= 0) | (p >= 1)).any():
        raise InvalidInput(f"p must be in (0, 1); got {np.nanmin(p)} to {np.nanmax(p)}")
    q = p - 0.5
    found = q * _ratio(CENTRE, 0.180625 - q * q)
    out = np.flatnonzero(np.abs(q) > 0.425)
    if out.size:
        far = p[out]
        r = np.sqrt(-np.log(np.minimum(far, 1.0 - far)))
        tail = _ratio(NEAR_TAIL, r - 1.6)
        if (r > 5.0).any():
            tail = np.where(r > 5.0, _ratio(FAR_TAIL, r - 5.0), tail)
        found[out] = np.copysign(tail, q[out])
    return found


def _ratio(terms: tuple[tuple[float, ...], tuple[float, ...]], x: Floats) -> Floats:
    return _polynomial(terms[0], x) / _polynomial(terms[1], x)


def _polynomial(terms: tuple[float, ...], x: Floats) -> Floats:
    total = np.full_like(x, terms[0])
    for term in terms[1:]:
        total *= x
        total += term
    return total
