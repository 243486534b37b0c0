"""How well scores tell events from non-events: array kernels."""

from dataclasses import dataclass

import numpy as np

from techflow.basics import Floats, InvalidInput


@dataclass(frozen=True, slots=True)
class Auc:
    """Area under the ROC curve with its DeLong standard error."""

    value: float
    se: float


def _checked(events: Floats, scores: Floats) -> tuple[Floats, Floats]:
    y, s = np.asarray(events, dtype=np.float64), np.asarray(scores, dtype=np.float64)
    if y.shape != s.shape or y.ndim != 1 or not np.isin(y, (0.0, 1.0)).all():
        raise InvalidInput(f"events must be 0 or 1, one a score; got {y.shape} and {s.shape}")
    if not 0 < y.sum() < y.size or np.isnan(s).any():
        raise InvalidInput(
            f"need events, non-events and no NaN; got {y.sum():.0f} events in {y.size}, "
            f"{np.isnan(s).sum()} NaN"
        )
    return y, s


def _midranks(values: Floats) -> Floats:
    """Ranks from 1, ties at their mean."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: Floats = (last - 0.5 * (counts - 1))[inverse]
    return ranks


def auc(events: Floats, scores: Floats) -> Auc:
    """Chance that an event scores above a non-event (ties count half), with its error.

    Args:
        events: 1 event, 0 none, shape (n,).
        scores: Higher means riskier, shape (n,).

    Returns:
        Value in [0, 1] and standard error; the error is NaN with one event or one non-event.

    Raises:
        InvalidInput: Shapes differ, a label is not 0 or 1, one class is empty, a score is NaN.

    Source:
        DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44(3); fast form: Sun and Xu
        (2014), IEEE Signal Processing Letters 21(11).

    Examples:
        >>> auc(np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.1, 0.4, 0.35, 0.8])).value
        0.75
    """
    return auc_change(auc_parts(events, scores))


def auc_parts(events: Floats, scores: Floats) -> tuple[Floats, Floats]:
    """Share of non-events below each event, and of events above each non-event; ties count half.

    Args:
        events: 1 event, 0 none, shape (n,).
        scores: Higher means riskier, shape (n,).

    Returns:
        Shapes (events,) and (non-events,), in the order of the rows. The mean of either is the AUC.

    Source:
        Structural components of DeLong, DeLong and Clarke-Pearson (1988).

    Examples:
        >>> above, below = auc_parts(np.array([0.0, 0.0, 1.0]), np.array([0.1, 0.4, 0.3]))
        >>> above.tolist(), below.tolist()
        ([0.5], [1.0, 0.0])
    """
    y, s = _checked(events, scores)
    hit, miss = s[y == 1.0], s[y == 0.0]
    ranks = _midranks(np.concatenate([hit, miss]))
    above = (ranks[: hit.size] - _midranks(hit)) / miss.size
    below = 1.0 - (ranks[hit.size :] - _midranks(miss)) / hit.size
    return above, below


def auc_change(before: tuple[Floats, Floats], after: tuple[Floats, Floats] | None = None) -> Auc:
    """What the AUC gains from one score to another of the same rows, with its paired error.

    Args:
        before: Result of `auc_parts`.
        after: The same of the other score; None gives the AUC of `before` itself.

    Returns:
        AUC after less before; the error is NaN with one event or one non-event.

    Source:
        As `auc_parts`.
    """
    pairs = (
        (before, after) if after else ((np.zeros_like(before[0]), np.zeros_like(before[1])), before)
    )
    above, below = (b - a for a, b in zip(*pairs, strict=True))
    if min(above.size, below.size) < 2:
        return Auc(float(above.mean()), float("nan"))
    variance = above.var(ddof=1) / above.size + below.var(ddof=1) / below.size
    return Auc(float(above.mean()), float(np.sqrt(variance)))


def _descending(events: Floats, scores: Floats) -> tuple[Floats, Floats]:
    """Events found and rows looked at, at the end of each run of equal scores, from the top."""
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), scores.size - 1)
    return np.cumsum(events[order])[ends], ends + 1.0


def average_precision(events: Floats, scores: Floats) -> float:
    """Mean of the precision at each event found, going down the scores; ties enter together.

    Args:
        events: 1 event, 0 none, shape (n,).
        scores: Higher means riskier, shape (n,).

    Source:
        Sum of (recall step) x precision: Zhu (2004), Recall, precision and average precision.

    Examples:
        >>> events, scores = np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.1, 0.4, 0.35, 0.8])
        >>> round(average_precision(events, scores), 4)
        0.8333
    """
    y, s = _checked(events, scores)
    found, seen = _descending(y, s)
    steps = np.diff(found, prepend=0.0)
    return float(np.sum(steps * found / seen) / y.sum())


def ks_distance(events: Floats, scores: Floats) -> float:
    """Greatest distance between the score distributions of events and of the others.

    Args:
        events: 1 event, 0 none, shape (n,).
        scores: Any numbers, shape (n,).

    Source:
        Two-sample Kolmogorov-Smirnov statistic: Smirnov (1939).
    """
    y, s = _checked(events, scores)
    found, seen = _descending(y, s)
    return float(np.max(np.abs(found / y.sum() - (seen - found) / (y.size - y.sum()))))


def brier_score(events: Floats, pd: Floats) -> float:
    """Mean squared gap between probability and outcome.

    Args:
        events: 1 event, 0 none, shape (n,).
        pd: Probabilities in [0, 1], shape (n,).

    Source:
        Brier (1950), Monthly Weather Review 78(1).
    """
    y, p = _checked(events, pd)
    return float(np.mean((p - y) ** 2))


def log_loss(events: Floats, pd: Floats) -> float:
    """Mean negative log-likelihood of the outcomes.

    Args:
        events: 1 event, 0 none, shape (n,).
        pd: Probabilities strictly between 0 and 1, shape (n,).

    Raises:
        InvalidInput: A probability is 0 or 1 (or outside).

    Source:
        Good (1952), Journal of the Royal Statistical Society B 14(1).
    """
    y, p = _checked(events, pd)
    if p.min() <= 0.0 or p.max() >= 1.0:
        raise InvalidInput(f"pd must be in (0, 1); got min {p.min()}, max {p.max()}")
    return float(-np.mean(y * np.log(p) + (1.0 - y) * np.log1p(-p)))


def ndcg_at(events: Floats, scores: Floats, *, top_share: float) -> float:
    """Normalised discounted cumulative gain among the highest scores.

    Args:
        events: 1 event, 0 none, shape (n,).
        scores: Higher means riskier, shape (n,); ties keep the order given.
        top_share: Share of rows looked at, in (0, 1]; the number is rounded to the nearest.

    Source:
        Jarvelin and Kekalainen (2002), ACM TOIS 20(4), with binary gains and log2 discounts
        as in Bao et al. (2020), Journal of Accounting Research 58(1).
    """
    y, s = _checked(events, scores)
    top_n = max(1, round(top_share * y.size))
    discounts = 1.0 / np.log2(np.arange(2.0, top_n + 2.0))
    best = discounts[: int(min(top_n, y.sum()))].sum()
    order = np.argsort(-s, kind="stable")[:top_n]
    return float(np.sum(y[order] * discounts) / best)
