"""Migration in continuous time: the generator behind a one-year matrix.

Needs SciPy (extra `train`); scoring does not import this module.
"""

import numpy as np
from scipy.linalg import expm, logm

from techflow.basics import Floats, InvalidInput
from techflow.credit.term import read_migration

IMAGINARY_MAX = 1e-9


def migration_generator(matrix: Floats) -> Floats:
    """A valid generator whose exponential is close to a one-year migration matrix.

    The logarithm of a published matrix has small negative rates off the diagonal, which no
    chain can have. They are set to zero and their sum is taken from the other entries of the
    row in proportion to their size (weighted adjustment).

    Args:
        matrix: One-year migration matrix, see `read_migration`.

    Returns:
        Rates per year, same shape: off the diagonal 0 or more, rows sum to 0, default last.

    Raises:
        InvalidInput: The matrix is none, or has no real logarithm.

    Source:
        Israel, Rosenthal and Wei (2001), Finding generators for Markov chains via empirical
        transition matrices, Mathematical Finance 11(2), section 3.

    Examples:
        >>> migration_generator(np.array([[0.9, 0.1], [0.0, 1.0]])).round(4).tolist()
        [[-0.1054, 0.1054], [0.0, 0.0]]
    """
    clean = read_migration(matrix)
    if np.linalg.matrix_rank(clean) < len(clean):
        raise InvalidInput("the migration matrix is singular and has no logarithm")
    raw = np.asarray(logm(clean))
    if np.abs(raw.imag).max() > IMAGINARY_MAX:
        raise InvalidInput("the migration matrix has no real logarithm; its diagonal is too small")
    return _regularised(np.ascontiguousarray(raw.real))


def _regularised(raw: Floats) -> Floats:
    """Weighted adjustment of Israel, Rosenthal and Wei; rows of the result sum to 0."""
    off = ~np.eye(len(raw), dtype=bool)
    negative = off & (raw < 0)
    taken = np.where(negative, -raw, 0.0).sum(axis=1, keepdims=True)
    kept = np.where(negative, 0.0, raw)
    size = np.abs(kept)
    total = size.sum(axis=1, keepdims=True)
    found = kept - taken * np.divide(size, total, out=np.zeros_like(size), where=total > 0)
    found[-1] = 0.0
    # The row sums of a computed logarithm miss 0 by rounding.
    found[~off] -= found.sum(axis=1)
    return np.asarray(found, np.float64)


def migration_over(generator: Floats, *, years: float) -> Floats:
    """Migration matrix over any span, also parts of a year.

    Args:
        generator: Result of `migration_generator`.
        years: 0 or more.

    Returns:
        Shares, same shape; rows sum to 1.

    Raises:
        InvalidInput: `years` is negative.

    Source:
        Jarrow, Lando and Turnbull (1997), Review of Financial Studies 10(2).

    Examples:
        >>> half = migration_over(np.array([[-0.2, 0.2], [0.0, 0.0]]), years=0.5)
        >>> round(float(half[0, 1]), 6)  # 1 - exp(-0.1)
        0.095163
    """
    if not years >= 0:
        raise InvalidInput(f"years must be 0 or more; got {years}")
    return np.asarray(expm(generator * years), np.float64)
