"""Market approach: what markets pay for knowledge, by regression."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from techflow.basics import InvalidInput, NotConverged

Array = NDArray[np.float64]
STEPS_N, TOLERANCE = 100, 1e-10


class Hedonic(NamedTuple):
    """Knowledge of firms, each of shape (n,); the regressors of `hedonic_design`."""

    research_intensity: Array
    """R&D stock by capital."""
    patent_yield: Array
    """Patents by R&D stock, 0 where there is no stock."""
    citation_yield: Array
    """Citations by patents, 0 where there is no patent."""
    no_research: Array
    """1 where the R&D stock is 0, else 0."""


def hedonic_design(capital: Array, research: Array, patents: Array, cites: Array) -> Hedonic:
    """Regressors of the market value of knowledge.

    Args:
        capital: Capital, money, above 0, shape (n,).
        research: R&D stock, same money, 0 or more, shape (n,).
        patents: Patents, shape (n,).
        cites: Citations of these patents, shape (n,).

    Returns:
        The regressors.

    **Source** Hall, Jaffe and Trajtenberg 2005, Market value and patent citations, RAND Journal of
    Economics 36(1), linear form.

    >>> one, two = np.ones(1), 2 * np.ones(1)
    >>> hedonic_design(two, one, two, one).citation_yield.tolist()
    [0.5]
    """
    return Hedonic(
        research / capital,
        _ratio(patents, research),
        _ratio(cites, patents),
        (research <= 0).astype(np.float64),
    )


def dummies(codes: NDArray[np.int64]) -> Array:
    """One column for each code, 1 where a row has it; shape (n, codes).

    **Source** Definition.

    >>> dummies(np.array([3, 5, 3])).tolist()
    [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]
    """
    return np.asarray(codes[:, None] == np.unique(codes)[None, :], np.float64)


def least_squares(design: Array, target: Array) -> Array:
    """Least-squares coefficients, the shortest where columns depend on each other.

    Args:
        design: Shape (n, k).
        target: Shape (n,).

    Returns:
        Shape (k,).

    **Source** Definition.

    >>> least_squares(np.array([[1.0], [2.0]]), np.array([2.0, 4.0])).round(9).tolist()
    [2.0]
    """
    scale = np.abs(design).max(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    found = np.linalg.lstsq(design / scale, target, rcond=None)[0]
    return np.asarray(found / scale, np.float64)


def poisson_regression(design: Array, count: Array) -> Array:
    """Poisson regression with log link, by iterated least squares.

    Args:
        design: Shape (n, k).
        count: 0 or more, shape (n,).

    Returns:
        Coefficients, shape (k,).

    Raises:
        InvalidInput: A count is below 0 or missing.
        NotConverged: The steps ran out.

    **Source** Nelder and Wedderburn 1972, Generalized linear models.

    >>> poisson_regression(np.ones((3, 1)), np.array([1.0, 2.0, 3.0])).round(6).tolist()
    [0.693147]
    """
    if not (count >= 0).all():
        raise InvalidInput("count: expected 0 or more in every row; drop rows without a count")
    fitted = np.log(count + 0.5)
    for _ in range(STEPS_N):
        mean = np.exp(np.clip(fitted, -30, 30))
        weight = np.sqrt(mean)
        working = fitted + (count - mean) / mean
        found = least_squares(design * weight[:, None], working * weight)
        moved = float(np.max(weight * np.abs(design @ found - fitted)))
        fitted = design @ found
        if moved < TOLERANCE * (1 + float(weight.max())):
            return found
    raise NotConverged(f"Poisson regression: still moving by {moved:.3g} after {STEPS_N} steps")


def r_squared(target: Array, predicted: Array) -> float:
    """Share of variance explained; below 0 when worse than the mean.

    **Source** Definition.

    >>> r_squared(np.array([1.0, 2.0]), np.array([1.0, 2.0]))
    1.0
    """
    spread = np.sum((target - target.mean()) ** 2)
    return float(1 - np.sum((target - predicted) ** 2) / spread)


class HedonicFit(NamedTuple):
    """A regression of log price, with what its errors need."""

    coefficients: Array
    """Shape (k,)."""
    spread: Array
    """Inverse of the cross products of the regressors, shape (k, k)."""
    sigma: float
    """Deviation of log price around the regression."""


def fit_prices(design: Array, price: Array) -> HedonicFit:
    """Regression of log price on what is known of each sale.

    Args:
        design: Regressors of n sales, shape (n, k), n above k.
        price: Prices, above 0, shape (n,).

    Returns:
        The fit.

    Raises:
        InvalidInput: Too few sales, a price not above 0, or regressors that depend on each other.

    **Source** Ordinary least squares.

    >>> fit_prices(np.ones((3, 1)), np.exp([1.0, 2.0, 3.0])).sigma
    1.0
    """
    rows_n, columns_n = design.shape
    if rows_n <= columns_n or not (price > 0).all():
        raise InvalidInput(
            f"sales: expected more than {columns_n}, each with a price above 0; got {rows_n}"
        )
    if np.linalg.matrix_rank(design) < columns_n:
        raise InvalidInput("design: a regressor follows from the others; leave it out")
    found = least_squares(design, np.log(price))
    left = np.log(price) - design @ found
    sigma = float(np.sqrt(left @ left / (rows_n - columns_n)))
    spread = np.asarray(np.linalg.inv(design.T @ design), np.float64)
    return HedonicFit(found, spread, sigma)


def market_value(fit: HedonicFit, design: Array) -> tuple[Array, Array]:
    """Median price of patents like these, and the deviation of its log.

    Args:
        fit: Result of `fit_prices`.
        design: Regressors of the patents, shape (n, k).

    Returns:
        Median and deviation, each of shape (n,). The deviation holds the error of the
        coefficients: it grows away from the sales.

    **Source** Prediction error of ordinary least squares.

    >>> fit = fit_prices(np.ones((3, 1)), np.exp([1.0, 2.0, 3.0]))
    >>> median, sigma = market_value(fit, np.ones((1, 1)))
    >>> round(float(np.log(median[0])), 9), round(float(sigma[0] ** 2), 9)
    (2.0, 1.333333333)
    """
    away = np.einsum("ij,jk,ik->i", design, fit.spread, design)
    return np.exp(design @ fit.coefficients), fit.sigma * np.sqrt(1 + away)


def _ratio(top: Array, bottom: Array) -> Array:
    out = np.zeros_like(top, np.float64)
    return np.divide(top, bottom, out=out, where=bottom > 0)
