"""Accruals that cash flow of the years around does not explain: array kernel."""

from collections.abc import Sequence

import numpy as np

from techflow.basics import Floats, InvalidInput


def accrual_residuals(
    accruals: Floats, flows: Floats, groups: Sequence[object], *, rows_n_min: int
) -> Floats:
    """What is left of working-capital accruals after cash flow before, now and after.

    Least squares with a constant within each group (industry and year).

    Args:
        accruals: Change of working capital without cash, to mean total assets, shape (n,).
        flows: Operating cash flow of the year before, the year, the year after, to the same,
            shape (n, 3).
        groups: Group of each row, length n.
        rows_n_min: Complete rows below which a group is not fitted.

    Returns:
        Residuals, shape (n,); NaN where a number is unknown, the group is small, or its flows do
        not vary on their own (the fit has no unique answer).

    Raises:
        InvalidInput: The shapes do not fit.

    Source:
        Dechow and Dichev (2002), The Accounting Review 77 (supplement), equation 6.

    Examples:
        >>> flows = np.random.default_rng(1).normal(size=(30, 3))
        >>> told = 0.1 + flows @ np.array([0.2, -0.5, 0.1])
        >>> told[0] += 0.31
        >>> accrual_residuals(told, flows, ["a"] * 30, rows_n_min=20).argmax().item()
        0
    """
    y, x = np.asarray(accruals, dtype=np.float64), np.asarray(flows, dtype=np.float64)
    if y.ndim != 1 or x.shape != (y.size, 3) or len(groups) != y.size:
        raise InvalidInput(
            f"need accruals (n,), flows (n, 3), n groups; got {y.shape}, {x.shape}, {len(groups)}"
        )
    whole = np.isfinite(y) & np.isfinite(x).all(axis=1)
    places: dict[object, list[int]] = {}
    for place in np.flatnonzero(whole).tolist():
        places.setdefault(groups[place], []).append(place)
    found = np.full(y.size, np.nan)
    for rows in places.values():
        if len(rows) >= rows_n_min:
            found[rows] = _residuals(y[rows], x[rows])
    return found


def _residuals(y: Floats, x: Floats) -> Floats:
    design = np.column_stack([np.ones(y.size), x])
    weights, _, rank, _ = np.linalg.lstsq(design, y, rcond=None)
    left: Floats = y - design @ weights if rank == design.shape[1] else np.full(y.size, np.nan)
    return left
