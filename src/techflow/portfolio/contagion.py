"""Distress and default that travel along a supply network.

Needs the extra `simulate`.
"""

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from techflow.basics import Floats, InvalidInput, NotConverged
from techflow.basics.lanes import log, uniform
from techflow.portfolio.factors import scenario_key, stream_key
from techflow.portfolio.loss import DefaultStream
from techflow.portfolio.plan import Ints

_CASCADE, BLOCK_N = 4, 32
SPARSE_SHARE = 0.2
"""Share of links that must move for a round to be cheaper read row by row."""

kernel = numba.njit(cache=True, error_model="numpy")
parallel = numba.njit(cache=True, parallel=True, error_model="numpy")


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
    hurt: NDArray[np.int32]
    weight: Floats
    since_in: Ints
    source: NDArray[np.int32]
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


def spread_distress(
    network: Network, distress: Floats, *, rounds_max: int = 100, tolerance: float = 1e-9
) -> Floats:
    """Distress of each firm after it has travelled.

    In each round a firm takes over its share of what each neighbour newly suffered, until it is
    wholly distressed.

    Args:
        network: Weights are the share of a neighbour's distress that arrives.
        distress: At the beginning, in [0, 1], shape (firms,).
        rounds_max: Rounds.
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
    level, news = start.copy(), start.copy()
    fresh, active = np.zeros_like(start), np.flatnonzero(start)
    for _ in range(rounds_max):
        links_n = int((network.since[active + 1] - network.since[active]).sum())
        if links_n < SPARSE_SHARE * len(network.hurt):
            active, most = _push(network, (level, news, fresh), active)
        else:
            most = _pull(network, level, news, fresh)
            active = np.flatnonzero(fresh)
            news.fill(0.0)
        news, fresh = fresh, news
        if most <= tolerance:
            return level
    raise NotConverged(f"distress: {rounds_max} rounds left a firm moving by {most:.3g}")


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


def _sorted_by(
    near: Ints, far: Ints, weight: Floats, firms_n: int
) -> tuple[Ints, NDArray[np.int32], Floats]:
    counts = np.bincount(near, minlength=firms_n) if len(near) else np.zeros(firms_n, np.int64)
    since = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    ends, weights = np.empty(len(near), np.int32), np.empty(len(near))
    _deal(near, far, np.asarray(weight, np.float64), since[:-1].copy(), (ends, weights))
    return since, ends, weights


@kernel
def _deal(near, far, weight, place, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    for k in range(len(near)):
        at = place[near[k]]
        out[0][at], out[1][at] = far[k], weight[k]
        place[near[k]] = at + 1


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


@parallel
def _pull(network, level, news, fresh):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """A round in which many move: each firm reads its links, and all is done in one pass."""
    most = 0.0
    for i in numba.prange(len(level)):
        total = 0.0
        for k in range(network.since_in[i], network.since_in[i + 1]):
            total += network.weight_in[k] * news[network.source[k]]
        grown = min(1.0, level[i] + total)
        step = grown - level[i]
        fresh[i], level[i] = step, grown
        most = max(most, step)
    return most


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
