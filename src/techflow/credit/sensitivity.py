"""How a card answers when one input changes: shocks, permutation, partial response. Kernels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from techflow.basics import Floats
from techflow.basics.trees import Forest
from techflow.credit.card import Card
from techflow.credit.metrics import auc_change, auc_parts
from techflow.credit.trees import TreeCard, TreeInput

NORMAL_95 = 1.959963984540054
TAIL_SHARE = 0.01
"""Numbers beyond this share at either end are moved to it before the deviation is taken."""
SHOCKS = ("unknown", "plus_sd", "minus_sd", "plus_tenth", "minus_tenth")


@dataclass(frozen=True, slots=True)
class Importance:
    """What the AUC loses when an input is shuffled among the rows, with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Answers:
    """The rows a card answers about, and its answers, ready to be asked again.

    Attributes:
        card: The card.
        x: Inputs, NaN where unknown, shape (n, inputs).
        log_odds: Answers, shape (n,).
    """

    card: Card | TreeCard
    x: Floats
    log_odds: Floats

    @classmethod
    def of(cls, card: Card | TreeCard, x: Floats) -> "Answers":
        """Ask a card about rows."""
        if isinstance(card, TreeCard):
            return cls(card, x, card.forest.sums(x))
        parts = (_line(card, j, x[:, j]) for j in range(x.shape[1]))
        return cls(card, x, np.sum([np.full(len(x), card.intercept), *parts], axis=0))

    def change(self, place: int, numbers: Floats) -> Floats:
        """Log-odds with other numbers in one input, shape (n,)."""
        if isinstance(self.card, Card):
            before, after = (_line(self.card, place, own) for own in (self.x[:, place], numbers))
        else:
            asked = _looking_at(self.card.forest, place)
            other = self.x.copy()
            other[:, place] = numbers
            before, after = asked.sums(self.x), asked.sums(other)
        changed: Floats = self.log_odds + (after - before)
        return changed


def _line(card: Card, place: int, numbers: Floats) -> Floats:
    """What one input of a card of lines adds."""
    f = card.features[place]
    at, height = np.array(f.points).T
    return np.where(np.isfinite(numbers), np.interp(numbers, at, height), f.missing)


def _looking_at(forest: Forest, feature: int) -> Forest:
    """The trees of a forest that look at an input."""
    nodes = np.flatnonzero(forest.feature == feature)
    trees = np.unique(np.searchsorted(forest.roots, nodes, side="right") - 1)
    return replace(forest, roots=forest.roots[trees])


def shock_numbers(numbers: Floats) -> dict[str, Floats]:
    """Numbers of one input under each shock of `SHOCKS`.

    One standard deviation of the known numbers up and down, the outer `TAIL_SHARE` at either end
    moved in first, so that a few extreme rows do not set the step; a tenth more and less; unknown.

    Args:
        numbers: Shape (n,), NaN where unknown.

    Returns:
        Shock -> shape (n,); only `unknown` if no number is known.

    Examples:
        >>> shock_numbers(np.array([1.0, 3.0]))["plus_tenth"].round(2).tolist()
        [1.1, 3.3]
    """
    found = {"unknown": np.full(numbers.shape, np.nan)}
    known = numbers[np.isfinite(numbers)]
    if known.size == 0:
        return found
    step = np.clip(known, *np.quantile(known, [TAIL_SHARE, 1.0 - TAIL_SHARE])).std()
    shocked = (numbers + step, numbers - step, numbers * 1.1, numbers * 0.9)
    return found | dict(zip(SHOCKS[1:], shocked, strict=True))


def respond(answers: Answers, place: int) -> Mapping[str, Floats]:
    """Log-odds of each row under each shock; an input of codes is only made unknown.

    Args:
        answers: The card's answers.
        place: Input, from 0.
    """
    feature = answers.card.features[place]
    shocks = shock_numbers(answers.x[:, place])
    coded = isinstance(feature, TreeInput) and bool(feature.codes)
    kept = SHOCKS[:1] if coded else SHOCKS
    return {
        name: answers.change(place, numbers) for name, numbers in shocks.items() if name in kept
    }


def permute(
    answers: Answers, place: int, y: Floats, *, repeats_n: int = 5, seed: int = 1
) -> Importance:
    """Importance of an input: AUC lost when its numbers are shuffled among the rows.

    Args:
        answers: The card's answers.
        place: Input, from 0.
        y: 1 event, 0 none, shape (n,).
        repeats_n: Shuffles, 2 or more.
        seed: Of the shuffles.

    Returns:
        Mean over the shuffles; the interval holds the error of the rows (paired DeLong) and that
        of the shuffles.

    Source:
        Fisher, Rudin, Dominici (2019), Journal of Machine Learning Research 20(177); DeLong,
        DeLong and Clarke-Pearson (1988), Biometrics 44(3).
    """
    rng, numbers = np.random.default_rng(seed), answers.x[:, place]
    above, below = auc_parts(y, answers.log_odds)
    scores = (answers.change(place, rng.permutation(numbers)) for _ in range(repeats_n))
    losses = [(above - a, below - b) for a, b in (auc_parts(y, s) for s in scores)]
    areas = np.array([lost_above.mean() for lost_above, _ in losses])
    lost = auc_change(
        (np.mean([a for a, _ in losses], axis=0), np.mean([b for _, b in losses], axis=0))
    )
    spread = NORMAL_95 * float(np.sqrt(lost.se**2 + areas.var(ddof=1) / repeats_n))
    return Importance(lost.value, lost.value - spread, lost.value + spread)


def partial_response(
    answers: Answers, place: int, shares: Sequence[float]
) -> tuple[Floats, tuple[Floats, ...]]:
    """Answers if every row had the same number in one input.

    Args:
        answers: The card's answers.
        place: Input, from 0.
        shares: Quantiles of the known numbers that are tried, in [0, 1].

    Returns:
        The numbers tried, and the log-odds of the rows at each; nothing if no number is known.

    Source:
        Partial dependence: Friedman (2001), Annals of Statistics 29(5), 8.2.
    """
    known = answers.x[np.isfinite(answers.x[:, place]), place]
    if known.size == 0:
        return np.empty(0), ()
    at: Floats = np.quantile(known, shares, method="nearest")
    n = len(answers.x)
    return at, tuple(answers.change(place, np.full(n, number)) for number in at)
