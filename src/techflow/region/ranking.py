"""Rank of regions when neither the weights nor the year are beyond dispute."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from techflow.basics import Floats, InvalidInput


class Ranks(NamedTuple):
    """Draws of points and ranks, shape (draws, regions); NaN where too little is known."""

    points: Floats
    ranks: Floats


class Incentive(NamedTuple):
    """Chances an incentive rests on, and what follows; shape (regions,).

    Attributes:
        top_chance: Chance of a rank among the first.
        better_chance: Chance of a better rank than before.
        tier: `top`, `improved`, `none`, or `unknown`.
    """

    top_chance: Floats
    better_chance: Floats
    tier: NDArray[np.str_]


def stand_among(values: Floats) -> Floats:
    """Share of the other regions that stand lower, ties counted half, along the last axis.

    Args:
        values: Any numbers, higher is better; NaN is unknown.

    Returns:
        0 (last) to 1 (first), same shape; NaN where unknown, or where no other is known.

    Source:
        Mid-rank of the probability integral transform: Conover 1999, Practical Nonparametric
        Statistics, ch. 5.

    Examples:
        >>> stand_among(np.array([3.0, 1.0, np.nan, 2.0, 2.0])).tolist()
        [1.0, 0.0, nan, 0.5, 0.5]
    """
    mine, others = values[..., :, None], values[..., None, :]
    below = (mine > others).sum(axis=-1) + 0.5 * ((mine == others).sum(axis=-1) - 1.0)
    known = np.isfinite(values)
    count = known.sum(axis=-1, keepdims=True) - 1.0
    found: Floats = np.where(known & (count > 0), below / np.maximum(count, 1.0), np.nan)
    return found


def draw_weights(weights: Floats, *, concentration: float, draws_n: int, seed: int) -> Floats:
    """Weights spread about those given.

    Args:
        weights: 0 or more, not all 0, shape (indicators,). One of 0 stays 0.
        concentration: Above 0; large keeps the weights, 1 over all moves them widely.
        draws_n: Draws, 1 or more.
        seed: Seed.

    Returns:
        Shape (draws, indicators), each row sums to 1.

    Raises:
        InvalidInput: A number is out of range.

    Source:
        Dirichlet distribution with mean `weights`.

    Examples:
        >>> w = draw_weights(np.array([3.0, 1.0, 0.0]), concentration=50, draws_n=4000, seed=1)
        >>> w.mean(axis=0).round(2).tolist()
        [0.75, 0.25, 0.0]
    """
    if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.sum() > 0):
        raise InvalidInput(f"weights must be 0 or more and not all 0; got {weights.tolist()}")
    if concentration <= 0 or draws_n < 1:
        raise InvalidInput(
            f"concentration must be above 0 and draws_n 1 or more; got {concentration}, {draws_n}"
        )
    shape = concentration * weights / weights.sum()
    gamma = np.random.default_rng(seed).gamma(shape, size=(draws_n, len(weights)))
    drawn: Floats = gamma / gamma.sum(axis=1, keepdims=True)
    return drawn


def rank_points(standing: Floats, weights: Floats, *, known_share_min: float) -> Ranks:
    """Points and ranks of each draw.

    Args:
        standing: Results of `stand_among`, shape (draws, regions, indicators).
        weights: Result of `draw_weights`, shape (draws, indicators).
        known_share_min: Least weight (mean of the draws) of what is known in a draw; below it
            there is no rank.

    Returns:
        Points 0 to 100 (weighted mean of what is known) and ranks, 1 the best, ties sharing the
        middle.

    Source:
        Weighted arithmetic mean: OECD and JRC 2008, Handbook on Constructing Composite
        Indicators, step 6.

    Examples:
        >>> ranked = rank_points(np.array([[[1.0, 0.0], [0.5, np.nan]]]), np.array([[0.8, 0.2]]),
        ...                      known_share_min=0.5)
        >>> ranked.points.tolist(), ranked.ranks.tolist()
        ([[80.0, 50.0]], [[1.0, 2.0]])
    """
    known = np.isfinite(standing)
    share = (known * weights[:, None, :]).sum(axis=2)
    total = (np.where(known, standing, 0.0) * weights[:, None, :]).sum(axis=2)
    settled = (known * weights.mean(axis=0)).sum(axis=2)
    enough = (settled >= known_share_min) & (share > 0)
    points: Floats = np.where(enough, 100.0 * total / np.where(share > 0, share, 1.0), np.nan)
    above = (points[:, None, :] > points[:, :, None]).sum(axis=2)
    tied = (points[:, None, :] == points[:, :, None]).sum(axis=2)
    ranks: Floats = np.where(enough, 1.0 + above + 0.5 * (tied - 1.0), np.nan)
    return Ranks(points, ranks)


def judge_incentive(
    ranks: tuple[Floats, Floats, Floats], *, top_share: float, chance_min: float
) -> Incentive:
    """Reward what is beyond doubt: standing among the first, or a better rank than before.

    Args:
        ranks: Draws of ranks now; now by what was known before too; and before. All under the
            same weights, shape (draws, regions).
        top_share: Share of the ranked regions that count as first.
        chance_min: Least chance.

    Returns:
        Chances and tiers. Nothing is taken away: a low rank brings no tier.

    Source:
        Proposal of this project.

    Examples:
        >>> now, before = np.array([[1.0, 2.0, 3.0]] * 3), np.array([[1.0, 3.0, 2.0]] * 3)
        >>> judge_incentive((now, now, before), top_share=0.34, chance_min=0.9).tier.tolist()
        ['top', 'improved', 'none']
    """
    now, alike, before = ranks
    ranked_n = np.isfinite(now).sum(axis=1, keepdims=True)
    known, both = np.isfinite(now).all(axis=0), np.isfinite(alike + before).all(axis=0)
    top = np.where(known, (now <= np.floor(top_share * ranked_n)).mean(axis=0), np.nan)
    better = np.where(both, (alike < before).mean(axis=0), np.nan)
    tier = np.select(
        [~known, top >= chance_min, better >= chance_min], ["unknown", "top", "improved"], "none"
    )
    return Incentive(top, better, tier)
