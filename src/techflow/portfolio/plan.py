"""A book laid out for simulation: firms of like risk beside each other.

Needs the extra `simulate`.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from techflow.basics import Floats, InvalidInput
from techflow.portfolio.recovery import FIXED_LGD, LgdModel, lgd_centres, normal_quantiles

Ints = NDArray[np.int64]
BAND = 1.1
"""PDs within this ratio share a cell; a draw in a cell costs up to this many tries."""


class Loans(NamedTuple):
    """What is lent, n firms.

    Attributes:
        pd: Default probability over the horizon, in [0, 1].
        ead_cny: Exposure at default, yuan, 0 or more.
        lgd: Expected loss given default, in [0, 1].
        group: Row of the loadings that the firm follows (sector and region).
        bucket: Which of several sums its loss goes to, from 0: a sector, a layer, a lender.
    """

    pd: Floats
    ead_cny: Floats
    lgd: Floats
    group: Ints
    bucket: Ints


class LossPlan(NamedTuple):
    """A book in the order of simulation; made by `plan_losses`.

    Attributes:
        firm: Place of each firm in the book it came from, shape (n,).
        threshold: Asset value below which the firm defaults, shape (n,).
        ead_cny: Exposure, shape (n,).
        lgd: Expected loss given default, shape (n,).
        centre: Centre of the latent loss rate, shape (n,).
        pair: Centre and exposure beside each other, as they are read, shape (n, 2).
        bucket: Sum the loss goes to, shape (n,).
        buckets_n: Sums.
        cell_since: First firm of each cell, and the end, shape (cells + 1,).
        cell_threshold: Highest threshold of the cell, shape (cells,).
        cell_even: All firms of the cell have it, shape (cells,).
        cell_group: Row of the loadings, shape (cells,).
        cell_bucket: Sum of all firms of the cell, or -1, shape (cells,).
        loading: Loadings of the groups on the factors, shape (groups, factors).
        rest: Weight of a firm's own part, shape (groups,).
        tilt: How the latent loss rate follows the group's index, shape (groups,).
        wobble: Deviation of a firm's own loss rate.
    """

    firm: Ints
    threshold: Floats
    ead_cny: Floats
    lgd: Floats
    centre: Floats
    pair: Floats
    bucket: Ints
    buckets_n: int
    cell_since: Ints
    cell_threshold: Floats
    cell_even: NDArray[np.bool_]
    cell_group: Ints
    cell_bucket: Ints
    loading: Floats
    rest: Floats
    tilt: Floats
    wobble: float


def plan_losses(loans: Loans, loading: Floats, *, lgd_model: LgdModel = FIXED_LGD) -> LossPlan:
    """Lay a book out for simulation.

    Args:
        loans: The book.
        loading: Loadings of each group on the factors, see `sector_region_loadings`; the length
            of a row is below 1.
        lgd_model: How loss given default varies; the mean over defaults stays `lgd`.

    Returns:
        The plan. The expected loss of a simulation is the sum of pd * lgd * ead_cny.

    Raises:
        InvalidInput: A value is out of range or missing, or arrays do not fit each other.

    Examples:
        >>> zero = np.zeros(3, np.int64)
        >>> loans = Loans(np.array([0.1, 0.01, 0.1]), np.ones(3), np.ones(3), zero, zero)
        >>> plan_losses(loans, np.array([[0.4]])).cell_since.tolist()  # two PDs, two cells
        [0, 2, 3]
    """
    loading = np.ascontiguousarray(loading, np.float64)
    _check(loans, loading)
    threshold = normal_quantiles(loans.pd)
    order = np.lexsort((loans.lgd, -threshold, loans.group))
    pd, ead, lgd = (np.asarray(a, np.float64)[order] for a in loans[:3])
    group, threshold = np.asarray(loans.group, np.int64)[order], threshold[order]
    since = _cell_starts(pd, group)
    weight = np.sqrt((loading**2).sum(axis=1))
    tilt = lgd_model.spread * np.sqrt(lgd_model.factor_share)
    top, bottom = threshold[since[:-1]], threshold[since[1:] - 1]
    bucket = np.asarray(loans.bucket, np.int64)[order]
    least, most = (f.reduceat(bucket, since[:-1]) for f in (np.minimum, np.maximum))
    centre = _centres(lgd, threshold, (group, weight), lgd_model)
    return LossPlan(
        firm=order.astype(np.int64),
        threshold=threshold,
        ead_cny=ead,
        lgd=lgd,
        centre=centre,
        pair=np.column_stack([centre, ead]),
        bucket=bucket,
        buckets_n=int(loans.bucket.max()) + 1,
        cell_since=since,
        cell_threshold=top,
        cell_even=top == bottom,
        cell_group=group[since[:-1]],
        cell_bucket=np.where(least == most, least, -1),
        loading=loading,
        rest=np.sqrt(1.0 - weight**2),
        tilt=np.divide(tilt, weight, out=np.zeros_like(weight), where=weight > 0),
        wobble=float(lgd_model.spread * np.sqrt(1.0 - lgd_model.factor_share)),
    )


def _centres(lgd: Floats, threshold: Floats, groups: tuple[Ints, Floats], m: LgdModel) -> Floats:
    """Centres, worked out once for firms that are alike; they stand beside each other."""
    group, weight = groups
    fresh = np.ones(len(lgd), bool)
    for column in (lgd, threshold, group.astype(np.float64)):
        fresh[1:] &= column[1:] == column[:-1]
    fresh[1:] = ~fresh[1:]
    found = lgd_centres(lgd[fresh], threshold[fresh], weight[group[fresh]], m)
    return np.asarray(found[np.cumsum(fresh) - 1], np.float64)


def _cell_starts(pd: Floats, group: Ints) -> Ints:
    """Borders of cells: a new group, or a PD in another band. PDs fall within a group."""
    band = np.floor(np.log(np.maximum(pd, 1e-300)) / np.log(BAND))
    border = (np.diff(group) != 0) | (np.diff(band) != 0)
    return np.concatenate([[0], np.flatnonzero(border) + 1, [len(pd)]]).astype(np.int64)


def _check(loans: Loans, loading: Floats) -> None:
    n = len(loans.pd)
    if n == 0 or any(np.shape(field) != (n,) for field in loans):
        raise InvalidInput(
            f"loans: expected arrays of one length, 1 or more; got {[np.shape(a) for a in loans]}"
        )
    for name, values, most in (
        ("pd", loans.pd, 1.0),
        ("lgd", loans.lgd, 1.0),
        ("ead_cny", loans.ead_cny, np.finfo(np.float64).max),
    ):
        wrong = ~((values >= 0) & (values <= most))
        if wrong.any():
            raise InvalidInput(
                f"{name} must be in [0, {most:.4g}] and known; got {values[wrong][0]} for firm "
                f"{np.flatnonzero(wrong)[0]} and {wrong.sum() - 1} more; leave such firms out"
            )
    if loading.ndim != 2 or not bool(np.all((loading**2).sum(axis=1) < 1)):
        raise InvalidInput("loading: expected a matrix whose rows have a length below 1")
    for name, places, end in (
        ("group", loans.group, len(loading)),
        ("bucket", loans.bucket, np.iinfo(np.int64).max),
    ):
        if (
            not np.issubdtype(places.dtype, np.integer)
            or not 0 <= places.min() <= places.max() < end
        ):
            raise InvalidInput(f"{name}: expected whole numbers from 0 to below {end}")
