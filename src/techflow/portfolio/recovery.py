"""Loss given default that is worse where defaults are many, without moving the expected loss.

Needs the extra `simulate`.
"""

from typing import NamedTuple

import numba
import numpy as np

from techflow.basics import Floats, InvalidInput
from techflow.basics.lanes import exp, normal_cdf, normal_quantile

NODES_N, STEPS_N = 32, 60
_EDGE = 30.0
"""A loss rate of exactly 0 or 1 does not vary; this many deviations stand for it."""

kernel = numba.njit(cache=True, error_model="numpy")


class LgdModel(NamedTuple):
    """How loss given default varies around its mean.

    Attributes:
        spread: Deviation of the latent (probit) loss rate, 0 or more; 0 keeps it fixed.
        factor_share: Part of its variance that follows the firm's own factors, in [0, 1].
    """

    spread: float = 0.0
    factor_share: float = 0.0


FIXED_LGD = LgdModel()


def check_lgd_model(model: LgdModel) -> None:
    """Refuse a model out of range.

    Raises:
        InvalidInput: `spread` below 0 or `factor_share` outside [0, 1].
    """
    if not (model.spread >= 0 and np.isfinite(model.spread) and 0 <= model.factor_share <= 1):
        raise InvalidInput(
            f"LGD: spread must be 0 or more and factor_share in [0, 1]; got {model.spread} and "
            f"{model.factor_share}"
        )


def normal_quantiles(p: Floats) -> Floats:
    """Normal quantiles; 0 and 1 give -37 and 37, beyond any draw.

    Args:
        p: In [0, 1], any one-dimensional shape.

    Returns:
        The same shape.

    Examples:
        >>> normal_quantiles(np.array([0.0, 0.5, 0.975])).round(6).tolist()
        [-37.0, 0.0, 1.959964]
    """
    out = np.empty(len(p))
    _fill_quantiles(np.ascontiguousarray(p, np.float64), out)
    return out


def lgd_centres(lgd: Floats, threshold: Floats, weight: Floats, model: LgdModel) -> Floats:
    """Centre of the latent loss rate at which defaulted firms lose `lgd` on average.

    Given default the factors are bad, so a latent rate centred at `lgd` itself would lose more.

    Args:
        lgd: Expected loss given default, in [0, 1], shape (n,).
        threshold: Normal quantile of the PD, shape (n,).
        weight: Length of the firm's row of loadings, in [0, 1), shape (n,).
        model: How the loss rate varies.

    Returns:
        m, shape (n,): the loss rate is Phi(m - tilt * y - wobble * e) with y the firm's factor and
        e its own draw, tilt^2 + wobble^2 = spread^2.

    Source:
        Probit-normal recovery: Andersen and Sidenius (2004), Extensions to the Gaussian copula,
        Journal of Credit Risk 1(1). The centre solves E[loss; default] = PD * LGD by
        Gauss-Hermite quadrature over y and bisection.

    Examples:
        >>> one = np.array([0.45])
        >>> centre = lgd_centres(one, np.array([-2.0]), np.array([0.4]), LgdModel(0.5, 0.0))
        >>> round(float(centre[0] - normal_quantiles(one)[0] * 1.25**0.5), 9)  # nothing shared
        0.0
    """
    check_lgd_model(model)
    nodes, mass = np.polynomial.hermite_e.hermegauss(NODES_N)
    spread, share = model
    terms = (spread * np.sqrt(share), np.sqrt(1 + spread**2 * (1 - share)), 1 + spread)
    out = np.empty(len(lgd))
    _fill_centres((lgd, threshold, weight), terms, (nodes, mass / mass.sum()), out)
    return out


@kernel
def _fill_quantiles(p, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    for i in range(len(p)):
        out[i] = normal_quantile(p[i])


@kernel
def _fill_centres(firms, terms, rule, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    lgd, threshold, weight = firms
    nodes, mass = rule
    chance = np.empty(len(nodes))
    for i in range(len(lgd)):
        if not 0.0 < lgd[i] < 1.0:
            out[i] = -_EDGE * terms[2] if lgd[i] <= 0 else _EDGE * terms[2]
            continue
        rest, total = np.sqrt(1 - weight[i] ** 2), 0.0
        for k in range(len(nodes)):
            chance[k] = mass[k] * normal_cdf((threshold[i] - weight[i] * nodes[k]) / rest)
            total += chance[k]
        if total <= 0:
            chance[:], total = mass, 1.0
        out[i] = _solve_centre(lgd[i] * total, chance, nodes, terms)


@kernel
def _solve_centre(wanted, chance, nodes, terms):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    tilt, width, scale = terms
    low, high, m = -_EDGE * scale, _EDGE * scale, 0.0
    for _ in range(STEPS_N):
        level, slope = -wanted, 0.0
        for k in range(len(nodes)):
            x = (m - tilt * nodes[k]) / width
            level += chance[k] * normal_cdf(x)
            slope += chance[k] * exp(-0.5 * x * x)
        if level > 0:
            high = m
        else:
            low = m
        # Newton inside the bracket, bisection where it would leave it.
        step = m - level * width * 2.5066282746310002 / slope if slope > 0 else low - 1.0
        found = step if low < step < high else 0.5 * (low + high)
        if abs(found - m) <= 1e-13 * (1 + abs(m)):
            return found
        m = found
    return m
