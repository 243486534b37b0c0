"""Sales of other patents, and what they say of the patents of a file."""

import math

import numpy as np
import polars as pl

from techflow.basics import MissingColumn
from techflow.patents.market import fit_prices, market_value

PRICE = "price_cny"
MADE = ("market_value_cny", "market_sigma", "market_comparables_n")


def price_rows(rows: pl.DataFrame, sales: pl.DataFrame) -> pl.DataFrame:
    """Fill the market value of each patent from a regression of log price.

    Args:
        rows: The patents, with every column of `sales` but the price.
        sales: `price_cny`, above 0, and numbers that describe each sale; a sale with a blank is
            left out.

    Returns:
        The rows with `market_value_cny`, `market_sigma` and `market_comparables_n`; what the file
        says itself is kept, and a patent with a blank in what describes the sales has none.

    Raises:
        MissingColumn: The price, or one of the other columns, is not there.
        InvalidInput: Too few sales, or columns that follow from each other.
    """
    names = [name for name in sales.columns if name != PRICE]
    missing = [name for name in names if name not in rows.columns]
    if PRICE not in sales.columns or missing:
        raise MissingColumn(
            f"comparables: expected {PRICE} and columns that the patents have too; "
            f"got {', '.join(sales.columns)}, of which the patents lack {', '.join(missing)}"
        )
    sold = _numbers(sales, [PRICE, *names])
    whole = sold[np.isfinite(sold).all(axis=1)]
    fit = fit_prices(_design(whole[:, 1:]), whole[:, 0])
    with np.errstate(over="ignore"):  # a price beyond all numbers is no price
        median, sigma = market_value(fit, _design(_numbers(rows, names)))
    known = np.isfinite(median)
    found = pl.DataFrame(
        {
            MADE[0]: np.where(known, median, math.nan),
            MADE[1]: np.where(known, sigma, math.nan),
            MADE[2]: np.where(known, float(len(whole)), math.nan),
        },
        nan_to_null=True,
    )
    if MADE[0] not in rows.columns:
        return rows.drop(name for name in MADE if name in rows.columns).hstack(found)
    own = rows[MADE[0]].cast(pl.Float64, strict=False)
    return rows.with_columns(
        pl.when(own.is_null()).then(found[name]).otherwise(_own(rows, name)).alias(name)
        for name in MADE
    )


def _own(rows: pl.DataFrame, name: str) -> pl.Series | pl.Expr:
    if name not in rows.columns:
        return pl.lit(None, pl.Float64)
    return rows[name].cast(pl.Float64, strict=False)


def _numbers(
    rows: pl.DataFrame, names: list[str]
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    table = rows.select(pl.col(name).cast(pl.Float64, strict=False) for name in names)
    return table.fill_null(math.nan).to_numpy().reshape(rows.height, len(names))


def _design(
    numbers: np.ndarray[tuple[int, int], np.dtype[np.float64]],
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.column_stack([np.ones(len(numbers)), numbers])
