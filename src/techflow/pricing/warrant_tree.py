"""A warrant by a tree of equity with default: what exercising early adds."""

import numpy as np

from techflow.basics import Floats, InvalidInput
from techflow.pricing.hazard import Curve, Elapsed, Hazards
from techflow.pricing.warrant import Warrant, value_european

STEPS_N = 200
"""Steps of the tree; only the worth of exercising early depends on them."""
CELLS_MAX = 2_000_000
"""Nodes held at once: rows are taken in pieces, the answer does not depend on it."""


def tree_values(
    warrant: Warrant, hazards: Hazards, *, steps_n: int = STEPS_N
) -> tuple[Floats, Floats]:
    """Values on a tree of equity with default: exercised at the end, and at any step.

    In each step the firm defaults with the chance its hazard says and equity is gone, else
    equity moves up or down. The tree is laid so that the strike falls half-way between two end
    nodes, which makes the error fall smoothly as 1 / steps.

    Args:
        warrant: The warrants.
        hazards: One row per warrant.
        steps_n: Steps, 2 or more.

    Returns:
        European and American value in yuan, each of shape (n,); NaN where a living firm
        outgrows its volatility within one step, so that more steps are needed.

    Raises:
        InvalidInput: `steps_n` is below 2.

    Source:
        Cox, Ross and Rubinstein (1979), Option pricing: a simplified approach, Journal of
        Financial Economics 7; centred on the strike as in Chang and Palmer (2007), Smooth
        convergence in the binomial model, Finance and Stochastics 11.
    """
    if steps_n < 2:
        raise InvalidInput(f"steps_n must be 2 or more; got {steps_n}")
    rows_n = max(1, CELLS_MAX // (steps_n + 1))
    pieces = [
        _tree(
            warrant.take(slice(first, first + rows_n)),
            Hazards(hazards.times, hazards.rates_pa[first : first + rows_n]),
            steps_n,
        )
        for first in range(0, warrant.equity_cny.size, rows_n)
    ]
    if not pieces:
        return np.zeros(0), np.zeros(0)
    end, any_step = (np.concatenate(part) for part in zip(*pieces, strict=True))
    return end, any_step


def value_american(warrant: Warrant, hazards: Hazards, *, steps_n: int = STEPS_N) -> Floats:
    """Value if exercised at any time: the closed form plus what the tree adds for the right.

    The tree is off by nearly the same in both its values, so that their difference is exact to
    far more digits than either. Where equity grows at the discount rate or faster nothing is paid
    out on it, waiting costs nothing, and the closed form stands.

    Args:
        warrant: The warrants.
        hazards: One row per warrant.
        steps_n: Steps of the tree.

    Returns:
        Yuan, shape (n,); never below the European value nor below exercise today; NaN as in
        `tree_values`.

    Source:
        Control variate: Hull and White (1988), The use of the control variate technique in
        option pricing, Journal of Financial and Quantitative Analysis 23.
    """
    value = value_european(warrant, hazards)
    early = np.flatnonzero(warrant.growth_rate_pa < warrant.rate_pa)
    some = Hazards(hazards.times, hazards.rates_pa[early])
    end, any_step = tree_values(warrant.take(early), some, steps_n=steps_n)
    value[early] += any_step - end
    now = warrant.part * (warrant.equity_cny - warrant.strike_cny)
    return np.maximum(value, np.maximum(now, 0.0))


def _tree(warrant: Warrant, hazards: Hazards, steps_n: int) -> tuple[Floats, Floats]:
    """Walk back from the end; node j of step i has gone up j times."""
    step = warrant.term_years / steps_n
    up = warrant.volatility * np.sqrt(step)
    when = step[:, None] * np.arange(steps_n + 1)
    alive = Elapsed.of(hazards, Curve.flat(0.0)).integrals(when)[2]
    lives = alive[:, 1:] / alive[:, :-1]
    shift = _centring(warrant, up, steps_n)
    grown = np.exp((warrant.growth_rate_pa * step)[:, None] - shift[:, None]) / lives
    rises = (grown - np.exp(-up)[:, None]) / (2.0 * np.sinh(up))[:, None]
    fine = np.all((rises >= 0) & (rises <= 1), axis=1)
    rises = np.where(fine[:, None], rises, np.nan)
    paid = lives * np.exp(-warrant.rate_pa * step)[:, None]
    part, start = warrant.part[:, None], np.log(warrant.equity_cny)[:, None]
    strike = warrant.strike_cny[:, None]

    def gain(i: int) -> Floats:
        level = start + i * shift[:, None] + up[:, None] * (2.0 * np.arange(i + 1) - i)
        return np.asarray(part * np.maximum(np.exp(level) - strike, 0.0), np.float64)

    end = any_step = gain(steps_n)
    for i in range(steps_n - 1, -1, -1):
        rise, worth = rises[:, i : i + 1], paid[:, i : i + 1]
        end = worth * (rise * end[:, 1:] + (1.0 - rise) * end[:, :-1])
        kept = worth * (rise * any_step[:, 1:] + (1.0 - rise) * any_step[:, :-1])
        any_step = np.maximum(kept, gain(i))
    return end[:, 0], any_step[:, 0]


def _centring(warrant: Warrant, up: Floats, steps_n: int) -> Floats:
    """Drift of the grid per step that puts the strike half-way between two end nodes."""
    with np.errstate(divide="ignore", invalid="ignore"):
        wanted = np.log(warrant.strike_cny / warrant.equity_cny)
        place = (wanted / up + steps_n - 1.0) / 2.0
        off = np.where(np.isfinite(place), place - np.round(place), 0.0)
    return np.asarray(2.0 * off * up / steps_n, np.float64)
