"""How customers answer to the rate: the share that leaves, and the rate that earns most."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from techflow.basics import Floats, InvalidInput, NotConverged

STEPS_MAX, TOLERANCE = 100, 1e-13
ROWS_MIN = 4


@dataclass(frozen=True, slots=True)
class Response:
    """Customers leave at a constant pace as the rate rises: `1 - exp(-decay (r - start))`.

    Attributes:
        decay: Share of the customers still there that leaves per unit of rate, positive.
        start_rate_pa: Rate up to which nobody leaves, a fraction.
    """

    decay: float
    start_rate_pa: float

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Response":
        """Read a fitted curve.

        Raises:
            InvalidInput: The curve does not rise, or its start is no rate.
        """
        decay, start = float(data["decay"]), float(data["start_rate_pa"])
        if not decay > 0.0 or not 0.0 <= start < 1.0:
            raise InvalidInput(
                "a churn curve needs decay > 0 and start_rate_pa in [0, 1); "
                f"got decay {decay}, start_rate_pa {start}; fit it again"
            )
        return cls(decay, start)


def stay_share(rate_pa: Floats, decay: Floats, start_rate_pa: Floats) -> Floats:
    """Share of customers that takes a loan at a rate.

    Args:
        rate_pa: Rates, fractions, any shape.
        decay: Of the curve, positive, same shape or one number.
        start_rate_pa: Of the curve.

    Returns:
        1 up to the start, then falling to 0; NaN propagates.

    Source:
        Constant hazard of leaving over the rate (exponential survival). Chosen by leave-one-out
        error over logit, polynomial and isotonic curves: docs/allocation.md.

    Examples:
        >>> stay_share(np.array([0.03, 0.04, 0.09]), np.array([20.0]), np.array([0.04])).round(4)
        array([1.    , 1.    , 0.3679])
    """
    stay: Floats = np.exp(-decay * np.maximum(rate_pa - start_rate_pa, 0.0))
    return stay


def churn_slope(rate_pa: Floats, decay: Floats, start_rate_pa: Floats) -> Floats:
    """Derivative of the share that leaves by the rate; 0 up to the start.

    Args:
        rate_pa: Rates, fractions, any shape.
        decay: Of the curve.
        start_rate_pa: Of the curve.

    Returns:
        Share per unit of rate, 0 or more. At the start itself the derivative from the right.

    Source:
        `d/dr (1 - exp(-k (r - s))) = k exp(-k (r - s))`.

    Examples:
        >>> churn_slope(np.array([0.03, 0.04]), np.array([20.0]), np.array([0.04]))
        array([ 0., 20.])
    """
    slope = decay * stay_share(rate_pa, decay, start_rate_pa)
    return np.where(rate_pa >= start_rate_pa, slope, 0.0)


def best_rate(
    pd: Floats, cost: Floats, decay: Floats, start_rate_pa: Floats, *, rates: tuple[float, float]
) -> Floats:
    """The rate with the highest expected profit per yuan offered.

    A customer who takes the loan of 1 pays the rate with probability `1 - pd`; all else is a cost
    per yuan lent, so the profit is `stay(r) ((1 - pd) r - cost)`. Above the start of the curve its
    logarithm is concave, and it is greatest at `cost / (1 - pd) + 1 / decay`: the break-even rate
    plus a mark-up that tells how patient the customers are. Below the start it only rises.

    Args:
        pd: Default probability, fraction in [0, 1), shape (n,).
        cost: Cost per yuan lent, funding, running, capital and expected lost principal, shape (n,).
        decay: Of the curve of each firm.
        start_rate_pa: Of the curve of each firm.
        rates: Least and greatest rate allowed.

    Returns:
        Rates within `rates`, shape (n,).

    Source:
        First-order condition; the mark-up is the inverse semi-elasticity of demand (Lerner 1934,
        Review of Economic Studies 1(3)).

    Examples:
        >>> one = [np.array([x]) for x in (0.02, 0.049, 20.0, 0.04)]
        >>> best_rate(*one, rates=(0.04, 0.15)).round(4)  # 0.05 + 0.05
        array([0.1])
    """
    low, high = rates
    free = cost / (1.0 - pd) + 1.0 / decay
    return np.clip(free, np.clip(start_rate_pa, low, high), high)


def fit_response(rate_pa: Floats, churn: Floats) -> Response:
    """The curve closest to tabulated shares, by least squares.

    Args:
        rate_pa: Rates, fractions, shape (n,), four or more, rising.
        churn: Share of customers lost at each, in [0, 1), shape (n,).

    Raises:
        InvalidInput: Too few rows, rates that do not rise, or shares outside [0, 1).
        NotConverged: The iteration did not settle.

    Source:
        Gauss-Newton on both parameters, begun at the line through `-log(1 - churn)`.

    Examples:
        >>> rates = np.linspace(0.04, 0.15, 12)
        >>> found = fit_response(rates, 1.0 - np.exp(-20.0 * (rates - 0.03)))
        >>> round(found.decay, 6), round(found.start_rate_pa, 6)
        (20.0, 0.03)
    """
    _check(rate_pa, churn)
    slope, offset = np.polyfit(rate_pa, -np.log1p(-churn), 1)
    decay, start = float(slope), float(-offset / slope)
    for _ in range(STEPS_MAX):
        stay = np.exp(-decay * (rate_pa - start))
        by = np.column_stack([(rate_pa - start) * stay, -decay * stay])
        step = np.linalg.lstsq(by, churn - (1.0 - stay), rcond=None)[0]
        decay, start = decay + float(step[0]), start + float(step[1])
        if abs(step[0]) <= TOLERANCE * abs(decay) and abs(step[1]) <= TOLERANCE:
            return Response.from_data({"decay": decay, "start_rate_pa": start})
    raise NotConverged(f"the churn curve did not settle in {STEPS_MAX} steps; last step {step}")


def _check(rate_pa: Floats, churn: Floats) -> None:
    if rate_pa.size < ROWS_MIN or not np.all(np.diff(rate_pa) > 0.0):
        raise InvalidInput(
            f"rates must rise and be {ROWS_MIN} or more; got {rate_pa.size}: {rate_pa.tolist()}"
        )
    if not np.all((churn >= 0.0) & (churn < 1.0)):
        raise InvalidInput(
            f"shares lost must lie in [0, 1); got {churn.min()} to {churn.max()}; "
            "write a fraction, 0.25 for a quarter"
        )
    if not churn[-1] > churn[0]:
        raise InvalidInput(
            f"the share lost must rise with the rate; got {churn[0]} at the lowest rate "
            f"and {churn[-1]} at the highest; check the columns"
        )


def leave_one_out(rate_pa: Floats, churn: Floats) -> Floats:
    """Error at each inner row of a curve fitted without it.

    Args:
        rate_pa: As for `fit_response`, five or more.
        churn: As for `fit_response`.

    Returns:
        Fitted less tabulated share, shape (n - 2,); the ends would be extrapolation.

    Source:
        Leave-one-out cross-validation (Stone 1974, J. of the Royal Statistical Society B 36(2)).
    """
    places = np.arange(rate_pa.size)
    errors = []
    for place in places[1:-1]:
        kept = places != place
        curve = fit_response(rate_pa[kept], churn[kept])
        here = rate_pa[place : place + 1]
        stay = stay_share(here, np.array([curve.decay]), np.array([curve.start_rate_pa]))
        errors.append(1.0 - stay[0] - churn[place])
    return np.array(errors)
