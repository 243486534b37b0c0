"""Books for tests; no expected values here."""

import numpy as np

from techflow.portfolio.plan import Loans


def even_book(n, pd, lgd=1.0):
    """Firms that are all alike, one yuan each."""
    zero = np.zeros(n, np.int64)
    return Loans(np.full(n, pd), np.ones(n), np.full(n, lgd), zero, zero)


def mixed_book(n, seed=5, groups_n=6, buckets_n=3):
    """No two PDs alike; exposures lognormal."""
    rng = np.random.default_rng(seed)
    return Loans(
        np.exp(rng.normal(-3.5, 1.0, n)).clip(0, 0.9),
        rng.lognormal(0, 1, n),
        rng.uniform(0.1, 0.9, n),
        rng.integers(0, groups_n, n),
        rng.integers(0, buckets_n, n),
    )
