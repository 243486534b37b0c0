"""The year of each default, where a horizon has several.

Needs the extra `simulate`.
"""

import numba
import numpy as np

from techflow.basics import Floats, InvalidInput
from techflow.basics.lanes import normal_cdf, uniform
from techflow.portfolio.factors import scenario_key, stream_key
from techflow.portfolio.loss import DefaultStream
from techflow.portfolio.plan import Ints, LossPlan
from techflow.portfolio.recovery import normal_quantiles

_YEAR = 8

kernel = numba.njit(cache=True, error_model="numpy")


def draw_years(
    plan: LossPlan,
    cumulative_pd: Floats,
    worlds: tuple[Floats, DefaultStream],
    *,
    seed: int,
    first: int = 0,
) -> Ints:
    """Year of each default of a run whose PDs are those of the whole horizon.

    The factors of a world hold for all its years: bad years come together.

    Args:
        plan: The book, laid out with the PD of the last year.
        cumulative_pd: PD up to each year, never falling, shape (firms, years), firms in the order
            of the book, see `techflow.credit.term.cumulative_pd_term`.
        worlds: Factors of the run and its defaults, see `draw_defaults`.
        seed: Seed of the run.
        first: Number of its first scenario.

    Returns:
        From 0, shape (defaults,).

    Raises:
        InvalidInput: PDs fall, or the last is not that of the plan.

    Source:
        Default times in a Gaussian copula: Li (2000), On default correlation: a copula function
        approach, Journal of Fixed Income 9(4): a firm fails by year k where its asset value is
        below the quantile of its PD up to k.

    Examples:
        >>> from techflow.portfolio.plan import Loans, plan_losses
        >>> zero, one = np.zeros(1, np.int64), np.ones(1)
        >>> plan = plan_losses(Loans(one / 2, one, one, zero, zero), np.array([[0.4]]))
        >>> stream = DefaultStream(np.array([0, 1]), zero, one)
        >>> terms = np.array([[0.0, 0.5, 0.5]])
        >>> draw_years(plan, terms, (np.zeros((1, 1)), stream), seed=1).tolist()
        [1]
    """
    factors, stream = worlds
    terms = np.asarray(cumulative_pd, np.float64)
    if terms.ndim != 2 or len(terms) != len(plan.firm) or bool(np.any(np.diff(terms, axis=1) < 0)):
        raise InvalidInput(
            f"cumulative_pd: expected {len(plan.firm)} rows that never fall; got shape "
            f"{terms.shape}"
        )
    points = normal_quantiles(terms.ravel()).reshape(terms.shape)
    if not np.allclose(points[plan.firm, -1], plan.threshold, rtol=0, atol=1e-9):
        raise InvalidInput("cumulative_pd: its last year must be the PD the book was laid out with")
    group = np.empty(len(plan.firm), np.int64)
    group[plan.firm] = np.repeat(plan.cell_group, np.diff(plan.cell_since))
    out = np.empty(len(stream.firm), np.int64)
    index = np.ascontiguousarray(factors, np.float64) @ plan.loading.T
    _date((points, group, plan.rest, index), stream, (np.uint64(seed), first), out)
    return out


@kernel
def _date(firms, stream, begin, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    points, group, rest, index = firms
    last = points.shape[1] - 1
    for s in range(len(index)):
        key = stream_key(scenario_key(begin[0], begin[1] + s), _YEAR)
        for k in range(stream.since[s], stream.since[s + 1]):
            i = stream.firm[k]
            y, own = index[s, group[i]], rest[group[i]]
            level = uniform(key, i) * normal_cdf((points[i, last] - y) / own)
            year = 0
            while year < last and normal_cdf((points[i, year] - y) / own) <= level:
                year += 1
            out[k] = year
