"""First digits against Benford's law, with a null that holds at small numbers: array kernels."""

from itertools import combinations

import numpy as np

from techflow.basics import Floats, InvalidInput

BENFORD: Floats = np.log10(1.0 + 1.0 / np.arange(1.0, 10.0))
"""Share of each first digit 1 to 9: Benford (1938), Proc. American Philosophical Society 78(4)."""
ENUMERATED_N = 8
"""Up to here every outcome is counted (12,870 of them); above, outcomes are drawn."""


def count_first_digits(amounts: Floats) -> Floats:
    """First digits of the amounts of each row.

    Args:
        amounts: Any numbers, shape (rows, amounts); zero and NaN have no first digit.

    Returns:
        Counts of the digits 1 to 9, shape (rows, 9).

    Examples:
        >>> count_first_digits(np.array([[1999.0, -0.25, 0.0, np.nan]]))[0].tolist()
        [1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    size = np.abs(np.asarray(amounts, dtype=np.float64))
    told = np.isfinite(size) & (size > 0.0)
    safe = np.where(told, size, 1.0)
    # A power of ten is not exact: 7e-12 over 1e-12 falls a hair below 7.
    lead = safe / 10.0 ** np.floor(np.log10(safe)) * (1.0 + 4.0 * np.finfo(np.float64).eps)
    digit = np.where(lead >= 10.0, 1.0, np.where(lead < 1.0, 9.0, np.floor(lead)))
    counts = [((digit == d) & told).sum(axis=1) for d in range(1, 10)]
    return np.stack(counts, axis=1).astype(np.float64)


def benford_p(counts: Floats, *, draws_n: int = 9999, seed: int = 7) -> Floats:
    """Chance of first digits at least as far from Benford's law as these.

    The distance is Pearson's; its null is the multinomial itself, counted to the last outcome up
    to `ENUMERATED_N` digits and drawn above. The chi-square table would be wrong here: the
    expected count of a 9 among 20 amounts is 0.9.

    Args:
        counts: Result of `count_first_digits`, shape (rows, 9).
        draws_n: Outcomes drawn for each number of digits; p cannot be below 1 / (draws_n + 1).
        seed: Seed of the draws.

    Returns:
        p in (0, 1], shape (rows,); NaN where no amount is known.

    Raises:
        InvalidInput: The shape is not (rows, 9).

    Source:
        Exact multinomial test; drawn p as (1 + as far) / (1 + draws): Davison and Hinkley (1997),
        Bootstrap Methods and their Application, section 4.2.

    Examples:
        >>> only_a_nine = np.eye(9)[[8]]
        >>> benford_p(only_a_nine).round(4).tolist()  # log10(10 / 9)
        [0.0458]
    """
    c = np.asarray(counts, dtype=np.float64)
    if c.ndim != 2 or c.shape[1] != BENFORD.size:
        raise InvalidInput(f"counts must have the shape (rows, 9); got {c.shape}")
    numbers = c.sum(axis=1)
    found = np.full(numbers.size, np.nan)
    for n in np.unique(numbers[numbers > 0]):
        rows = numbers == n
        far = _distance(c[rows])
        found[rows] = _exact(int(n), far) if n <= ENUMERATED_N else _drawn(n, far, draws_n, seed)
    return found


def _distance(counts: Floats) -> Floats:
    n = counts.sum(axis=1)
    distance: Floats = (counts**2 / BENFORD).sum(axis=1) / n - n
    return distance


def _exact(n: int, far: Floats) -> Floats:
    outcomes = _outcomes(n)
    logs = np.cumsum(np.log(np.arange(1.0, n + 1.0)))
    factorial = np.concatenate([[0.0], logs])
    chance = np.exp(
        factorial[n]
        - factorial[outcomes.astype(np.int64)].sum(axis=1)
        + (outcomes * np.log(BENFORD)).sum(axis=1)
    )
    return _tail(_distance(outcomes), chance, far)


def _outcomes(n: int) -> Floats:
    """Every way to spread n digits over nine bins (stars and bars)."""
    bars = np.array(list(combinations(range(n + 8), 8)), dtype=np.float64)
    edges = np.column_stack([np.full(len(bars), -1.0), bars, np.full(len(bars), n + 8.0)])
    return np.diff(edges, axis=1) - 1.0


def _drawn(n: float, far: Floats, draws_n: int, seed: int) -> Floats:
    drawn = np.random.default_rng([seed, int(n)]).multinomial(int(n), BENFORD, size=draws_n)
    weight = np.full(draws_n, 1.0 / (draws_n + 1.0))
    share = _tail(_distance(drawn.astype(np.float64)), weight, far)
    return share + 1.0 / (draws_n + 1.0)


def _tail(distances: Floats, chance: Floats, far: Floats) -> Floats:
    """Chance of a distance of at least each of `far`; a hair is left for rounding."""
    order = np.argsort(distances)
    above = np.append(np.cumsum(chance[order][::-1])[::-1], 0.0)
    tail: Floats = above[np.searchsorted(distances[order], far - 1e-9, side="left")]
    return np.minimum(tail, 1.0)
