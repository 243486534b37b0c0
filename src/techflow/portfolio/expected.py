"""What a book loses on average in a given world, and the likeliest world that loses so much.

Needs the extra `simulate`.
"""

import numba
import numpy as np

from techflow.basics import Floats, InvalidInput, NotConverged
from techflow.basics.lanes import exp, normal_cdf
from techflow.portfolio.plan import Ints, LossPlan

STEPS_MAX, TOLERANCE = 200, 1e-8
FARTHEST = 37.0
"""Deviations beyond which no world is looked for."""

Alike = tuple[Ints, Floats, Floats, Floats, Floats]

kernel = numba.njit(cache=True, error_model="numpy")


def expected_loss(plan: LossPlan, factors: Floats) -> Floats:
    """Expected loss of the book in each world.

    Args:
        plan: The book.
        factors: Shape (scenarios, factors).

    Returns:
        Yuan, shape (scenarios,).

    Source:
        Given the factors, defaults are independent: the sum of exposure, conditional PD (Vasicek
        2002) and conditional loss rate (probit-normal, see `lgd_centres`).

    Examples:
        >>> from techflow.portfolio.plan import Loans, plan_losses
        >>> zero = np.zeros(1, np.int64)
        >>> plan = plan_losses(Loans(np.full(1, 0.5), *[np.ones(1)] * 2, zero, zero), np.eye(1) / 2)
        >>> expected_loss(plan, np.zeros((1, 1))).tolist()
        [0.5]
    """
    runs = _alike(plan)
    out, slopes = np.empty(len(factors)), np.empty((len(factors), len(plan.rest)))
    _fill_means(plan, runs, np.ascontiguousarray(factors, np.float64), (out, slopes))
    return out


def worst_factors(plan: LossPlan, *, loss_cny: float) -> Floats:
    """Reverse stress: the likeliest world in which the book is expected to lose so much.

    Args:
        plan: The book.
        loss_cny: The loss, above what is lost with all factors at 0.

    Returns:
        Factors, shape (factors,): the point nearest to 0 with that expected loss. Times the
        loadings of a group, over their length, it is what the group feels in deviations.

    Raises:
        InvalidInput: The book cannot lose so much, or loses it in a normal world.
        NotConverged: The nearest point was not found.

    Source:
        First-order reliability method: Rackwitz and Fiessler (1978), Structural reliability under
        combined random load sequences, Computers & Structures 9(5), with the radius solved by
        bisection in each step.

    Examples:
        >>> from techflow.portfolio.plan import Loans, plan_losses
        >>> zero = np.zeros(1, np.int64)
        >>> loans = Loans(np.full(1, 0.01), np.ones(1), np.ones(1), zero, zero)
        >>> plan = plan_losses(loans, np.array([[0.12**0.5]]))
        >>> worst_factors(plan, loss_cny=0.0408).round(2).tolist()  # as in `point_in_time_pd`
        [-2.0]
    """
    runs, unit = _alike(plan), book_direction(plan)
    if not _mean_at(plan, runs, 0 * unit)[0] < loss_cny < _mean_at(plan, runs, FARTHEST * unit)[0]:
        raise InvalidInput(
            f"loss_cny: expected a loss above that of a normal world, "
            f"{_mean_at(plan, runs, 0 * unit)[0]:.6g}, and below the most, "
            f"{_mean_at(plan, runs, FARTHEST * unit)[0]:.6g}; got {loss_cny:.6g}"
        )
    place = unit * _radius(plan, runs, unit, loss_cny)
    for _ in range(STEPS_MAX):
        slope = _mean_at(plan, runs, place)[1]
        unit = slope / np.linalg.norm(slope)
        found = unit * _radius(plan, runs, unit, loss_cny)
        if np.linalg.norm(found - place) <= TOLERANCE:
            return found
        # Half a step: a full one can swing between two points.
        middle = found + place
        unit = middle / np.linalg.norm(middle)
        place = unit * _radius(plan, runs, unit, loss_cny)
    gap = np.linalg.norm(found - place)
    raise NotConverged(f"likeliest world: {STEPS_MAX} steps left a gap of {gap:.3g}")


def book_direction(plan: LossPlan) -> Floats:
    """Unit vector along which the expected loss rises fastest from a normal world.

    Args:
        plan: The book.

    Returns:
        Shape (factors,).

    Raises:
        InvalidInput: Nothing in the book depends on a factor.
    """
    slope = _mean_at(plan, _alike(plan), np.zeros(plan.loading.shape[1]))[1]
    length = float(np.linalg.norm(slope))
    if length == 0:
        raise InvalidInput("loading: no loss of the book depends on a factor; got only zeros")
    return np.asarray(slope / length, np.float64)


def _alike(plan: LossPlan) -> Alike:
    """Runs of firms with one group, threshold and centre: their first place, and exposure."""
    group = np.repeat(plan.cell_group, np.diff(plan.cell_since))
    fresh = np.ones(len(group), bool)
    fresh[1:] = np.diff(group) != 0
    for column in (plan.threshold, plan.centre, plan.lgd):
        fresh[1:] |= np.diff(column) != 0
    first = np.flatnonzero(fresh)
    ead = np.asarray(np.add.reduceat(plan.ead_cny, first), np.float64)
    return group[first], plan.threshold[first], plan.centre[first], plan.lgd[first], ead


def _mean_at(plan: LossPlan, runs: Alike, place: Floats) -> tuple[float, Floats]:
    out, slopes = np.empty(1), np.empty((1, len(plan.rest)))
    _fill_means(plan, runs, place[None, :], (out, slopes))
    return float(out[0]), np.asarray(slopes[0] @ plan.loading, np.float64)


def _radius(plan: LossPlan, runs: Alike, unit: Floats, loss_cny: float) -> float:
    """Distance along a direction at which the loss is met: Newton, kept in a bracket."""
    low, high, at = 0.0, FARTHEST, 3.0
    for _ in range(STEPS_MAX):
        mean, slope = _mean_at(plan, runs, unit * at)
        low, high = (at, high) if mean < loss_cny else (low, at)
        rise = float(slope @ unit)
        step = at + (loss_cny - mean) / rise if rise > 0 else low
        found = step if low < step < high else 0.5 * (low + high)
        if abs(found - at) <= TOLERANCE / 100:
            return found
        at = found
    raise NotConverged(f"likeliest world: no loss of {loss_cny:.6g} along {unit}")


@kernel
def _fill_means(plan, runs, worlds, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Expected loss in each world, and its slope on the index of each group."""
    means, slopes = out
    group, threshold, centre, lgd, ead = runs
    width, steep = np.sqrt(1 + plan.wobble**2), 0.3989422804014327
    varies = plan.wobble > 0 or np.any(plan.tilt > 0)
    for s in range(len(worlds)):
        means[s], slopes[s] = 0.0, 0.0
        last, y = -1, 0.0
        for k in range(len(group)):
            g = group[k]
            if g != last:
                y, last = np.dot(plan.loading[g], worlds[s]), g
            x, rate, bend = (threshold[k] - y) / plan.rest[g], lgd[k], 0.0
            if varies:
                v = (centre[k] - plan.tilt[g] * y) / width
                rate, bend = normal_cdf(v), -plan.tilt[g] / width * steep * exp(-0.5 * v * v)
            chance = normal_cdf(x)
            means[s] += ead[k] * chance * rate
            thinner = -steep * exp(-0.5 * x * x) / plan.rest[g]
            slopes[s, g] += ead[k] * (thinner * rate + chance * bend)
