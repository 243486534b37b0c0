"""Drift between two samples: what moved, by how much, and what moved the mean. Array kernels."""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from techflow.basics import Floats, InvalidInput
from techflow.credit.validation import Verdict, chi_square_tail, stability_index

BINS_N = 10
ROWS_MIN = 50
"""Five expected rows in each of ten bins, below which a chi-square may not be trusted:
Cochran (1954), Biometrics 10(4)."""


def count_bins(before: Floats, after: Floats, *, bins_n: int = BINS_N) -> tuple[Floats, Floats]:
    """Rows of two samples in bins cut at the quantiles of the first; unknown is the last bin.

    A bin that is empty in both is left out, so that it counts for nothing.

    Args:
        before: Numbers of the first sample, NaN where unknown, shape (n,).
        after: Numbers of the second, shape (m,).
        bins_n: Bins of the known numbers; fewer where numbers repeat.

    Examples:
        >>> first = np.array([1.0, 2.0, 3.0, 4.0, np.nan])
        >>> [found.tolist() for found in count_bins(first, first[2:], bins_n=2)]
        [[2.0, 2.0, 1.0], [0.0, 2.0, 1.0]]
    """
    known = before[~np.isnan(before)]
    shares = np.linspace(0.0, 1.0, bins_n + 1)[1:-1]
    edges = np.unique(np.quantile(known, shares)) if known.size else np.empty(0)
    counts = []
    for numbers in (before, after):
        place = np.where(np.isnan(numbers), edges.size + 1, np.searchsorted(edges, numbers))
        counts.append(np.bincount(place, minlength=edges.size + 2).astype(np.float64))
    seen = counts[0] + counts[1] > 0.0
    return counts[0][seen], counts[1][seen]


def find_move(before: Floats, after: Floats) -> Verdict:
    """Stability index of one number between two samples, with its chance under no change.

    The index of a score is called PSI, that of an input CSI.

    Args:
        before: Numbers of the first sample, NaN where unknown, shape (n,).
        after: Numbers of the second, shape (m,).

    Source:
        As `stability_index`; an empty bin counts half a row.
    """
    first, second = count_bins(before, after)
    if first.size == 1:
        return Verdict(0.0, 1.0)
    return stability_index(np.maximum(first, 0.5), second)


@dataclass(frozen=True, slots=True)
class Shift:
    """How the mean of a sum moved, and what each summand did to it.

    Attributes:
        total: Mean of the second sample less mean of the first.
        total_se: Its standard error, rows independent.
        parts: What each summand did, shape (k,); they add up to `total`.
        se: Standard error of each.
        unknown: Of each part, what comes from more or fewer unknown numbers; the rest comes
            from other numbers. Shape (k,).
    """

    total: float
    total_se: float
    parts: Floats
    se: Floats
    unknown: Floats


def split_shift(
    before: Floats, after: Floats, *, unknown_before: Floats, unknown_after: Floats
) -> Shift:
    """Split the shift of a mean log-odds exactly over the inputs that make it up.

    Args:
        before: What each input added to each row of the first sample, shape (n, k).
        after: The same of the second, shape (m, k).
        unknown_before: 1 where the input was unknown, else 0, shape (n, k).
        unknown_after: The same of the second, shape (m, k).

    Raises:
        InvalidInput: A sample has fewer than two rows, or shapes do not fit.

    Source:
        Means are linear, so differences of means of summands add up. The share that comes from
        unknown numbers: Kitagawa (1955), Components of a difference between two rates, JASA
        50(272), with the groups known and unknown.

    Examples:
        >>> none = np.zeros((2, 2))
        >>> shift = split_shift(np.array([[0.0, 1.0], [2.0, 1.0]]), np.array([[3.0, 0.0]] * 2),
        ...     unknown_before=none, unknown_after=none)
        >>> shift.total, shift.parts.tolist()
        (1.0, [2.0, -1.0])
    """
    fits = before.shape == unknown_before.shape and after.shape == unknown_after.shape
    if not fits or before.shape[1:] != after.shape[1:] or min(len(before), len(after)) < 2:
        raise InvalidInput(
            "each sample needs two rows and one column an input; got "
            f"{before.shape} and {after.shape}"
        )
    parts = after.mean(axis=0) - before.mean(axis=0)
    sums = before.sum(axis=1), after.sum(axis=1)
    total = float(sums[1].mean() - sums[0].mean())
    # Parts sum to the whole; what is left is rounding.
    assert abs(parts.sum() - total) <= 1e-9 * max(1.0, float(np.abs(before).max()))  # noqa: S101
    se = np.sqrt(before.var(axis=0, ddof=1) / len(before) + after.var(axis=0, ddof=1) / len(after))
    total_se = sqrt(sums[0].var(ddof=1) / len(before) + sums[1].var(ddof=1) / len(after))
    columns = zip(before.T, after.T, unknown_before.T, unknown_after.T, strict=True)
    unknown = np.array([_from_unknown(*column) for column in columns])
    return Shift(total, total_se, parts, se, unknown)


def _from_unknown(before: Floats, after: Floats, gone: Floats, gone_after: Floats) -> float:
    """What a changed share of unknown numbers did to the mean of one summand."""
    change = float(gone_after.mean() - gone.mean())
    if change == 0.0:
        return 0.0
    ends = []
    for group in (1.0, 0.0):
        own = [values[flag == group] for values, flag in ((before, gone), (after, gone_after))]
        # A group that is empty on one day is taken to be as on the other.
        ends.append(float(np.mean([values.mean() for values in own if values.size])))
    return change * (ends[0] - ends[1])


def share_change(count_before: int, n_before: int, count_after: int, n_after: int) -> Verdict:
    """Change of a share, second less first, with its chance under no change.

    Source:
        Two-sample test of proportions with the pooled share: Fleiss, Levin, Paik (2003),
        Statistical Methods for Rates and Proportions, 4.2, without correction.

    Examples:
        >>> found = share_change(10, 100, 20, 100)
        >>> round(found.value, 3), round(found.p, 4)
        (0.1, 0.0477)
    """
    if min(n_before, n_after) < 1:
        raise InvalidInput(f"a share needs rows on both days; got {n_before} and {n_after}")
    change = count_after / n_after - count_before / n_before
    pooled = (count_before + count_after) / (n_before + n_after)
    spread = pooled * (1.0 - pooled) * (1.0 / n_before + 1.0 / n_after)
    p = 1.0 if spread == 0.0 else chi_square_tail(change**2 / spread, 1)
    return Verdict(change, p)


def holm(p: Floats) -> Floats:
    """Chances adjusted for having looked at many: below 0.05 is then one false find in twenty.

    Args:
        p: One chance a test, shape (k,).

    Source:
        Holm (1979), Scandinavian Journal of Statistics 6(2).

    Examples:
        >>> holm(np.array([0.01, 0.04, 0.03])).round(2).tolist()
        [0.03, 0.06, 0.06]
    """
    order = np.argsort(p, kind="stable")
    steps = np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1))
    found = np.empty(p.size)
    found[order] = np.minimum(1.0, steps)
    return found
