"""A points card on bins: fitted on weights of evidence, signs held, reasons by lost points."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import log
from typing import Any

import numpy as np

from techflow.basics import Floats, InvalidInput, NotConverged
from techflow.credit.binning import Binned
from techflow.credit.binning_kernel import WIDTH, encode
from techflow.credit.score import GOOD_ODDS, POINTS_AT_ODDS, POINTS_TO_DOUBLE
from techflow.credit.scorecard_kernel import LANE, add_points

STEPS_MAX, GRADIENT_MAX = 50, 1e-9
START_ROWS_N = 5_000
"""Rows of the first guess, which saves steps over all rows."""
FACTOR = POINTS_TO_DOUBLE / log(2.0)
OFFSET = POINTS_AT_ODDS - FACTOR * log(GOOD_ODDS)


@dataclass(frozen=True, slots=True)
class BinPoints:
    """One feature of a scorecard.

    Attributes:
        name: Feature.
        edges: Rising; a number up to but not at edge k lies in bin k.
        special: Numbers with a bin of their own, after the bins of the edges.
        points: Points of each bin: edges, special, unknown last. Higher is safer.
    """

    name: str
    edges: tuple[float, ...]
    special: tuple[float, ...]
    points: tuple[float, ...]


@dataclass(frozen=True)
class Scorecard:
    """Points by bin. Log-odds of an event = (OFFSET - base - points) / FACTOR.

    Attributes:
        base: Points every row has.
        features: Features kept.
        dropped: Feature -> why it was left out.
    """

    base: float
    features: tuple[BinPoints, ...]
    dropped: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def _arrays(self) -> tuple[float, Floats, Floats, Floats]:
        """Points of the first bins, edges, steps at them, and the step to unknown."""
        most = max((len(f.edges) for f in self.features), default=0)
        shape = (len(self.features), -(-most // LANE) * LANE)
        edges, steps = np.full(shape, np.nan), np.zeros(shape)
        for j, f in enumerate(self.features):
            edges[j, : len(f.edges)] = f.edges
            steps[j, : len(f.edges)] = np.diff(f.points[: len(f.edges) + 1])
        unknown = np.array([f.points[-1] - f.points[0] for f in self.features])
        return self.base + sum(f.points[0] for f in self.features), edges, steps, unknown

    def score(self, x: Floats) -> Floats:
        """Points of rows: 600 at odds of 50 to 1, 20 more double the odds.

        Args:
            x: The card's features in its order, by row: shape (p, n); NaN is unknown.

        Returns:
            Shape (n,).

        Raises:
            InvalidInput: The first axis is not the features of the card.
        """
        if x.ndim != 2 or x.shape[0] != len(self.features):
            raise InvalidInput(
                f"x must have {len(self.features)} rows, one a feature; got shape {x.shape}"
            )
        plain = np.ascontiguousarray(x, dtype=np.float64)
        first, edges, steps, unknown = self._arrays
        total: Floats = first + add_points(plain, edges, steps, unknown)
        for j, f in enumerate(self.features):
            for place, number in enumerate(f.special, len(f.edges) + 1):
                ordinary = f.points[sum(number >= edge for edge in f.edges)]
                total[plain[j] == number] += f.points[place] - ordinary
        return total

    def pd(self, x: Floats) -> Floats:
        """Probability of the event; see `score`."""
        return odds_to_pd(self.score(x))

    def score_one(self, row: Mapping[str, float | None]) -> tuple[float, tuple[str, ...]]:
        """Points of one row, and its features by points lost against their best bin.

        Args:
            row: Feature -> number; null or absent is unknown.

        Returns:
            Points, and the names of the features that lost any, most first.
        """
        total, lost = self.base, []
        for f in self.features:
            own = f.points[_place(f, row.get(f.name))]
            total += own
            lost.append((max(f.points) - own, f.name))
        ranked = sorted(lost, key=lambda item: -item[0])
        return total, tuple(name for loss, name in ranked if loss > 0.0)

    def to_data(self) -> dict[str, Any]:
        """Plain values for JSON."""
        features = [
            {
                "name": f.name,
                "edges": list(f.edges),
                "special": list(f.special),
                "points": list(f.points),
            }
            for f in self.features
        ]
        return {"base": self.base, "features": features, "dropped": dict(self.dropped)}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Scorecard":
        """Read what `to_data` wrote.

        Raises:
            InvalidInput: Edges do not rise, or points do not fit the bins.
        """
        features = tuple(
            BinPoints(f["name"], tuple(f["edges"]), tuple(f["special"]), tuple(f["points"]))
            for f in data["features"]
        )
        for f in features:
            if list(f.edges) != sorted(set(f.edges)):
                raise InvalidInput(f"edges of {f.name} must rise; got {f.edges}")
            if len(f.points) != len(f.edges) + len(f.special) + 2:
                raise InvalidInput(
                    f"{f.name} has {len(f.edges) + len(f.special) + 2} bins (edges, special, "
                    f"unknown) but {len(f.points)} points"
                )
        return cls(float(data["base"]), features, data.get("dropped", {}))


def odds_to_pd(points: Floats) -> Floats:
    """Probability of the event of rows with these points.

    Examples:
        >>> odds_to_pd(np.array([600.0, 620.0])).round(6).tolist()
        [0.019608, 0.009901]
    """
    pd: Floats = 1.0 / (1.0 + np.exp((points - OFFSET) / FACTOR))
    return pd


def _place(f: BinPoints, number: float | None) -> int:
    """Bin of one number."""
    if number is None or number != number:
        return len(f.points) - 1
    if number in f.special:
        return len(f.edges) + 1 + f.special.index(number)
    return sum(number >= edge for edge in f.edges)


def fit_scorecard(
    x: Floats, y: Floats, binned: Sequence[Binned], *, penalty: float = 1.0, iv_min: float = 0.02
) -> Scorecard:
    """Fit points on bins.

    Logistic regression of the event on weights of evidence with a ridge. A feature whose
    weight would turn its bins round is left out and the rest fitted again, worst first.

    Args:
        x: Features, shape (n, p), in the order of `binned`; NaN is unknown.
        y: 1 event, 0 none, shape (n,).
        binned: Result of `bin_features`.
        penalty: Ridge on the weights, 0 or more.
        iv_min: Features of less information value are left out.

    Raises:
        NotConverged: Newton's steps did not settle (an event told without error has no
            finite weights; raise the penalty).

    Source:
        Siddiqi, Credit Risk Scorecards (2006), ch. 6; le Cessie and van Houwelingen (1992).
    """
    dropped = {b.name: _why_out(b, iv_min) for b in binned}
    kept = [j for j, b in enumerate(binned) if not dropped[b.name]]
    dropped = {name: why for name, why in dropped.items() if why}
    design = _design(x, binned, kept)
    weights = _first_guess(design, y, penalty)
    while True:
        weights = _fit(design, y, penalty, weights)
        slopes = weights[1:]
        if not slopes.size or slopes.min() >= 0.0:
            break
        worst = int(np.argmin(slopes))
        dropped[binned[kept[worst]].name] = "its weight would run against its bins"
        kept.pop(worst)
        design, weights = np.delete(design, worst, axis=0), np.delete(weights, worst + 1)
    features = tuple(
        BinPoints(
            binned[j].name,
            tuple(binned[j].edges.tolist()),
            binned[j].special,
            tuple(_exact(FACTOR * slope * binned[j].woe).tolist()),
        )
        for j, slope in zip(kept, slopes, strict=True)
    )
    return Scorecard(float(_exact(OFFSET - FACTOR * weights[0])), features, dropped)


def _exact(points: Any) -> Any:
    """Points as multiples of 2^-20, so that they add up exactly on every machine and engine."""
    return np.round(points * 2.0**20) / 2.0**20


def _why_out(b: Binned, iv_min: float) -> str:
    if b.reason is not None and not b.information_value >= iv_min:
        return b.reason
    low = b.information_value < iv_min
    return f"information value {b.information_value:.4f} under {iv_min}" if low else ""


def _design(x: Floats, binned: Sequence[Binned], kept: Sequence[int]) -> Floats:
    """Minus the weight of evidence of each row, shape (kept, n)."""
    columns = np.ascontiguousarray(x[:, kept].T)
    edges = np.full((len(kept), WIDTH), np.nan)
    for place, j in enumerate(kept):
        edges[place, : binned[j].edges.size] = binned[j].edges
    codes = encode(columns, edges, np.array([binned[j].edges.size for j in kept], dtype=np.int64))
    design = np.empty(columns.shape)
    for place, j in enumerate(kept):
        b, woe = binned[j], -binned[j].woe
        np.take(np.append(woe[: b.edges.size + 1], woe[-1]), codes[place], out=design[place])
        for k, number in enumerate(b.special, b.edges.size + 1):
            design[place, columns[place] == number] = woe[k]
    return design


def _first_guess(design: Floats, y: Floats, penalty: float) -> Floats:
    """Weights from few rows if those hold both outcomes, else only the intercept."""
    guess = np.zeros(design.shape[0] + 1)
    guess[0] = np.log(y.mean() / (1.0 - y.mean()))
    every = y.size // START_ROWS_N
    if every < 2 or not 100 < y[::every].sum() < y[::every].size - 100:
        return guess
    return _fit(np.ascontiguousarray(design[:, ::every]), y[::every], penalty, guess)


def _fit(design: Floats, y: Floats, penalty: float, weights: Floats) -> Floats:
    """Intercept and weights by Newton's method, from a first guess."""
    ridge = np.full(weights.size, penalty)
    ridge[0] = 0.0
    for _ in range(STEPS_MAX):
        chance = 1.0 / (1.0 + np.exp(-weights[0] - weights[1:] @ design))
        gap = chance - y
        slope = np.concatenate([[gap.sum()], design @ gap]) + ridge * weights
        if np.abs(slope).max() <= GRADIENT_MAX * y.size:
            return weights
        spread = chance * (1.0 - chance)
        scaled = design * spread
        bend = np.empty((weights.size, weights.size))
        bend[0, 0], bend[0, 1:], bend[1:, 1:] = spread.sum(), scaled.sum(axis=1), scaled @ design.T
        bend[1:, 0] = bend[0, 1:]
        weights = weights - np.linalg.solve(bend + np.diag(ridge), slope)
    raise NotConverged(
        f"weights had not settled after {STEPS_MAX} steps; slope {np.abs(slope).max():.3g}; "
        "raise the penalty"
    )
