"""Value of a firm's patents together: one factor that all of them share.

Each patent keeps its own distribution, a lognormal of two halves that meets its 5 % quantile, its
median and its 95 % quantile. Their ranks move together: the rank of each is the normal sum of a
shock of the firm and one of its own. Each shock is stratified, so that the two ends are exact: at
correlation 1 the quantiles of the sum are sums of quantiles.
"""

import math
from functools import lru_cache
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from techflow.basics import InvalidInput

Array = NDArray[np.float64]
Keys = NDArray[np.uint64]
SHARES = (0.05, 0.5, 0.95)
NORMAL = NormalDist()
Z_90 = NORMAL.inv_cdf(0.95)


class Marginals(NamedTuple):
    """Value of n patents, yuan, each of shape (n,): 0 <= low <= median <= high."""

    low_cny: Array
    """5 % quantile; above 0 unless all three are 0."""
    median_cny: Array
    high_cny: Array
    """95 % quantile."""


class Joint(NamedTuple):
    """Value of the patents of one firm together, yuan."""

    low_cny: float
    median_cny: float
    high_cny: float
    mean_cny: float
    sd_cny: float


def usable_marginals(values: Marginals) -> NDArray[np.bool_]:
    """Which patents have a distribution that can be drawn; shape (n,).

    **Source** Definition.

    >>> usable_marginals(Marginals(*np.array([[0.0, 1.0, 0.0, np.nan], [0.0, 2.0, 1.0, 1.0],
    ...                                       [0.0, 3.0, 2.0, 2.0]]))).tolist()
    [True, True, False, False]
    """
    low, median, high = values
    ordered = (low > 0) & (low <= median) & (median <= high) & (high < np.inf)
    nothing = (low == 0) & (median == 0) & (high == 0)
    return np.asarray(ordered | nothing, np.bool_)


def joint_value(
    values: Marginals, keys: Keys, *, correlation: float, draws_n: int, seed: int
) -> Joint:
    """Distribution of the sum of a firm's patents.

    Args:
        values: Usable patents of one firm, one or more.
        keys: A number that names each patent, shape (n,); the same key gives the same own shock.
        correlation: Correlation of the normal ranks of any two patents, 0 to 1.
        draws_n: Draws, 20 or more.
        seed: Seed, 0 or more.

    Returns:
        Quantiles, mean and standard deviation of the sum.

    Raises:
        InvalidInput: A parameter is out of range, or a patent cannot be drawn.

    **Source** One-factor Gaussian copula: Vasicek 2002, Loan portfolio value, Risk 15(12).
    Stratified shocks: McKay, Beckman and Conover 1979, Technometrics 21(2).

    >>> two = Marginals(np.array([1.0, 2.0]), np.array([2.0, 4.0]), np.array([4.0, 8.0]))
    >>> keys = np.array([1, 2], np.uint64)
    >>> found = joint_value(two, keys, correlation=1, draws_n=500, seed=1)
    >>> round(found.low_cny, 2), round(found.median_cny, 2), round(found.high_cny, 2)
    (3.0, 6.0, 12.0)
    """
    _check(values, correlation, draws_n)
    shock = _strata(draws_n)
    common, own = math.sqrt(correlation), math.sqrt(1 - correlation)
    total = np.zeros(draws_n)
    # In the order of the keys: then a sum does not depend on the order of the rows.
    for place in np.argsort(keys, kind="stable"):
        mixed = common * shock + own * _shuffled(shock, int(keys[place]), seed)
        total += _patent(mixed, *(float(field[place]) for field in values))
    low, median, high = (float(q) for q in np.quantile(total, SHARES, method="hazen"))
    return Joint(low, median, high, float(total.mean()), float(total.std()))


def _check(values: Marginals, correlation: float, draws_n: int) -> None:
    if not 0 <= correlation <= 1:
        raise InvalidInput(f"correlation: expected from 0 to 1; got {correlation}")
    if draws_n < 20:
        raise InvalidInput(f"draws_n: expected 20 or more for a 90 % interval; got {draws_n}")
    if not usable_marginals(values).all():
        raise InvalidInput(
            "values: expected 0 < low <= median <= high of each patent, or all three 0; leave out "
            "the others"
        )


@lru_cache(maxsize=4)  # the same for every firm of a book
def _strata(draws_n: int) -> Array:
    """Normal quantiles at the middles of cells of equal chance, ascending."""
    found = np.array([NORMAL.inv_cdf((step + 0.5) / draws_n) for step in range(draws_n)])
    found.flags.writeable = False
    return found


def _shuffled(shock: Array, key: int, seed: int) -> Array:
    order = np.random.Generator(np.random.Philox(key=np.array([key, seed], np.uint64)))
    return order.permutation(shock)


def _patent(rank: Array, low: float, median: float, high: float) -> Array:
    """Value at each normal rank."""
    if median == 0:
        return np.zeros_like(rank)
    below, above = math.log(median / low) / Z_90, math.log(high / median) / Z_90
    return np.asarray(median * np.exp(np.where(rank < 0, below, above) * rank), np.float64)
