"""Contagion against SciPy's sparse matrices, and against chances in closed form."""

import numba
import numpy as np
import pytest
from bench.patents_value import MASK, mix, uniform
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from techflow.basics import InvalidInput, NotConverged
from techflow.portfolio.cascade import cascade_defaults
from techflow.portfolio.contagion import spread_distress
from techflow.portfolio.loss import DefaultStream
from techflow.portfolio.network import build_network

GOLDEN = 0x9E3779B97F4A7C15


def random_links(firms_n, links_n, seed, most):
    rng = np.random.default_rng(seed)
    ends = rng.integers(0, firms_n, (2, links_n))
    return ends[0], ends[1], rng.uniform(0, most, links_n)


def scipy_distress(links, firms_n, start, tolerance=1e-9):
    source, hurt, weight = links
    matrix = csr_array((weight, (hurt, source)), shape=(firms_n, firms_n))
    level, news, rounds_n = start.copy(), start.copy(), 0
    while news.max() > tolerance or rounds_n == 0:
        grown = np.minimum(1.0, level + matrix @ news)
        news, level, rounds_n = grown - level, grown, rounds_n + 1
    return level


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 400), st.floats(0.001, 0.4), st.floats(0.01, 1.0))
def test_distress_is_that_of_sparse_matrices(seed, links_n, most, share):
    links = random_links(80, links_n, seed, most)
    rng = np.random.default_rng(seed)
    start = rng.uniform(0, 1, 80) * (rng.random(80) < share)
    found = spread_distress(build_network(*links, firms_n=80), start, rounds_max=10_000)
    assert found == pytest.approx(scipy_distress(links, 80, start), abs=1e-7)
    assert (found >= start).all() and (found <= 1).all()


def scipy_cascade(links, firms_n, fallen, threshold):
    source, hurt, weight = links
    matrix = csr_array((weight, (hurt, source)), shape=(firms_n, firms_n))
    fallen = fallen.astype(float)
    while True:
        grown = np.maximum(fallen, (matrix @ fallen >= threshold) & (matrix @ fallen > 0))
        if (grown == fallen).all():
            return fallen > 0
        fallen = grown


def threshold(scenario, firms_n, seed):
    """Exponential draws by exact integers."""
    key = mix(mix((seed + GOLDEN) & MASK) ^ mix((scenario + GOLDEN) & MASK))
    key = mix(key ^ ((5 * GOLDEN) & MASK))
    return np.array([-np.log(uniform(key, i)) for i in range(firms_n)])


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 500), st.floats(0.01, 1.0))
def test_cascades_are_those_of_sparse_matrices(seed, links_n, most):
    firms_n, runs_n = 60, 3
    links = random_links(firms_n, links_n, seed, most)
    first = [np.random.default_rng(seed + s).permutation(firms_n)[: s + 1] for s in range(runs_n)]
    since = np.concatenate([[0], np.cumsum([len(f) for f in first])])
    stream = DefaultStream(since, np.concatenate(first), np.zeros(since[-1]))
    loss = np.arange(firms_n) + 1.0
    network = build_network(*links, firms_n=firms_n)
    found = cascade_defaults(network, stream, loss, seed=seed, first=4)
    for s in range(runs_n):
        start = np.zeros(firms_n, bool)
        start[first[s]] = True
        wanted = scipy_cascade(links, firms_n, start, threshold(4 + s, firms_n, seed)) & ~start
        added = found.firm[found.since[s] : found.since[s + 1]]
        assert sorted(added.tolist()) == np.flatnonzero(wanted).tolist()
    assert np.array_equal(found.loss_cny, loss[found.firm])


def test_a_firm_falls_as_often_as_its_hazard_says():
    runs_n = 20_000
    network = build_network(np.array([0, 1]), np.array([2, 2]), np.array([0.1, 0.3]), firms_n=3)
    both = DefaultStream(np.arange(0, 2 * runs_n + 1, 2), np.tile([0, 1], runs_n), np.zeros(1))
    found = len(cascade_defaults(network, both, np.ones(3), seed=1).firm) / runs_n
    wanted = 1 - np.exp(-0.4)
    assert abs(found - wanted) < 4 * np.sqrt(wanted * (1 - wanted) / runs_n)


def test_chunks_and_threads_change_no_default():
    network = build_network(*random_links(500, 3000, 1, 0.3), firms_n=500)
    since = np.arange(0, 301, 3)
    stream = DefaultStream(since, np.random.default_rng(2).integers(0, 500, 300), np.zeros(300))
    half = DefaultStream(since[50:] - since[50], stream.firm[150:], np.zeros(150))
    whole = cascade_defaults(network, stream, np.ones(500), seed=3)
    before = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        part = cascade_defaults(network, half, np.ones(500), seed=3, first=50)
    finally:
        numba.set_num_threads(before)
    assert np.array_equal(whole.firm[whole.since[50] :], part.firm)


def test_wrong_networks_are_refused():
    one = np.array([0])
    with pytest.raises(InvalidInput, match="from 0 to 1"):
        build_network(one, np.array([2]), np.ones(1), firms_n=2)
    with pytest.raises(InvalidInput, match="weight"):
        build_network(one, one, np.array([-1.0]), firms_n=2)
    with pytest.raises(InvalidInput, match="one length"):
        build_network(one, one, np.ones(2), firms_n=2)
    network = build_network(one, np.array([1]), np.ones(1), firms_n=2)
    with pytest.raises(InvalidInput, match="2 values in"):
        spread_distress(network, np.array([0.5, 1.5]))
    with pytest.raises(NotConverged, match="1 rounds"):
        spread_distress(network, np.array([0.5, 0.0]), rounds_max=1)
    stream = DefaultStream(np.array([0, 1]), one, np.ones(1))
    with pytest.raises(InvalidInput, match="one for each firm"):
        cascade_defaults(network, stream, np.ones(3), seed=1)
