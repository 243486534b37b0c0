"""Tails of small and lumpy books: defaults too are drawn more often than they should be.

Needs the extra `simulate`.
"""

import numba
import numpy as np

from techflow.basics import Floats, InvalidInput
from techflow.basics.lanes import exp, log, normal_cdf, normal_quantile, uniform
from techflow.portfolio.factors import scenario_key, stream_key
from techflow.portfolio.importance import Worlds
from techflow.portfolio.plan import LossPlan

_DEFAULT, _LGD = 5, 6
BLOCK_N, STEPS_N, TWIST_MAX = 32, 60, 50.0

kernel = numba.njit(cache=True, error_model="numpy")
parallel = numba.njit(cache=True, parallel=True, error_model="numpy")


def twisted_losses(
    plan: LossPlan, worlds: Worlds, *, loss_cny: float, seed: int, first: int = 0
) -> tuple[Floats, Floats]:
    """Losses drawn so that a given loss is no rare event in any world, with their weights.

    In each world whose expected loss is below the given one, PDs are raised (exponentially, the
    more the larger the loss of the firm) until the expected loss is the given one. The cost is
    that of the firms, not of the defaults: for a large even book `simulate_losses` is enough.

    Args:
        plan: The book.
        worlds: Factors and weights, see `weighted_worlds`.
        loss_cny: The loss aimed at, such as a first guess of the value at risk.
        seed: Seed, 0 or more.
        first: Number of the first scenario.

    Returns:
        Loss of the book in each scenario and its weight, shapes (scenarios,).

    Raises:
        InvalidInput: The loss aimed at is not above 0 and below all exposure.

    Source:
        Glasserman and Li (2005), Importance sampling for portfolio credit risk, Management
        Science 51(11), section 3: twisting by the expected loss of each firm given default; its
        own loss rate is drawn untwisted, which keeps the weights exact.

    Examples:
        >>> from techflow.portfolio.plan import Loans, plan_losses
        >>> zero = np.zeros(2, np.int64)
        >>> loans = Loans(np.full(2, 0.01), np.ones(2), np.ones(2), zero, zero)
        >>> plan = plan_losses(loans, np.array([[0.0]]))
        >>> worlds = Worlds(np.zeros((4096, 1)), np.ones(4096))
        >>> loss, weight = twisted_losses(plan, worlds, loss_cny=1.0, seed=1)
        >>> round(float((weight * (loss == 2)).mean()), 5)  # 0.01 squared, a quarter of draws
        0.0001
    """
    if not 0.0 < loss_cny < float(plan.ead_cny.sum()):
        raise InvalidInput(
            f"loss_cny must be above 0 and below all exposure, {plan.ead_cny.sum():.6g}; got "
            f"{loss_cny:.6g}"
        )
    factors = np.ascontiguousarray(worlds.factors, np.float64)
    group = np.repeat(plan.cell_group, np.diff(plan.cell_since))
    loss, log_ratio = np.empty(len(factors)), np.empty(len(factors))
    _draw_twisted(plan, (group, factors), (np.uint64(seed), first), loss_cny, (loss, log_ratio))
    return loss, worlds.weight * np.exp(log_ratio)


@kernel
def _face_world(plan, group, z, firms):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Of each firm in one world: PD, centre of its loss rate, expected loss given default."""
    chance, centre, cost = firms
    width, last, y = np.sqrt(1 + plan.wobble**2), -1, 0.0
    varies = plan.wobble > 0 or np.any(plan.tilt > 0)
    for i in range(len(group)):
        g = group[i]
        if g != last:
            y, last = np.dot(plan.loading[g], z), g
        chance[i] = normal_cdf((plan.threshold[i] - y) / plan.rest[g])
        centre[i] = plan.centre[i] - plan.tilt[g] * y
        rate = normal_cdf(centre[i] / width) if varies else plan.lgd[i]
        cost[i] = plan.ead_cny[i] * rate


@kernel
def _tilted_mean(chance, cost, theta):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Expected loss under the twist, and its slope."""
    mean, slope = 0.0, 0.0
    for i in range(len(chance)):
        raised = chance[i] * exp(theta * cost[i])
        p = raised / (1 - chance[i] + raised)
        mean += p * cost[i]
        slope += p * (1 - p) * cost[i] * cost[i]
    return mean, slope


@kernel
def _find_twist(chance, cost, aim):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Twist that brings the expected loss to the aim; 0 where it is there by itself."""
    most = np.max(cost)
    low, high = 0.0, TWIST_MAX / most if most > 0 else 0.0
    theta = 0.0
    for _ in range(STEPS_N):
        mean, slope = _tilted_mean(chance, cost, theta)
        if mean >= aim:
            high = theta
        else:
            low = theta
        if high == 0 or abs(mean - aim) <= 1e-9 * aim:
            break
        step = theta + (aim - mean) / slope if slope > 0 else high
        theta = step if low < step < high else 0.5 * (low + high)
    return theta


@kernel
def _draw_firms(plan, firms, key, theta):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Loss of one scenario, and the logarithm of its likelihood ratio."""
    chance, centre, cost = firms
    default_key, lgd_key = stream_key(key, _DEFAULT), stream_key(key, _LGD)
    varies = plan.wobble > 0 or np.any(plan.tilt > 0)
    loss, ratio = 0.0, 0.0
    for i in range(len(chance)):
        raised = chance[i] * exp(theta * cost[i])
        whole = 1 - chance[i] + raised
        ratio += log(whole)
        if uniform(default_key, i) * whole >= raised:
            continue
        ratio -= theta * cost[i]
        rate = plan.lgd[i]
        if varies:
            own = plan.wobble * normal_quantile(uniform(lgd_key, i))
            rate = normal_cdf(centre[i] - own)
        loss += plan.ead_cny[i] * rate
    return loss, ratio


@parallel
def _draw_twisted(plan, worlds, begin, aim, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    group, factors = worlds
    seed, first = begin
    loss, ratio = out
    n, runs_n = len(group), len(factors)
    for block in numba.prange((runs_n + BLOCK_N - 1) // BLOCK_N):
        firms = np.empty(n), np.empty(n), np.empty(n)
        for s in range(block * BLOCK_N, min((block + 1) * BLOCK_N, runs_n)):
            _face_world(plan, group, factors[s], firms)
            theta = _find_twist(firms[0], firms[2], aim)
            key = scenario_key(seed, first + s)
            loss[s], ratio[s] = _draw_firms(plan, firms, key, theta)
