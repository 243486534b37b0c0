"""Defaults that other defaults bring about, along a supply network.

Needs the extra `simulate`.
"""

import numba
import numpy as np

from techflow.basics import Floats, InvalidInput
from techflow.basics.lanes import log, uniform
from techflow.portfolio.factors import scenario_key, stream_key
from techflow.portfolio.loss import DefaultStream
from techflow.portfolio.network import Network

_CASCADE, BLOCK_N = 4, 32

kernel = numba.njit(cache=True, error_model="numpy")
parallel = numba.njit(cache=True, parallel=True, error_model="numpy")


def cascade_defaults(
    network: Network, stream: DefaultStream, loss_cny: Floats, *, seed: int, first: int = 0
) -> DefaultStream:
    """Defaults that other defaults bring about.

    Each default adds its weight to the hazard of the firms it hurts; a firm fails when its hazard
    reaches an exponential draw of its own. The draw is that of scenario and firm, so the
    order in which firms fall changes nothing.

    Args:
        network: Weights are hazards that a default adds: 0.1 lets about one in ten fail.
        stream: First defaults, see `draw_defaults`.
        loss_cny: What each firm loses its lenders if it fails so, shape (firms,).
        seed: Seed of the run.
        first: Number of its first scenario.

    Returns:
        The added defaults of each scenario, none of which is in `stream`.

    Raises:
        InvalidInput: `loss_cny` does not fit the network.

    Source:
        Infectious defaults: Davis and Lo (2001), Infectious defaults, Quantitative Finance 1(4),
        on a network instead of between all; the threshold form of the same chances: Kempe,
        Kleinberg and Tardos (2003), Maximizing the spread of influence through a social network.

    Examples:
        >>> from techflow.portfolio.network import build_network
        >>> sure = build_network(np.array([0, 1]), np.array([1, 2]), np.full(2, 1e9), firms_n=3)
        >>> stream = DefaultStream(np.array([0, 1]), np.array([0]), np.array([5.0]))
        >>> cascade_defaults(sure, stream, np.array([5.0, 6.0, 7.0]), seed=1).loss_cny.tolist()
        [6.0, 7.0]
    """
    if np.shape(loss_cny) != (len(network.since) - 1,):
        raise InvalidInput(
            f"loss_cny: expected {len(network.since) - 1} values, one for each firm of the "
            f"network; got shape {np.shape(loss_cny)}"
        )
    links, start = network[:3], (stream.since, stream.firm)
    counts = np.zeros(len(stream.since), np.int64)
    _count_fallen(links, start, (np.uint64(seed), first), counts[1:])
    since = np.cumsum(counts)
    firm = np.empty(since[-1], np.int64)
    _list_fallen(links, start, (np.uint64(seed), first), since, firm)
    return DefaultStream(since, firm, np.asarray(loss_cny, np.float64)[firm])


@kernel
def _fall(links, start, key, room):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Firms that fall in one scenario, first those of the start; returns how many in all."""
    since, hurt, weight = links
    hazard, fallen, queue, touched = room
    found, seen, at = len(start), 0, 0
    for k in range(found):
        queue[k] = start[k]
        fallen[start[k]] = True
    while at < found:
        j = queue[at]
        at += 1
        for k in range(since[j], since[j + 1]):
            i = hurt[k]
            if fallen[i] or weight[k] == 0:
                continue
            if hazard[i] == 0:
                touched[seen] = i
                seen += 1
            hazard[i] += weight[k]
            if hazard[i] >= -log(uniform(key, i)):
                fallen[i], queue[found] = True, i
                found += 1
    for k in range(found):
        fallen[queue[k]] = False
    for k in range(seen):
        hazard[touched[k]] = 0.0
    return found


@kernel
def _room(firms_n):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    firms = np.empty(firms_n, np.int64), np.empty(firms_n, np.int64)
    return np.zeros(firms_n), np.zeros(firms_n, np.bool_), firms[0], firms[1]


@parallel
def _count_fallen(links, stream, begin, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    since, firm = stream
    for block in numba.prange((len(out) + BLOCK_N - 1) // BLOCK_N):
        room = _room(len(links[0]) - 1)
        for s in range(block * BLOCK_N, min((block + 1) * BLOCK_N, len(out))):
            key = stream_key(scenario_key(begin[0], begin[1] + s), _CASCADE)
            start = firm[since[s] : since[s + 1]]
            out[s] = _fall(links, start, key, room) - len(start)


@parallel
def _list_fallen(links, stream, begin, since_out, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    since, firm = stream
    runs_n = len(since_out) - 1
    for block in numba.prange((runs_n + BLOCK_N - 1) // BLOCK_N):
        room = _room(len(links[0]) - 1)
        for s in range(block * BLOCK_N, min((block + 1) * BLOCK_N, runs_n)):
            key = stream_key(scenario_key(begin[0], begin[1] + s), _CASCADE)
            start = firm[since[s] : since[s + 1]]
            n = _fall(links, start, key, room)
            out[since_out[s] : since_out[s + 1]] = room[2][len(start) : n]
