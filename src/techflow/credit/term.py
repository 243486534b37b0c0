"""PD over several years: from a one-year PD and a migration matrix to a term structure."""

import numpy as np

from techflow.basics import Floats, InvalidInput

ROUNDING_MAX = 0.01
"""Published rows miss 1 by rounding; a greater gap is another matter, such as withdrawals."""


def spread_withdrawn(matrix: Floats) -> Floats:
    """A migration matrix without its withdrawn ratings: spread over what was seen.

    Assumes a withdrawn firm would have moved as the firms of its grade that stayed rated.

    Args:
        matrix: Shares in 12 months, square: grades best first, then default. The column of
            withdrawn ratings is left out, so rows sum to less than 1.

    Returns:
        The same shape, rows sum to 1.

    Raises:
        InvalidInput: A share is negative or a row holds nothing.

    Examples:
        >>> spread_withdrawn(np.array([[0.72, 0.18], [0.0, 1.0]])).tolist()
        [[0.8, 0.2], [0.0, 1.0]]
    """
    sums = matrix.sum(axis=1, keepdims=True)
    if not bool(np.all(matrix >= 0)) or not bool(np.all(sums > 0)):
        raise InvalidInput(f"shares must be 0 or more, rows above 0; got row sums {sums.ravel()}")
    return np.asarray(matrix / sums, np.float64)


def read_migration(matrix: Floats) -> Floats:
    """Check a one-year migration matrix and take the rounding out of its rows.

    Args:
        matrix: Shares in [0, 1], square: grades best first, default last and absorbing.

    Returns:
        The same shape; each row sums to 1.

    Raises:
        InvalidInput: Not square, a share outside, a row off by more than 0.01, default is left,
            or a worse grade defaults less often within the year.
    """
    matrix = np.asarray(matrix, np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or len(matrix) < 2:
        raise InvalidInput(
            f"a migration matrix is square, grades then default; got shape {matrix.shape}"
        )
    sums = matrix.sum(axis=1)
    if not bool(np.all((matrix >= 0) & (matrix <= 1) & (abs(sums - 1) <= ROUNDING_MAX)[:, None])):
        raise InvalidInput(
            f"shares must lie in [0, 1] and rows sum to 1 within {ROUNDING_MAX}; got sums "
            f"{sums.round(4)}; take withdrawn ratings out with spread_withdrawn"
        )
    if matrix[-1, -1] != 1.0:
        raise InvalidInput(f"the last state is default and is never left; got row {matrix[-1]}")
    if bool(np.any(np.diff(matrix[:, -1]) < 0)):
        raise InvalidInput(f"PD must not fall from grade to grade; got {matrix[:-1, -1]}")
    return spread_withdrawn(matrix)


def grade_pd_term(matrix: Floats, *, years_n: int) -> Floats:
    """Cumulative PD of each grade by matrix powers.

    Args:
        matrix: One-year migration matrix, see `read_migration`.
        years_n: Years, 1 or more.

    Returns:
        Cumulative PD after year 1, 2, ..., shape (grades, years_n).

    Raises:
        InvalidInput: The matrix is none, or `years_n` is below 1.

    Source:
        Jarrow, Lando and Turnbull (1997), A Markov model for the term structure of credit risk
        spreads, Review of Financial Studies 10(2): time-homogeneous chain, default absorbing.

    Examples:
        >>> grade_pd_term(np.array([[0.9, 0.1], [0.0, 1.0]]), years_n=3).round(3).tolist()
        [[0.1, 0.19, 0.271]]
    """
    matrix = read_migration(matrix)
    if years_n < 1:
        raise InvalidInput(f"years_n must be 1 or more; got {years_n}")
    defaulted, terms = np.zeros(len(matrix)), []
    defaulted[-1] = 1.0
    for _ in range(years_n):
        defaulted = matrix @ defaulted
        terms.append(defaulted[:-1])
    return np.minimum(np.stack(terms, axis=1), 1.0)


def cumulative_pd_term(pd: Floats, matrix: Floats, *, years_n: int) -> Floats:
    """Cumulative PD of firms whose one-year PD lies between those of the grades.

    A PD between two grades is a mixture of the two as the starting point of the chain, with the
    weights that meet the one-year PD exactly. Outside the grades the yearly hazards of the
    nearest one are scaled by one factor that meets it.

    Args:
        pd: One-year PD, fraction in [0, 1]; NaN stays NaN; shape (n,).
        matrix: One-year migration matrix, see `read_migration`.
        years_n: Years, 1 or more.

    Returns:
        Cumulative PD after year 1, 2, ..., shape (n, years_n); the first column is `pd`.

    Raises:
        InvalidInput: A PD is outside, the matrix is none, or `years_n` is below 1.

    Source:
        As `grade_pd_term`; mixture of starting states by the law of total probability.

    Examples:
        >>> p = np.array([[0.9, 0.05, 0.05], [0.1, 0.7, 0.2], [0.0, 0.0, 1.0]])
        >>> cumulative_pd_term(np.array([0.05, 0.1]), p, years_n=2).round(4).tolist()
        [[0.05, 0.105], [0.1, 0.185]]
    """
    if bool(np.any((pd < 0) | (pd > 1))):
        raise InvalidInput(f"pd must be in [0, 1]; got min {np.nanmin(pd)}, max {np.nanmax(pd)}")
    grades = grade_pd_term(matrix, years_n=years_n)
    first = grades[:, 0]
    worse = np.clip(np.searchsorted(first, pd, side="right"), 1, max(len(first) - 1, 1))
    worse = np.minimum(worse, len(first) - 1)
    better = np.maximum(worse - 1, 0)
    step = first[worse] - first[better]
    weight = np.divide(pd - first[better], step, out=np.zeros_like(pd), where=step > 0)
    inside = grades[better] + weight[:, None] * (grades[worse] - grades[better])
    nearest = np.where(pd < first[0], 0, len(first) - 1)
    outside = (pd < first[0]) | (pd > first[-1]) | (step == 0)
    found = np.where(outside[:, None], _scaled(pd, grades[nearest]), inside)
    found[:, 0] = pd
    return np.where(np.isnan(pd)[:, None], np.nan, found)


def _scaled(pd: Floats, cumulative: Floats) -> Floats:
    """Cumulative PDs whose log-survival is a multiple of the grade's, meeting `pd` in year 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.log1p(-pd) / np.log1p(-cumulative[:, 0])
        found = -np.expm1(factor[:, None] * np.log1p(-cumulative))
    # A grade that never or surely defaults in year 1 gives no factor: a constant hazard instead.
    years = np.arange(1, cumulative.shape[1] + 1)
    constant = 1.0 - (1.0 - pd[:, None]) ** years
    usable = np.isfinite(factor) & (cumulative[:, 0] > 0) & (cumulative[:, -1] < 1)
    return np.where(usable[:, None], found, constant)


def marginal_pd(cumulative: Floats) -> Floats:
    """Chance, seen from today, to default in each year.

    Args:
        cumulative: Cumulative PDs, shape (n, years).

    Returns:
        Shape (n, years); rows sum to the last cumulative PD.

    Examples:
        >>> marginal_pd(np.array([[0.1, 0.19]])).round(3).tolist()
        [[0.1, 0.09]]
    """
    return np.diff(cumulative, axis=1, prepend=0.0)


def forward_pd(cumulative: Floats) -> Floats:
    """Chance to default in each year for firms that live at its beginning (forward hazard).

    Args:
        cumulative: Cumulative PDs, shape (n, years).

    Returns:
        Shape (n, years); NaN once nobody lives.

    Examples:
        >>> forward_pd(np.array([[0.1, 0.19]])).round(3).tolist()
        [[0.1, 0.1]]
    """
    alive = 1.0 - np.concatenate([np.zeros((len(cumulative), 1)), cumulative[:, :-1]], axis=1)
    never = np.full(cumulative.shape, np.nan)
    return np.asarray(
        np.divide(marginal_pd(cumulative), alive, out=never, where=alive > 0), np.float64
    )
