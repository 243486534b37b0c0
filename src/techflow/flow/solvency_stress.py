"""A shock to a scheme and its book: who bears it, and the mildest one that empties the pool.

Needs the extra `simulate`.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from techflow.basics import Floats, InvalidInput
from techflow.flow.solvency import simulate_pool
from techflow.flow.solvency_book import NEVER, Book, Flags, Integers, Outcome, Run, World
from techflow.flow.solvency_draws import draw_worlds
from techflow.pool import Rules
from techflow.portfolio.factors import tie_factors

DEVIATIONS_MAX, TIMES_MAX, HALVINGS_N = 8.0, 100.0, 10


class Shock(NamedTuple):
    """What happens to the firms of some sectors.

    Attributes:
        deviations: What they share, in standard deviations in the first year (below 0 is bad);
            later years follow as far as factors remember. None leaves it as drawn.
        pd_times: Times their default probability, in all years.
        lgd_times: Times their loss given default.
        sectors: Numbers of the sectors; empty for all.
    """

    deviations: float | None = None
    pd_times: float = 1.0
    lgd_times: float = 1.0
    sectors: tuple[int, ...] = ()


class Played(NamedTuple):
    """A scheme over a book in its world.

    Attributes:
        book: The loans.
        rules: Bounds of the scheme.
        world: How firms hang together.
        run: Years, scenarios, seed.
        watched: Party whose purse is asked for.
    """

    book: Book
    rules: Rules
    world: World
    run: Run
    watched: int


def simulate_stress(played: Played, shock: Shock) -> Outcome:
    """The same random numbers under a shock.

    Args:
        played: The scheme over its book.
        shock: What happens.

    Returns:
        As `simulate_pool`.

    Raises:
        InvalidInput: A number of the shock is out of range, or no firm is in its sectors.

    Source:
        Conditional distribution of the factors: `techflow.portfolio.factors.tie_factors`; the
        stressed index is that of the sectors' expected loss.
    """
    book, rules, world, run, watched = played
    hit = _hit(book, shock)
    stressed = book._replace(
        pd=np.where(hit, np.minimum(book.pd * shock.pd_times, 1.0), book.pd),
        lgd=np.where(hit, np.minimum(book.lgd * shock.lgd_times, 1.0), book.lgd),
    )
    factors = _shocked_worlds(played, shock, hit)
    return simulate_pool(stressed, rules, world, run, watched=watched, factors=factors)


def _hit(book: Book, shock: Shock) -> Flags:
    if not (0.0 <= shock.pd_times <= TIMES_MAX and 0.0 <= shock.lgd_times <= TIMES_MAX):
        raise InvalidInput(
            f"pd_times and lgd_times must be in [0, {TIMES_MAX:g}]; got {shock.pd_times} and "
            f"{shock.lgd_times}"
        )
    if shock.deviations is not None and not abs(shock.deviations) <= DEVIATIONS_MAX:
        raise InvalidInput(
            f"deviations must be in [-{DEVIATIONS_MAX:g}, {DEVIATIONS_MAX:g}]; got "
            f"{shock.deviations}"
        )
    hit: Flags = np.isin(book.sector, shock.sectors) | (not shock.sectors)
    if not hit.any():
        raise InvalidInput(f"no loan is in the sectors of the shock; got {shock.sectors}")
    return hit


def _shocked_worlds(played: Played, shock: Shock, hit: Flags) -> Floats:
    book, world, run = played.book, played.world, played.run
    worlds = draw_worlds(world, run)
    if shock.deviations is None:
        return worlds
    weight = book.pd * book.lgd * book.ead_cny * hit
    mass = np.bincount(book.group, weight, minlength=len(world.loading))
    step = tie_factors(worlds[:, 0], mass @ world.loading, shock.deviations) - worlds[:, 0]
    for year in range(run.years_n):
        worlds[:, year] += world.persistence**year * step
    return worlds


def fails(played: Played, outcome: Outcome) -> Flags:
    """Scenarios in which the pool could not pay: its purse, or a cap or breaker if it has none.

    Args:
        played: The scheme.
        outcome: Its simulation.
    """
    if (played.rules.cap_refilled == 1).any():
        return np.asarray(outcome.emptied_year < NEVER, np.bool_)
    own = np.concatenate(
        [played.rules.cap_party == played.watched, played.rules.stops[:, played.watched] == 1]
    )
    bound: Integers = outcome.bound_year[:, own]
    return np.asarray((bound < NEVER).any(axis=1), np.bool_)


def mildest_shock(
    played: Played,
    make: Callable[[float], Shock],
    *,
    most: float,
    chance: float,
    least: float = 0.0,
) -> float | None:
    """Reverse stress: the least size of a shock under which the pool fails with a chance.

    Args:
        played: The scheme over its book.
        make: A shock of a size; larger is worse.
        most: Largest size that is tried.
        chance: In (0, 1), such as 0.5: more likely than not.
        least: Size that is no shock.

    Returns:
        The size, within `most - least` over 1,024; `least` if no shock is needed; None if not even
        the largest is enough.

    Raises:
        InvalidInput: The chance is out of range.

    Source:
        Bisection over common random numbers.
    """
    if not 0.0 < chance < 1.0:
        raise InvalidInput(f"chance must be inside (0, 1), such as 0.5; got {chance}")

    def enough(size: float) -> bool:
        return bool(fails(played, simulate_stress(played, make(size))).mean() >= chance)

    if enough(least):
        return least
    if not enough(most):
        return None
    low, high = least, most
    for _ in range(HALVINGS_N):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
