"""Honest error: folds by firm, nested choice of the penalty, permutation, intervals."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from techflow.basics import Floats
from techflow.credit import auc, log_loss
from techflow_service.training.fit import Fit, Shape, fit_effects
from techflow_service.training.sample import Sample

INNER_FOLDS_N = 5
Folds = np.typing.NDArray[np.int64]


def grouped_folds(groups: Sequence[str], y: Floats, *, folds_n: int, seed: int) -> Folds:
    """Fold of each row: a firm stays whole, firms with an event are dealt out evenly.

    Args:
        groups: Firm of each row.
        y: 1 event, 0 none, shape (n,).
        folds_n: How many folds.
        seed: Of the shuffle.

    Returns:
        Integers from 0 to `folds_n - 1`, shape (n,).
    """
    firms, member = np.unique(np.asarray(groups), return_inverse=True)
    has_event = np.zeros(firms.size)
    np.maximum.at(has_event, member, y)
    order = np.random.default_rng(seed).permutation(firms.size)
    order = order[np.argsort(-has_event[order], kind="stable")]
    fold = np.empty(firms.size, dtype=np.int64)
    fold[order] = np.arange(firms.size) % folds_n
    return fold[member]


def fit_nested(sample: Sample, shape: Shape, penalties: Sequence[float], *, seed: int) -> Fit:
    """Fit with the penalty that serves unseen firms best (log loss on inner folds).

    Args:
        sample: Rows to fit on; nothing else is looked at.
        shape: How effects may bend; its penalty is replaced.
        penalties: Candidates. One alone is taken as it is.
        seed: Of the inner folds.
    """
    return fit_effects(sample.x, sample.y, choose_shape(sample, shape, penalties, seed=seed))


def choose_shape(sample: Sample, shape: Shape, penalties: Sequence[float], *, seed: int) -> Shape:
    """The shape with the penalty that serves unseen firms best."""
    shapes = [replace(shape, penalty=float(penalty)) for penalty in penalties]
    if len(shapes) == 1:
        return shapes[0]
    x, y = sample.x, sample.y
    fold = grouped_folds(sample.groups, y, folds_n=INNER_FOLDS_N, seed=seed)
    losses = [log_loss(y, _probability(_held_out(x, y, fold, one))) for one in shapes]
    return shapes[int(np.argmin(losses))]


def _probability(log_odds: Floats) -> Floats:
    p: Floats = 1.0 / (1.0 + np.exp(-log_odds))
    return p


def _held_out(x: Floats, y: Floats, fold: Folds, shape: Shape) -> Floats:
    """Log-odds of each row from a fit that never saw its firm."""
    scores = np.empty(y.size)
    for k in range(int(fold.max()) + 1):
        test = fold == k
        scores[test] = fit_effects(x[~test], y[~test], shape).log_odds(x[test])
    return scores


def cross_validate(
    sample: Sample, shape: Shape, penalties: Sequence[float], *, folds_n: int, seed: int
) -> Floats:
    """Log-odds of each row from fits that never saw its firm, penalty chosen inside.

    Args:
        sample: All rows.
        shape: How effects may bend.
        penalties: Candidates for the inner choice.
        folds_n: Outer folds.
        seed: Of the outer and inner folds.
    """
    fold = grouped_folds(sample.groups, sample.y, folds_n=folds_n, seed=seed)
    numbered = sample.rows.with_columns(fold=fold)
    scores = np.empty(fold.size)
    for k in range(folds_n):
        test = fold == k
        rest = Sample(numbered.filter(~test), sample.names, {})
        scores[test] = fit_nested(rest, shape, penalties, seed=seed).log_odds(sample.x[test])
    return scores


def permutation_p(sample: Sample, shape: Shape, *, draws_n: int, seed: int) -> float:
    """How often shuffled outcomes are told apart as well as the real ones.

    The statistic is the cross-validated AUC with one fixed penalty, computed in the same way
    for the real and for each shuffled outcome. One row per firm.

    Args:
        sample: All rows.
        shape: How effects may bend, with its penalty.
        draws_n: Shuffles.
        seed: Of shuffles and folds.

    Returns:
        (1 + shuffles at least as good) / (1 + shuffles).

    Source:
        Phipson and Smyth (2010), Permutation p-values should never be zero, SAGMB 9(1).
    """
    rng, x, groups = np.random.default_rng(seed), sample.x, sample.groups

    def statistic(y: Floats) -> float:
        fold = grouped_folds(groups, y, folds_n=INNER_FOLDS_N, seed=seed)
        return auc(y, _held_out(x, y, fold, shape)).value

    real = statistic(sample.y)
    as_good = sum(statistic(rng.permutation(sample.y)) >= real for _ in range(draws_n))
    return float((1 + as_good) / (1 + draws_n))


def firm_interval(
    metric: Callable[[Floats, Floats], float],
    sample: Sample,
    scores: Floats,
    *,
    draws_n: int = 500,
    seed: int,
) -> tuple[float, float]:
    """95 % interval of a metric, by drawing firms with replacement.

    Args:
        metric: Takes events and scores.
        sample: The rows scored.
        scores: Higher means riskier, shape (n,).
        draws_n: Bootstrap draws.
        seed: Of the draws.

    Source:
        Percentile bootstrap over clusters: Efron and Tibshirani (1993), ch. 13.
    """
    rng, y = np.random.default_rng(seed), sample.y
    firms, member = np.unique(np.asarray(sample.groups), return_inverse=True)
    found = []
    for _ in range(draws_n):
        times = np.bincount(rng.integers(0, firms.size, firms.size), minlength=firms.size)
        rows = np.repeat(np.arange(y.size), times[member])
        if 0 < y[rows].sum() < rows.size:
            found.append(metric(y[rows], scores[rows]))
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)
