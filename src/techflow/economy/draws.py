"""Reproducible draws: one generator per topic and chunk of firms, and small distributions."""

from math import erfc, sqrt
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from techflow.basics import Floats

Columns = dict[str, NDArray[Any]]
"""Named arrays of equal length: one row per record."""

_erfc = np.frompyfunc(erfc, 1, 1)


def stream(seed: int, topic: str, chunk: int = 0) -> np.random.Generator:
    """The generator of one topic in one chunk of firms.

    A counter-based generator keyed by (seed, topic, chunk), so a chunk can be drawn alone,
    in any order, and a longer sample starts with the shorter one.

    Args:
        seed: Seed of the whole sample, >= 0.
        topic: What is drawn, such as `firm` or `patent`.
        chunk: Number of the chunk, from 0.

    Source:
        Salmon et al. 2011, Parallel random numbers: as easy as 1, 2, 3 (Philox).

    Examples:
        >>> a, b = stream(7, "firm", 2).random(3), stream(7, "firm", 2).random(3)
        >>> bool((a == b).all())
        True
    """
    key = np.random.SeedSequence(seed, spawn_key=(crc32(topic.encode()), chunk))
    return np.random.Generator(np.random.Philox(key))


def pick(rng: np.random.Generator, shares: Floats, n: int) -> NDArray[np.int64]:
    """Draw n codes 0, 1, ... with the given shares.

    Args:
        rng: Generator.
        shares: Weights, non-negative, shape (k,); need not sum to one.
        n: How many.
    """
    edges = np.cumsum(shares) / np.sum(shares)
    return np.minimum(np.searchsorted(edges, rng.random(n), side="right"), len(shares) - 1)


def sigmoid(log_odds: Floats) -> Floats:
    """The probability of the log-odds, in (0, 1).

    Examples:
        >>> float(sigmoid(np.array([0.0]))[0])
        0.5
    """
    return np.asarray(1.0 / (1.0 + np.exp(-log_odds)), np.float64)


def log_odds(share: float) -> float:
    """The log-odds of a fraction in (0, 1).

    Examples:
        >>> log_odds(0.5)
        0.0
    """
    return float(np.log(share / (1.0 - share)))


def normal_share(x: Floats) -> Floats:
    """The standard normal distribution function.

    Source:
        Abramowitz and Stegun 1964, 26.2.29: half the complementary error function.

    Examples:
        >>> normal_share(np.array([0.0, 1.6448536269514722])).round(12)
        array([0.5 , 0.95])
    """
    return 0.5 * np.asarray(_erfc(-np.asarray(x) / sqrt(2.0)), np.float64)


def spread(counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For owners with so many items each: the owner of every item, and its place from 0.

    Examples:
        >>> [part.tolist() for part in spread(np.array([2, 0, 3]))]
        [[0, 0, 2, 2, 2], [0, 1, 0, 1, 2]]
    """
    owner = np.repeat(np.arange(len(counts)), counts)
    first = np.repeat(np.cumsum(counts) - counts, counts)
    return owner, np.arange(len(owner)) - first


def keep_rows(columns: Columns, rows: NDArray[Any]) -> Columns:
    """The chosen rows of all columns: a mask, or row numbers."""
    return {name: values[rows] for name, values in columns.items()}


def round_fen(amounts: Floats) -> Floats:
    """Amounts to the fen."""
    return np.asarray(np.round(amounts, 2), np.float64)
