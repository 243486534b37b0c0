"""Value of all patents of a firm together, by drawing, in plain NumPy.

Patents of one firm rest on the same business: revenue, royalty rate and growth are drawn once for
the firm. How long each patent lasts is drawn for each. Random numbers are a function of seed, firm
or patent, and draw alone, so that neither order nor the way a book is cut can change a figure.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from techflow.basics import InvalidInput
from techflow.patents.value import Array, IncomeCase

QUANTILES = (0.05, 0.5, 0.95)
CELLS_MAX = 2_000_000
"""Patents times draws that are in memory at once, if no single firm has more."""
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_MONEY, _GROWTH, _LIFE = (np.uint64(k) for k in range(3))

Keys = NDArray[np.uint64]
Places = NDArray[np.int64]


class FirmValues(NamedTuple):
    """Values in yuan."""

    firms: Array
    """Shape (firms, 4): 5 % quantile, median, 95 % quantile, mean; each of the firm's sum."""
    patents: Array
    """Shape (patents,): mean value of each patent; they add up to the mean of the firm."""


def draw_firm_values(
    case: IncomeCase, firm: Places, *, keys: tuple[Keys, Keys], draws_n: int, seed: int
) -> FirmValues:
    """Distribution of the income value of each firm's patents.

    Args:
        case: The patents, n of them, those of one firm together; deviations are the firm's, so
            equal for its patents.
        firm: Place of the firm of each patent, from 0, ascending without a gap, shape (n,).
        keys: A number that names each firm, shape (firms,), and each patent, shape (n,).
        draws_n: Draws for each firm, 20 or more.
        seed: Seed, 0 or more.

    Returns:
        The values; NaN for a firm with a missing input and its patents, 0 for a patent past its
        legal end.

    Raises:
        InvalidInput: Too few draws, or `firm` does not ascend without a gap.

    **Source** Random numbers: Steele, Lea and Flood, Fast splittable pseudorandom number
    generators, OOPSLA 2014 (SplitMix64, by counter); normals: Box and Muller 1958.

    >>> one = np.ones(2)
    >>> case = IncomeCase(one, 0 * one, 0 * one, 0 * one, 0 * one, 2 * one, one, np.inf * one, one)
    >>> names = (np.array([7], np.uint64), np.array([1, 2], np.uint64))
    >>> found = draw_firm_values(case, np.array([0, 0]), keys=names, draws_n=20, seed=1)
    >>> found.firms.tolist(), found.patents.tolist()
    ([[4.0, 4.0, 4.0, 4.0]], [2.0, 2.0])
    """
    if draws_n < 20:
        raise InvalidInput(f"draws_n: expected 20 or more for a 90 % interval; got {draws_n}")
    if len(firm) and (firm[0] != 0 or not np.isin(np.diff(firm), (0, 1)).all()):
        raise InvalidInput("firm: expected places from 0, ascending without a gap; sort by firm")
    firms_n = int(firm[-1]) + 1 if len(firm) else 0
    found = FirmValues(np.full((firms_n, 4), np.nan), np.full(len(firm), np.nan))
    blank = np.isnan(np.stack(case)).any(axis=0)
    known = np.bincount(firm[blank], minlength=firms_n) == 0
    rows, places = known[firm], np.cumsum(known) - 1
    plan = (draws_n, np.uint64(seed))
    found.firms[known], found.patents[rows] = _draw_known(
        IncomeCase(*(field[rows] for field in case)),
        places[firm[rows]],
        (keys[0][known], keys[1][rows]),
        plan,
    )
    return found


def _draw_known(
    case: IncomeCase, firm: Places, keys: tuple[Keys, Keys], plan: tuple[int, np.uint64]
) -> FirmValues:
    """The values of firms of which nothing is missing, block by block."""
    firms_n = len(keys[0])
    found = FirmValues(np.empty((firms_n, 4)), np.empty(len(firm)))
    starts = np.searchsorted(firm, np.arange(firms_n + 1))
    for first, last in _blocks(starts, plan[0]):
        rows = slice(starts[first], starts[last])
        values = _draw(
            IncomeCase(*(field[rows] for field in case)),
            firm[rows] - first,
            (keys[0][first:last], keys[1][rows]),
            plan,
        )
        found.patents[rows] = values.mean(axis=1)
        found.firms[first:last] = _summary(
            np.add.reduceat(values, starts[first:last] - starts[first])
        )
    return found


def _blocks(starts: Places, draws_n: int) -> list[tuple[int, int]]:
    """Ranges of firms whose patents fit in memory; at least one firm each."""
    blocks, first = [], 0
    while first < len(starts) - 1:
        limit = starts[first] + CELLS_MAX // draws_n
        last = max(first + 1, int(np.searchsorted(starts, limit, "right")) - 1)
        blocks.append((first, last))
        first = last
    return blocks


def _draw(
    case: IncomeCase, firm: Places, keys: tuple[Keys, Keys], plan: tuple[int, np.uint64]
) -> Array:
    """Value of each patent in each draw, shape (n, draws)."""
    draws_n, seed = plan
    money, growth = _normals(keys[0], draws_n, seed)
    column = {name: field[:, None] for name, field in case._asdict().items()}
    rate = np.log1p(column["discount_rate_pa"])
    net = column["growth_log"] + column["growth_sigma"] * growth[firm] - rate
    spread = column["income_sigma"]
    level = column["income_cny"] * np.exp(spread * money[firm] - spread * spread / 2)
    years = _years(column, _uniform(keys[1], _LIFE, draws_n, seed))
    return np.asarray(level * _annuity(net, rate, years), np.float64)


def _years(column: dict[str, Array], chance: Array) -> Array:
    """Economic life left, given that the patent is alive, cut at the legal end."""
    legal, shape = column["legal_life_years"], column["shape"]
    age, scale = column["age_years"], column["scale_years"]
    with np.errstate(invalid="ignore"):  # an infinite scale stands for a life without an end
        left = scale * ((age / scale) ** shape - np.log(chance)) ** (1 / shape) - age
    return np.clip(np.where(np.isinf(scale), legal, left), 0.0, np.maximum(legal, 0.0))


def _annuity(net: Array, rate: Array, years: Array) -> Array:
    """Present value of one yuan a year that grows, paid in the middle of each year."""
    whole = np.floor(years)
    part = years - whole
    flat = np.abs(net) < 1e-7  # there the quotient loses its digits
    safe = np.where(flat, 1.0, net)
    grown = np.exp(whole * net)
    full = np.where(
        flat, whole * (1 + (whole - 1) * net / 2), np.expm1(whole * safe) / np.expm1(safe)
    )
    return np.asarray(np.exp(-rate / 2) * full + part * grown * np.exp(-rate * part / 2))


def _summary(values: Array) -> Array:
    """Quantile p is the least draw with a share p of the draws at or below it."""
    draws_n = values.shape[1]
    ranks = [int(np.ceil(share * draws_n - 1e-9)) - 1 for share in QUANTILES]
    ordered = np.partition(values, ranks, axis=1)
    return np.column_stack([ordered[:, ranks], values.mean(axis=1)])


def _normals(key: Keys, draws_n: int, seed: np.uint64) -> tuple[Array, Array]:
    radius = np.sqrt(-2 * np.log(_uniform(key, _MONEY, draws_n, seed)))
    angle = 2 * np.pi * _uniform(key, _GROWTH, draws_n, seed)
    return radius * np.cos(angle), radius * np.sin(angle)


def _uniform(key: Keys, stream: np.uint64, draws_n: int, seed: np.uint64) -> Array:
    """Between 0 and 1, neither included, shape (keys, draws)."""
    with np.errstate(over="ignore"):
        start = _mixed(_mixed(key + _GOLDEN) ^ _mixed(seed * np.uint64(3) + stream + _GOLDEN))
        steps = np.arange(1, draws_n + 1, dtype=np.uint64) * _GOLDEN
        bits = _mixed(start[:, None] + steps) >> np.uint64(11)
    return (bits.astype(np.float64) + 0.5) * 2.0**-53


def _mixed(value: Keys | np.uint64) -> Keys:
    first = np.atleast_1d(np.asarray(value, np.uint64))
    first = (first ^ (first >> np.uint64(30))) * _MIX[0]
    first = (first ^ (first >> np.uint64(27))) * _MIX[1]
    return first ^ (first >> np.uint64(31))
