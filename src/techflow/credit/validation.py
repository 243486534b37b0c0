"""Tests a validator runs on scores: calibration, stability, leaks. Array kernels."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, exp, lgamma, log, log1p, sqrt

import numpy as np

from techflow.basics import Floats, InvalidInput
from techflow.credit.metrics import auc


@dataclass(frozen=True, slots=True)
class Verdict:
    """Result of one test.

    Attributes:
        value: Test statistic.
        p: Chance of a result at least as far off if the model is right.
    """

    value: float
    p: float


def _paired(y: Floats, pd: Floats) -> tuple[Floats, Floats]:
    if y.shape != pd.shape or not ((pd > 0.0) & (pd < 1.0)).all():
        raise InvalidInput(
            f"need one probability strictly between 0 and 1 an outcome; got {y.shape} outcomes, "
            f"{pd.shape} probabilities, {int(((pd <= 0) | (pd >= 1)).sum())} outside"
        )
    return y.astype(np.float64), pd


def chi_square_tail(value: float, freedom_n: int) -> float:
    """Chance that a chi-square with so many degrees of freedom is above a value.

    Source:
        Finite sums for whole degrees of freedom: Abramowitz and Stegun (1964), 26.4.4, 26.4.5.

    Examples:
        >>> round(chi_square_tail(18.307, 10), 4), round(chi_square_tail(3.841, 1), 4)
        (0.05, 0.05)
    """
    half = value / 2.0
    start = 0.5 * (freedom_n % 2)
    total = erfc(sqrt(half)) if freedom_n % 2 else 0.0
    for i in range(freedom_n // 2):
        power = start + i
        term = exp(power * log(half) - half - lgamma(power + 1.0)) if half > 0.0 else power == 0
        total += term
    return min(1.0, total)


def hosmer_lemeshow(y: Floats, pd: Floats, *, groups_n: int = 10) -> Verdict:
    """Observed against expected events in groups of rising probability.

    For rows the model was not fitted on: `groups_n` degrees of freedom.

    Args:
        y: 1 event, 0 none, shape (n,).
        pd: Probabilities, shape (n,).
        groups_n: Groups of equal size.

    Raises:
        InvalidInput: Shapes differ or a probability is not strictly between 0 and 1.

    Source:
        Hosmer, Lemeshow, Sturdivant (2013), Applied Logistic Regression, 5.2.2 and 5.2.4.
    """
    y, pd = _paired(y, pd)
    order = np.argsort(pd, kind="stable")
    value = 0.0
    for rows in np.array_split(order, groups_n):
        expected, spread = pd[rows].sum(), (pd[rows] * (1.0 - pd[rows])).sum()
        value += (y[rows].sum() - expected) ** 2 / spread
    return Verdict(float(value), chi_square_tail(float(value), groups_n))


def spiegelhalter(y: Floats, pd: Floats) -> Verdict:
    """Whether the Brier score is what the probabilities themselves lead to expect.

    Args:
        y: 1 event, 0 none, shape (n,).
        pd: Probabilities, shape (n,).

    Source:
        Spiegelhalter (1986), Statistics in Medicine 5(5).
    """
    y, pd = _paired(y, pd)
    weight = 1.0 - 2.0 * pd
    value = ((y - pd) * weight).sum() / np.sqrt((weight**2 * pd * (1.0 - pd)).sum())
    return Verdict(float(value), erfc(abs(float(value)) / sqrt(2.0)))


def mean_test(y: Floats, pd: Floats) -> Verdict:
    """Whether events in all are as many as the probabilities say, in either direction.

    Args:
        y: 1 event, 0 none, shape (n,).
        pd: Probabilities, shape (n,).

    Source:
        Normal test of calibration: BCBS Working Paper 14 (2005), III.
    """
    y, pd = _paired(y, pd)
    value = (y - pd).sum() / np.sqrt((pd * (1.0 - pd)).sum())
    return Verdict(float(value), erfc(abs(float(value)) / sqrt(2.0)))


def binomial_test(events_n: float, rows_n: float, pd: float) -> float:
    """Chance of at least so many events in a grade whose probability is right, rows independent.

    Examples:
        >>> round(binomial_test(3, 100, 0.01), 4)
        0.0794

    Source:
        BCBS Working Paper 14 (2005), III.
    """
    k = np.arange(int(events_n))
    below = [lgamma(rows_n + 1) - lgamma(i + 1) - lgamma(rows_n - i + 1) for i in k]
    chance = np.exp(np.array(below) + k * log(pd) + (rows_n - k) * log1p(-pd)).sum()
    return float(max(0.0, 1.0 - chance))


def mid_p(events_n: float, rows_n: float, pd: float) -> float:
    """As `binomial_test`, with half the chance of exactly so many: nearer its nominal size.

    Source:
        Lancaster (1961), JASA 56(294).
    """
    upper = binomial_test(events_n, rows_n, pd)
    above = binomial_test(events_n + 1, rows_n, pd) if events_n < rows_n else 0.0
    return 0.5 * (upper + above)


def stability_index(before: Floats, after: Floats) -> Verdict:
    """Population stability index of two histograms, with its chance under no change.

    Args:
        before: Rows in each bin of the first sample; every bin above zero.
        after: Rows in each bin of the second.

    Returns:
        The index, and the chance of one at least as large if both samples are drawn alike.

    Source:
        Null distribution: (1/n + 1/m) times chi-square with bins - 1 degrees of freedom,
        Yurdakul and Naranjo (2020), J. Risk Model Validation 14(4).
    """
    if before.shape != after.shape or (before <= 0.0).any() or after.sum() <= 0.0:
        raise InvalidInput(
            f"histograms must have the same bins and no empty one before; got {before.tolist()} "
            f"and {after.tolist()}"
        )
    # An empty bin later would make the index infinite; half a row keeps it large and finite.
    p, q = before / before.sum(), np.maximum(after, 0.5) / np.maximum(after, 0.5).sum()
    value = float(((q - p) * np.log(q / p)).sum())
    scale = 1.0 / before.sum() + 1.0 / after.sum()
    return Verdict(value, chi_square_tail(value / scale, before.size - 1))


LEAK_AUC = 0.85
"""A single column that tells outcomes apart this well is looked at as a leak."""


@dataclass(frozen=True, slots=True)
class Leak:
    """A suspicion, in words.

    Attributes:
        column: What is suspected.
        auc: How well it alone tells outcomes apart, on rows its order was not learned from.
        zh: Why, in Chinese.
        en: Why, in English.
    """

    column: str
    auc: float
    zh: str
    en: str


def leaky_column(name: str, values: Sequence[object], y: Floats) -> Leak | None:
    """A column that alone tells outcomes apart too well to have been known beforehand.

    Numbers are cut into 50 groups, texts are taken as they are; the event rate of each group is
    learned on every other row and tried on the rest, so that a name with one row tells nothing.

    Args:
        name: Column.
        values: Its cells; null counts as a group.
        y: 1 event, 0 none, shape (n,).
    """
    groups = _groups(values)
    learn = np.arange(y.size) % 2 == 0
    if min(y[learn].sum(), y[~learn].sum()) < 5 or y[~learn].all():
        return None
    events = np.bincount(groups[learn], y[learn], minlength=groups.max() + 1)
    rows = np.bincount(groups[learn], minlength=groups.max() + 1)
    rate = (events + y.mean()) / (rows + 1.0)
    found = auc(y[~learn], rate[groups[~learn]]).value
    if found < LEAK_AUC:
        return None
    return Leak(
        name,
        found,
        f"仅凭这一列AUC即达{found:.2f}：很可能在结果之后才知道，或就是结果本身",
        f"alone it reaches an AUC of {found:.2f}: it was probably known only after the outcome, "
        "or is the outcome itself",
    )


def _groups(values: Sequence[object]) -> np.typing.NDArray[np.int64]:
    """Group of each cell."""
    try:
        numbers = np.array([np.nan if v is None or v == "" else float(str(v)) for v in values])
    except ValueError:
        texts = ["" if v is None else str(v) for v in values]
        return np.unique(np.array(texts), return_inverse=True)[1]
    known = np.isfinite(numbers)
    different = np.unique(numbers[known])
    if different.size <= 50:
        return np.where(known, np.searchsorted(different, numbers), different.size).astype(np.int64)
    edges = np.unique(np.quantile(numbers[known], np.linspace(0.0, 1.0, 51)[1:-1]))
    return np.where(known, np.searchsorted(edges, numbers, side="right"), edges.size + 1)


CONSTANT_SHARE = 0.95


def label_of_the_firm(firms: Sequence[str], y: Floats) -> Leak | None:
    """A label that never changes within a firm: split by year, the firm's name gives it away.

    Args:
        firms: Firm of each row.
        y: 1 event, 0 none, shape (n,).
    """
    _, member, rows = np.unique(np.asarray(firms), return_inverse=True, return_counts=True)
    events = np.bincount(member, y)
    several = (rows > 1) & (events > 0)
    if several.sum() < 5:
        return None
    share = float((events[several] == rows[several]).mean())
    if share < CONSTANT_SHARE:
        return None
    return Leak(
        "firm",
        share,
        f"{share:.0%}有事件的企业在其全部年份标签相同：这是企业的标签，不是年份的；按年份划分会泄漏",
        f"{share:.0%} of the firms with an event have it in all their rows: the label is the "
        "firm's, not the year's, so a split by year leaks; split by firm and date the event",
    )
