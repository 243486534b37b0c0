"""Who hurts whom: a supply network, sorted both ways.

Needs the extra `simulate`.
"""

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from techflow.basics import Floats, InvalidInput
from techflow.portfolio.plan import Ints


class Network(NamedTuple):
    """Who hurts whom: links grouped by the firm that hurts, and again by the firm that is hurt.

    Attributes:
        since: First link out of each firm, and the end, shape (firms + 1,).
        hurt: Firm at the end of each link, shape (links,).
        weight: How much, 0 or more, shape (links,).
        since_in: First link into each firm, and the end, shape (firms + 1,).
        source: Firm at the beginning of each link, shape (links,).
        weight_in: Weights in that order, shape (links,).
    """

    since: Ints
    hurt: NDArray[np.uint32]
    weight: Floats
    since_in: Ints
    source: NDArray[np.uint32]
    weight_in: Floats


def build_network(source: Ints, hurt: Ints, weight: Floats, *, firms_n: int) -> Network:
    """Sort links both ways.

    Args:
        source: Firm whose trouble spreads (a customer that may not pay, a supplier that may
            fail to deliver), from 0, shape (links,).
        hurt: Firm that it reaches, shape (links,).
        weight: Share of the trouble that arrives, or hazard that a default adds; shape (links,).
        firms_n: Firms.

    Returns:
        The network.

    Raises:
        InvalidInput: A firm is not there, or a weight is negative or missing.

    Examples:
        >>> one = build_network(np.array([1, 0]), np.array([0, 1]), np.array([0.5, 0.2]), firms_n=2)
        >>> one.hurt.tolist(), one.weight.tolist()
        ([1, 0], [0.2, 0.5])
    """
    ends = np.concatenate([source, hurt]) if len(source) else np.zeros(1, np.int64)
    if len(source) != len(hurt) or len(source) != len(weight):
        raise InvalidInput(
            f"links: expected three arrays of one length; got {len(source)}, {len(hurt)} and "
            f"{len(weight)}"
        )
    if not np.issubdtype(ends.dtype, np.integer) or not 0 <= ends.min() <= ends.max() < firms_n:
        raise InvalidInput(f"links: expected whole numbers from 0 to {firms_n - 1}; got others")
    if not bool(np.all((weight >= 0) & np.isfinite(weight))):
        raise InvalidInput("weight: expected 0 or more and known; got a link with another")
    out, into = _sorted_by(source, hurt, weight, firms_n), _sorted_by(hurt, source, weight, firms_n)
    return Network(*out, *into)


def _sorted_by(
    near: Ints, far: Ints, weight: Floats, firms_n: int
) -> tuple[Ints, NDArray[np.uint32], Floats]:
    counts = np.bincount(near, minlength=firms_n) if len(near) else np.zeros(firms_n, np.int64)
    since = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    ends, weights = np.empty(len(near), np.uint32), np.empty(len(near))
    _deal(near, far, np.asarray(weight, np.float64), since[:-1].copy(), (ends, weights))
    return since, ends, weights


@numba.njit(cache=True, error_model="numpy")
def _deal(near, far, weight, place, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    for k in range(len(near)):
        at = place[near[k]]
        out[0][at], out[1][at] = far[k], weight[k]
        place[near[k]] = at + 1
