"""Loss given default in two parts: the chance that all is lost, and the loss where not all is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from techflow.basics import Floats, InvalidInput
from techflow.basics.trees import Forest
from techflow.credit.card import Terms, name_columns, read_terms
from techflow.credit.trees import TreeInput


@dataclass(frozen=True, slots=True)
class LossCard(Terms):
    """A fitted card of loss rates.

    Attributes:
        sample: Id of the raw set it reads.
        features: Inputs, in the order of the forests'.
        total: Trees whose sum is the log-odds of losing (nearly) all.
        partial: Trees whose sum is the loss rate where not all is lost.
        below: Added to the loss rate for the lower end of the interval, 0 or less.
        above: Added for the upper end, 0 or more.
    """

    sample: str
    features: tuple[TreeInput, ...]
    total: Forest
    partial: Forest
    below: float
    above: float

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns a frame must have to be scored."""
        return name_columns(self.features, self.conditions)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "LossCard":
        """Read a card from its recipe with `fitted`.

        Raises:
            InvalidInput: A feature was not fitted, or the interval is turned round.
        """
        fitted = data["fitted"]
        below, above = (float(fitted["interval"][end]) for end in ("below", "above"))
        if below > 0.0 or above < 0.0:
            raise InvalidInput(f"the interval must hold the loss rate; got {below} and {above}")
        return cls(
            **read_terms(data),
            sample=data["fit"]["sample"],
            features=tuple(
                TreeInput.from_data(f, fitted["features"][f["name"]]) for f in data["feature"]
            ),
            total=Forest.from_data(fitted["total"]),
            partial=Forest.from_data(fitted["partial"]),
            below=below,
            above=above,
        )


def loss_rates(x: Floats, total: Forest, partial: Forest) -> Floats:
    """Expected loss rate of each row.

    Args:
        x: Inputs, shape (n, p); NaN is unknown.
        total: Trees of losing all.
        partial: Trees of the loss where not all is lost.

    Returns:
        Shape (n,), 0 to 1.

    Source:
        Two parts because loss rates pile up at the end: Calabrese (2014), European J. of
        Operational Research 237(1).
    """
    chance = 1.0 / (1.0 + np.exp(-total.sums(x)))
    rate: Floats = chance + (1.0 - chance) * np.clip(partial.sums(x), 0.0, 1.0)
    return rate


def loss_interval(x: Floats, card: LossCard) -> tuple[Floats, Floats, Floats]:
    """Loss rate of each row with the ends of its interval, within 0 and 1.

    Args:
        x: Inputs, shape (n, p); NaN is unknown.
        card: The card.

    Source:
        Ends from the errors on loans held out: Vovk, Gammerman, Shafer (2005), Algorithmic
        Learning in a Random World, ch. 4.
    """
    rate = loss_rates(x, card.total, card.partial)
    low, high = np.clip(rate + card.below, 0.0, 1.0), np.clip(rate + card.above, 0.0, 1.0)
    return rate, low, high
