"""Which of several ends comes first, and when: cumulative incidence by Aalen and Johansen."""

from dataclasses import dataclass

import numpy as np

from techflow.basics import Floats, InvalidInput
from techflow.basics.normal import normal_quantile

Integers = np.typing.NDArray[np.int64]
OPEN = 0


@dataclass(frozen=True, slots=True)
class Incidence:
    """Cumulative incidence of each cause; steps at the times when something ended.

    Attributes:
        years: Times at which something ended, rising, shape (times,).
        at_risk_n: How many were seen just before, shape (times,).
        ends_n: How many ended of each cause, shape (times, causes).
        left_share: Still open just after, shape (times,).
        share: Ended of each cause by then, shape (times, causes).
        share_se: Its standard error, shape (times, causes).
        seen_years: How long anything was followed; beyond it nothing is known. Infinite if none
            is left open.
    """

    years: Floats
    at_risk_n: Floats
    ends_n: Floats
    left_share: Floats
    share: Floats
    share_se: Floats
    seen_years: float

    def at(self, years: Floats) -> tuple[Floats, Floats, Floats]:
        """Open share, share of each cause, and its standard error at some times.

        Args:
            years: Times, shape (n,).

        Returns:
            Shapes (n,), (n, causes), (n, causes); NaN beyond `seen_years`.
        """
        place = np.searchsorted(self.years, years, side="right")
        zeros = np.zeros((1, self.share.shape[1]))
        beyond = np.asarray(years) > self.seen_years
        left = np.concatenate([[1.0], self.left_share])[place]
        share, error = (
            np.concatenate([zeros, part])[place] for part in (self.share, self.share_se)
        )
        left[beyond], share[beyond], error[beyond] = np.nan, np.nan, np.nan
        return left, share, error


def cumulative_incidence(
    years: Floats, cause: Integers, *, causes_n: int, entry_years: Floats | None = None
) -> Incidence:
    """Share that has ended by each cause, where one end precludes the others (Aalen-Johansen).

    Args:
        years: Time of the end, or until which it was seen open, from its own start; above 0,
            shape (n,).
        cause: 0 for still open, else 1 to `causes_n`, shape (n,).
        causes_n: How many causes there are, also those that never came.
        entry_years: Time since its start when it came under view (below `years`), shape (n,);
            None if all were seen from the start. Without it, a history kept only for what was
            still open when records began looks longer-lived than it was.

    Returns:
        The estimate, with the standard errors of Aalen (1978).

    Raises:
        InvalidInput: No row; a time is not above 0 or not above its entry; a cause is out of
            range.

    Source:
        Aalen, O. (1978), Annals of Statistics 6:534-545; Aalen, O. and Johansen, S. (1978),
        Scandinavian Journal of Statistics 5:141-150. Censoring must say nothing about what would
        have come.

    Examples:
        Four holdings: listed after 1 year, sold after 2, open after 3, listed after 4.

        >>> found = cumulative_incidence(
        ...     np.array([1.0, 2, 3, 4]), np.array([1, 2, 0, 1]), causes_n=2)
        >>> found.share[-1].tolist(), found.left_share.tolist()
        ([0.75, 0.25], [0.75, 0.5, 0.0])
    """
    entry = np.zeros(len(years)) if entry_years is None else entry_years
    _check(years, cause, causes_n, entry)
    times = np.unique(years[cause != OPEN])
    place = np.searchsorted(times, years[cause != OPEN])
    ends = np.zeros((times.size, causes_n))
    np.add.at(ends, (place, cause[cause != OPEN] - 1), 1.0)
    entered = np.searchsorted(np.sort(entry), times, side="left")
    at_risk = (entered - np.searchsorted(np.sort(years), times, side="left")).astype(np.float64)
    left = np.cumprod(1.0 - ends.sum(axis=1) / at_risk)
    before = np.concatenate([[1.0], left[:-1]])
    share = np.cumsum(before[:, None] * ends / at_risk[:, None], axis=0)
    error = _standard_error(share, before, ends, at_risk)
    seen = float(years.max()) if left.size == 0 or left[-1] > 0.0 else np.inf
    return Incidence(times, at_risk, ends, left, share, error, seen)


def _check(years: Floats, cause: Integers, causes_n: int, entry: Floats) -> None:
    if years.size == 0:
        raise InvalidInput("cumulative incidence needs at least one row; got none")
    if not (np.all(years > entry) and np.all(entry >= 0.0)):
        worst = int(np.argmin(years - entry))
        raise InvalidInput(
            "each time must be above 0 and above its entry; "
            f"got {years[worst]:g} with entry {entry[worst]:g} in row {worst}"
        )
    if cause.min() < OPEN or cause.max() > causes_n:
        raise InvalidInput(
            f"cause must be 0 (open) to {causes_n}; got {cause.min()} to {cause.max()}"
        )


def _standard_error(share: Floats, before: Floats, ends: Floats, at_risk: Floats) -> Floats:
    """Aalen's variance of the share at every time, by running sums (his sum over past times)."""
    n, fewer = at_risk[:, None], np.maximum(at_risk - 1.0, 1.0)[:, None]
    all_ends = ends.sum(axis=1)[:, None]
    stay = n - all_ends
    # Where all ended nothing follows, so that term is never weighed by more than zero.
    stay = np.where(stay > 0, stay, np.inf)
    among = all_ends / (fewer * stay)
    own = before[:, None] ** 2 * ends * (n - ends) / (n**2 * fewer)
    both = before[:, None] * ends * (n - ends) / (n * stay * fewer)
    sums = [np.cumsum(part, axis=0) for part in (among * np.ones_like(share), among * share)]
    squares = np.cumsum(among * share**2, axis=0)
    variance = (
        share**2 * sums[0]
        - 2.0 * share * sums[1]
        + squares
        + np.cumsum(own, axis=0)
        - 2.0 * (share * np.cumsum(both, axis=0) - np.cumsum(both * share, axis=0))
    )
    return np.asarray(np.sqrt(np.maximum(variance, 0.0)))


def incidence_interval(
    share: Floats, share_se: Floats, *, level: float = 0.95
) -> tuple[Floats, Floats]:
    """Interval of a cumulative incidence, on the scale log(-log).

    Args:
        share: Shares, any shape.
        share_se: Their standard errors, same shape.
        level: Confidence of the interval, within (0, 1).

    Returns:
        Lower and upper bound, same shape; NaN where the share is 0, 1 or unknown.

    Raises:
        InvalidInput: The level is not within (0, 1).

    Source:
        Pintilie, M. (2006), Competing Risks: A Practical Perspective, Wiley.

    Examples:
        >>> low, high = incidence_interval(np.array([0.25]), np.array([0.05]))
        >>> round(float(low[0]), 3), round(float(high[0]), 3)
        (0.159, 0.352)
    """
    if not 0.0 < level < 1.0:
        raise InvalidInput(f"level must be within (0, 1); got {level}")
    z = float(normal_quantile(np.array([0.5 + level / 2.0]))[0])
    with np.errstate(divide="ignore", invalid="ignore"):
        inner = (share > 0.0) & (share < 1.0)
        known = np.where(inner, share, np.nan)
        spread = z * share_se / (known * np.log(known))
        return known ** np.exp(-spread), known ** np.exp(spread)
