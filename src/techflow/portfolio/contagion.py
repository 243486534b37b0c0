"""Distress that travels along a supply network.

Needs the extra `simulate`.
"""

import numba
import numpy as np

from techflow.basics import Floats, InvalidInput, NotConverged
from techflow.portfolio.network import Network

SPARSE_SHARE = 0.2
"""Share of firms that must move for a sweep over all to be cheaper than telling one by one."""

kernel = numba.njit(cache=True, error_model="numpy")


def spread_distress(
    network: Network, distress: Floats, *, rounds_max: int = 100, tolerance: float = 1e-9
) -> Floats:
    """Distress of each firm after it has travelled.

    In each round a firm takes over its share of what each neighbour newly suffered, until it is
    wholly distressed. Where that ends is the least solution of level = min(1, start + weights *
    level), and sweeps that use each new level at once reach it in about half the rounds.

    Args:
        network: Weights are the share of a neighbour's distress that arrives.
        distress: At the beginning, in [0, 1], shape (firms,).
        rounds_max: Rounds and sweeps.
        tolerance: The rounds end when no firm moves by more.

    Returns:
        Distress in [0, 1], shape (firms,), never below the beginning.

    Raises:
        InvalidInput: Distress is out of range.
        NotConverged: Firms still moved in the last round.

    Source:
        Bardoscia, Battiston, Caccioli and Caldarelli (2015), DebtRank: a microscopic foundation
        for shock propagation, PLoS ONE 10(6), equation 6.

    Examples:
        >>> from techflow.portfolio.network import build_network
        >>> chain = build_network(np.array([0, 1]), np.array([1, 2]), np.full(2, 0.5), firms_n=3)
        >>> spread_distress(chain, np.array([1.0, 0.0, 0.0])).tolist()
        [1.0, 0.5, 0.25]
    """
    start = np.asarray(distress, np.float64)
    if start.shape != (len(network.since) - 1,) or not bool(np.all((start >= 0) & (start <= 1))):
        raise InvalidInput(
            f"distress: expected {len(network.since) - 1} values in [0, 1]; got shape "
            f"{start.shape}, {np.min(start)} to {np.max(start)}"
        )
    level, news, fresh = start.copy(), start.copy(), np.zeros_like(start)
    active, most = np.flatnonzero(start), np.inf
    for _ in range(rounds_max):
        if len(active) < SPARSE_SHARE * len(start):
            active, most = _push(network, (level, news, fresh), active)
            news, fresh = fresh, news
        else:
            most = _sweep(network.since_in, network.source, network.weight_in, start, level)
        if most <= tolerance:
            return level
    raise NotConverged(f"distress: {rounds_max} rounds left a firm moving by {most:.3g}")


@kernel
def _push(network, state, active):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """A round in which few move: they go out along their links."""
    level, news, fresh = state
    touched, found, most = np.empty(len(level), np.int64), 0, 0.0
    for j in active:
        for k in range(network.since[j], network.since[j + 1]):
            i, arrives = network.hurt[k], network.weight[k] * news[j]
            if fresh[i] == 0 and arrives > 0:
                touched[found] = i
                found += 1
            fresh[i] += arrives
        news[j] = 0.0
    for i in touched[:found]:
        grown = min(1.0, level[i] + fresh[i])
        fresh[i], level[i] = grown - level[i], grown
        most = max(most, fresh[i])
    return touched[:found], most


@kernel
def _sweep(since, source, weight, start, level):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Each firm reads its links, and later ones see what it found; returns the largest move."""
    # Unsigned places need no test for being below 0.
    most, k = 0.0, np.uint64(0)
    for i in range(len(level)):
        total, end = start[i], np.uint64(since[i + 1])
        while k < end:
            total += weight[k] * level[source[k]]
            k += np.uint64(1)
        grown = min(1.0, total)
        most = max(most, grown - level[i])
        level[i] = grown
    return most
