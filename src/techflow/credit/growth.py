"""Growth as a distribution: a median with the ends of an interval, from three forests."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from techflow.basics import Floats, InvalidInput
from techflow.basics.trees import Forest
from techflow.credit.card import Terms, name_columns, read_terms
from techflow.credit.trees import TreeInput


@dataclass(frozen=True, slots=True)
class GrowthCard(Terms):
    """A fitted card of growth.

    Attributes:
        sample: Id of the raw set it reads.
        features: Inputs, in the order of the forests'.
        low: Trees whose sum is the lower quantile of log growth.
        median: Trees whose sum is its median.
        high: Trees whose sum is the upper quantile.
        below: How far the lower end moves down so that the interval covers what it claims on
            firms left out; may be negative.
        above: How far the upper end moves up.
        interval_share: Share of firms the interval is meant to hold.
    """

    sample: str
    features: tuple[TreeInput, ...]
    low: Forest
    median: Forest
    high: Forest
    below: float
    above: float
    interval_share: float

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns a frame must have to be scored."""
        return name_columns(self.features, self.conditions)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "GrowthCard":
        """Read a card from its recipe with `fitted`.

        Raises:
            InvalidInput: A feature was not fitted, or the share of the interval is none.
        """
        fitted, share = data["fitted"], float(data["fit"]["interval_share"])
        if not 0.0 < share < 1.0:
            raise InvalidInput(f"interval_share must be in (0, 1); got {share}")
        return cls(
            **read_terms(data),
            sample=data["fit"]["sample"],
            features=tuple(
                TreeInput.from_data(f, fitted["features"][f["name"]]) for f in data["feature"]
            ),
            low=Forest.from_data(fitted["low"]),
            median=Forest.from_data(fitted["median"]),
            high=Forest.from_data(fitted["high"]),
            below=float(fitted["interval"]["below"]),
            above=float(fitted["interval"]["above"]),
            interval_share=share,
        )

    def interval(self, x: Floats) -> tuple[Floats, Floats, Floats]:
        """Median log growth over the horizon and the ends of its interval.

        Args:
            x: Inputs, shape (n, features); NaN is unknown.

        Returns:
            Median, lower end, upper end, each of shape (n,); lower <= median <= upper.
        """
        sums = (forest.sums(x) for forest in (self.median, self.low, self.high))
        return widen_interval(*sums, below=self.below, above=self.above)


def fit_margins(y: Floats, low: Floats, high: Floats, *, share: float) -> tuple[float, float]:
    """How far to move the ends of an interval so that each misses half of what may be missed.

    Args:
        y: What came, shape (n,), on rows whose quantiles were predicted without them.
        low: Predicted lower quantile.
        high: Predicted upper quantile.
        share: Share the interval is meant to hold, in (0, 1).

    Returns:
        `below` and `above`; negative where the interval was too wide.

    Raises:
        InvalidInput: There are too few rows for the share.

    Source:
        Conformalised quantile regression, each end on its own: Romano, Patterson, Candes (2019),
        NeurIPS 32, theorem 2: the ceil((n + 1)(1 - a))-th smallest error.

    Examples:
        >>> y = np.arange(19.0)
        >>> fit_margins(y, np.zeros(19), np.full(19, 18.0), share=0.8)
        (-1.0, -1.0)
    """
    rank = int(np.ceil((y.size + 1) * (1.0 + share) / 2.0))
    if rank > y.size:
        raise InvalidInput(f"an interval that holds {share} needs more than {y.size} rows")
    below, above = (float(np.sort(error)[rank - 1]) for error in (low - y, y - high))
    return below, above


def widen_interval(
    median: Floats, low: Floats, high: Floats, *, below: float, above: float
) -> tuple[Floats, Floats, Floats]:
    """Move the ends; an end that would pass the median stops there.

    Args:
        median: Predicted median, shape (n,).
        low: Predicted lower quantile.
        high: Predicted upper quantile.
        below: How far the lower end moves down.
        above: How far the upper end moves up.

    Returns:
        Median, lower end, upper end.
    """
    return median, np.minimum(low - below, median), np.maximum(high + above, median)
