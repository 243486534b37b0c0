"""Discount and hazard curves, constant between nodes, and what elapses along them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from techflow.basics import Floats, InvalidInput

SERIES_BELOW = 0.02
"""Below this the closed form of `_shares` loses digits and its series has them all."""


def _check_nodes(times: Floats, what: str) -> None:
    if times.ndim != 1 or not times.size or not bool(np.all(np.diff(times, prepend=0.0) > 0)):
        raise InvalidInput(f"times of {what} must ascend from above 0; got {times}")


@dataclass(frozen=True, slots=True)
class Curve:
    """A discount curve of piecewise-constant forward rates.

    Attributes:
        times: Years at which a rate ends, ascending, above 0, shape (m,); the last rate stays.
        rates_pa: Continuously compounded forward rates, shape (m,).
    """

    times: Floats
    rates_pa: Floats

    def __post_init__(self) -> None:
        _check_nodes(self.times, "a discount curve")
        if self.rates_pa.shape != self.times.shape or not bool(np.isfinite(self.rates_pa).all()):
            raise InvalidInput(f"a discount curve needs a rate per time; got {self.rates_pa}")

    @classmethod
    def flat(cls, rate_pa: float) -> "Curve":
        """One continuously compounded rate for all times."""
        return cls(np.array([1.0]), np.array([float(rate_pa)]))

    def discount(self, times: Floats) -> Floats:
        """Value today of 1 paid at each time; 1 for the past.

        Examples:
            >>> Curve(np.array([1.0, 2.0]), np.array([0.01, 0.03])).discount(np.array([3.0]))
            array([0.93239382])
        """
        steps = np.diff(self.times[:-1], prepend=0.0)
        starts = np.concatenate([[0.0], self.times[:-1]])
        spent = np.concatenate([[0.0], np.cumsum(self.rates_pa[:-1] * steps)])
        when = np.maximum(times, 0.0)
        place = np.searchsorted(starts, when, side="right") - 1
        elapsed = spent[place] + self.rates_pa[place] * (when - starts[place])
        return np.asarray(np.exp(-elapsed), np.float64)


@dataclass(frozen=True, slots=True)
class Hazards:
    """Default intensities of many borrowers, piecewise constant on common nodes.

    Attributes:
        times: Years at which a hazard ends, ascending, above 0, shape (k,); the last one stays.
        rates_pa: Defaults a year of those that live, shape (n, k); NaN stays NaN.
    """

    times: Floats
    rates_pa: Floats

    def __post_init__(self) -> None:
        _check_nodes(self.times, "hazards")
        if self.rates_pa.ndim != 2 or self.rates_pa.shape[1] != self.times.size:
            raise InvalidInput(
                f"hazards need a row per borrower and a column per time ({self.times.size}); "
                f"got shape {self.rates_pa.shape}"
            )
        if bool(np.any(self.rates_pa < 0)):
            raise InvalidInput(f"hazards must be 0 or more; got {np.nanmin(self.rates_pa)}")

    @classmethod
    def of_pd(cls, cumulative: Floats) -> "Hazards":
        """Hazards that meet cumulative PDs after year 1, 2, ...

        Args:
            cumulative: In [0, 1), not falling along a row, shape (n, years).

        Raises:
            InvalidInput: A PD is outside or falls.

        Examples:
            >>> Hazards.of_pd(np.array([[0.02, 0.0396]])).rates_pa.round(6).tolist()
            [[0.020203, 0.020203]]
        """
        if bool(np.any((cumulative < 0) | (cumulative >= 1))):
            raise InvalidInput(
                f"cumulative PD must be in [0, 1); got min {np.nanmin(cumulative)}, "
                f"max {np.nanmax(cumulative)}"
            )
        if bool(np.any(np.diff(cumulative, axis=1) < 0)):
            raise InvalidInput("cumulative PD must not fall from year to year")
        spent = -np.log1p(-cumulative)
        years = np.arange(1.0, cumulative.shape[1] + 1.0)
        return cls(years, np.maximum(np.diff(spent, axis=1, prepend=0.0), 0.0))

    def survival(self, times: Floats) -> Floats:
        """Chance to live at each time, shape (n, times); the same times for all."""
        starts = np.concatenate([[0.0], self.times[:-1]])
        ends = np.concatenate([self.times[:-1], [np.inf]])
        spent = np.clip(times[:, None], starts, ends) - starts
        return np.asarray(np.exp(-(self.rates_pa @ spent.T)), np.float64)

    def survive(self, years: Floats) -> Floats:
        """Chance of each borrower to live for its own time, shape (n,)."""
        starts = np.concatenate([[0.0], self.times[:-1]])
        ends = np.concatenate([self.times[:-1], [np.inf]])
        spent = self.rates_pa * (np.clip(years[:, None], starts, ends) - starts)
        return np.asarray(np.exp(-spent.sum(axis=1)), np.float64)


def _shares(x: Floats) -> tuple[Floats, Floats]:
    """Integrals over u in [0, 1] of exp(-x u) and of u exp(-x u)."""
    still = x == 0.0
    safe = np.where(still, 1.0, x)
    gone = -np.expm1(-x)
    level = np.where(still, 1.0, gone / safe)
    series = 1 / 2 - x * (1 / 3 - x * (1 / 8 - x * (1 / 30 - x * (1 / 144 - x * (1 / 840)))))
    slope = np.where(np.abs(x) < SERIES_BELOW, series, (level + gone - 1.0) / safe)
    return level, slope


def cut_time(hazards: Hazards, curve: Curve) -> tuple[Floats, NDArray[np.intp], Floats]:
    """Pieces of time on which hazards and forward rate are constant.

    Returns:
        Where each piece begins, the column of its hazards, and its forward rate.
    """
    starts = np.unique(np.concatenate([[0.0], hazards.times[:-1], curve.times[:-1]]))
    place = np.searchsorted(hazards.times[:-1], starts, side="right")
    return starts, place, curve.rates_pa[np.searchsorted(curve.times[:-1], starts, side="right")]


@dataclass(frozen=True, slots=True)
class Elapsed:
    """Survival and discounted defaults of each borrower up to each node of both curves.

    Attributes:
        starts: Where each piece begins, shape (m,).
        hazard: Hazard of each piece, shape (n, m).
        forward: Forward rate of each piece, shape (m,).
        spent: Hazard used up at the start of each piece, shape (n, m).
        value: Discounted survival at the start of each piece.
        defaults: Integral of hazard x discounted survival up to the start.
        weighted: The same, weighted with time.
    """

    starts: Floats
    hazard: Floats
    forward: Floats
    spent: Floats
    value: Floats
    defaults: Floats
    weighted: Floats

    @classmethod
    def of(cls, hazards: Hazards, curve: Curve) -> "Elapsed":
        """Cut time at the nodes of both curves and integrate piece by piece."""
        starts, place, forward = cut_time(hazards, curve)
        hazard = hazards.rates_pa[:, place]
        length = np.diff(starts)
        spent = _sum_before(hazard[:, :-1] * length)
        value = np.exp(-spent) * np.exp(-_sum_before((forward[:-1] * length)[None, :]))
        level, slope = _shares((hazard + forward)[:, :-1] * length)
        gone = value[:, :-1] * hazard[:, :-1] * length
        defaults = _sum_before(gone * level)
        weighted = _sum_before(gone * (starts[:-1] * level + length * slope))
        return cls(starts, hazard, forward, spent, value, defaults, weighted)

    def integrals(self, times: Floats) -> tuple[Floats, Floats, Floats]:
        """Discounted defaults up to each time, the same weighted with time, and survival.

        Args:
            times: Shape (n, q), or (1, q) for all; the past counts as today.
        """
        when = np.maximum(times, 0.0)
        place = np.searchsorted(self.starts, when, side="right") - 1
        start = self.starts[place]
        since = when - start
        hazard, value = _at(self.hazard, place), _at(self.value, place)
        level, slope = _shares((hazard + self.forward[place]) * since)
        gone = value * hazard * since
        defaults = _at(self.defaults, place) + gone * level
        weighted = _at(self.weighted, place) + gone * (start * level + since * slope)
        return defaults, weighted, np.exp(-(_at(self.spent, place) + hazard * since))

    def annuity(self, years: Floats) -> Floats:
        """Value of 1 a year paid without pause while the borrower lives, for each its own years.

        Args:
            years: Shape (n,).
        """
        place = np.searchsorted(self.starts, years, side="right") - 1
        until = np.concatenate([self.starts[1:], [np.inf]])
        length = np.clip(years[:, None], self.starts, until) - self.starts
        length = np.where(np.arange(self.starts.size) <= place[:, None], length, 0.0)
        level, _ = _shares((self.hazard + self.forward) * length)
        return np.asarray((self.value * length * level).sum(axis=1), np.float64)


def _at(pieces: Floats, place: NDArray[np.intp]) -> Floats:
    """The piece each time falls in; times of one row are the same for all borrowers."""
    if place.shape[0] == 1:
        return pieces[:, place[0]]
    if pieces.shape[1] == 1:
        return np.broadcast_to(pieces, place.shape)
    return np.take_along_axis(pieces, place, axis=1)


def _sum_before(parts: Floats) -> Floats:
    """Sums of all parts before each, beginning with 0: one column more."""
    sums = np.zeros((parts.shape[0], parts.shape[1] + 1))
    np.cumsum(parts, axis=1, out=sums[:, 1:])
    return sums
