"""Firms, products and pairs of a market, read and typed; what is wrong is said with its row."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from techflow.basics import InvalidInput, MissingColumn
from techflow.matching import MANDATES
from techflow_service.matching.cells import (
    check_ids,
    check_rows,
    number_rows,
    read_typed,
    refuse,
    refuse_empty,
    split_mandates,
)
from techflow_service.scoring import read_rows

FIRM_NUMBERS = {
    "amount_cny": 0.0,
    "rate_max_pa": 0.0,
    "break_even_rate_pa": 0.0,
    "gain_min_cny": None,
}
PRODUCT_NUMBERS = {
    "rate_pa": 0.0,
    "relief_rate_pa": 0.0,
    "amount_min_cny": 0.0,
    "amount_max_cny": 0.0,
    "gain_min_cny": None,
}
PAIR_NUMBERS = {"firm_gain_cny": None, "provider_gain_cny": None, "amount_cny": 0.0}
"""Columns that hold numbers, and their least value."""
GAINS = ("firm_gain_cny", "provider_gain_cny")
BY_RATES = (("amount_cny", "rate_max_pa", "break_even_rate_pa"), ("rate_pa",))
CAPACITIES = {"places_n": 1.0, "capacity_cny": 0.01}
PLACES_N_MAX = 10_000_000
PAIRS_N_MAX = 20_000_000
CHUNK_ROWS_N = 1_000_000
NUMBERS = ("firm_n", "product_n")


@dataclass(frozen=True, slots=True)
class Tables:
    """A market as read.

    Attributes:
        raw: One row per firm, in the order of the file, as given.
        firms: The same rows typed, with their number `firm_n`.
        products: One row per product, typed, with `product_n` and `capacity`.
        arcs: Pairs by their numbers, sorted, with gains and amount; None for all pairs.
        mandates: One row per value that a product is limited to.
        in_yuan: True if capacities are yuan, not places.
    """

    raw: pl.DataFrame
    firms: pl.DataFrame
    products: pl.DataFrame
    arcs: pl.DataFrame | None
    mandates: pl.DataFrame
    in_yuan: bool

    @property
    def pairs_n(self) -> int:
        """Pairs to weigh."""
        return self.firms.height * self.products.height if self.arcs is None else self.arcs.height


def read_market(
    firms_at: Path, products_at: Path, arcs_at: Path | None, new_at: Path | None = None
) -> Tables:
    """Read the files of a market.

    Args:
        firms_at: Firms.
        products_at: Products.
        arcs_at: Pairs with their gains, or None for all pairs.
        new_at: Firms that come last, with the columns of the others, or None.

    Raises:
        InvalidInput: A cell is wrong, or an id is missing, unknown or there twice.
        MissingColumn: A column is not there.
    """
    raw = read_rows(firms_at)
    if new_at is not None:
        raw = pl.concat([raw, read_rows(new_at)], how="diagonal_relaxed")
    texts = ("firm_id", *MANDATES)
    firms = number_rows(read_typed(raw, firms_at.name, ("firm_id",), texts, FIRM_NUMBERS), "firm_n")
    products, in_yuan = _read_products(products_at)
    check_ids(firms, "firm_id", firms_at.name)
    check_ids(products, "product_id", products_at.name)
    arcs = None
    if arcs_at is not None:
        arcs = _read_arcs(arcs_at, firms, products, firms_at.name, products_at.name)
    else:
        _check_all_pairs(firms, products, firms_at.name, products_at.name)
    mandates = split_mandates(products, "product_id", MANDATES)
    products = products.drop(f"{about}s" for about in MANDATES)
    return Tables(raw, firms, products, arcs, mandates, in_yuan)


def _read_products(path: Path) -> tuple[pl.DataFrame, bool]:
    raw = read_rows(path)
    given = [name for name in CAPACITIES if name in raw.columns]
    if len(given) != 1:
        raise InvalidInput(
            f"{path.name}: give one of the columns places_n (firms a product takes) and "
            f"capacity_cny (yuan it can lend); got {' and '.join(given) or 'neither'}"
        )
    texts = ("product_id", "provider", *(f"{about}s" for about in MANDATES))
    numbers = PRODUCT_NUMBERS | {given[0]: CAPACITIES[given[0]]}
    needed = ("product_id", "provider", given[0])
    products = read_typed(raw, path.name, needed, texts, numbers)
    for name in ("provider", given[0]):
        refuse_empty(products, name, path.name, "; each product needs one")
    capacity = products[given[0]]
    if given[0] == "places_n":
        bad = ((capacity % 1) != 0) | (capacity > PLACES_N_MAX)
        refuse(bad, capacity, path.name, f"a whole number of 1 to {PLACES_N_MAX:,}")
    return number_rows(products, "product_n").with_columns(capacity=capacity), given[
        0
    ] != "places_n"


def _read_arcs(
    path: Path, firms: pl.DataFrame, products: pl.DataFrame, *names: str
) -> pl.DataFrame:
    ids = ("firm_id", "product_id")
    arcs = read_typed(read_rows(path), path.name, (*ids, *GAINS), ids, PAIR_NUMBERS)
    check_rows(arcs, path.name)
    for name, known, where in zip(ids, (firms, products), names, strict=True):
        unknown = ~arcs[name].is_in(known[name].implode()).fill_null(value=False)
        refuse(unknown, arcs[name], path.name, f"one of those in {where}")
    again = arcs.select(ids).is_duplicated()
    refuse(again, arcs["product_id"], path.name, "there once for each firm")
    numbered = arcs.join(firms.select("firm_id", "firm_n"), on="firm_id")
    numbered = numbered.join(products.select("product_id", "product_n"), on="product_id")
    return numbered.select(*NUMBERS, *PAIR_NUMBERS).sort(NUMBERS)


def read_columns(rows: pl.DataFrame) -> list[str]:
    """Names of the columns that hold anything."""
    return [name for name in rows.columns if rows[name].null_count() < rows.height]


def _check_all_pairs(firms: pl.DataFrame, products: pl.DataFrame, *names: str) -> None:
    """Without arcs the gains of all pairs must follow from amounts and rates."""
    for rows, needed, name in zip((firms, products), BY_RATES, names, strict=True):
        absent = [column for column in needed if column not in read_columns(rows)]
        if absent:
            raise MissingColumn(
                f"{name}: without ARCS the gains follow from {', '.join(needed)}; "
                f"{', '.join(absent)} is not there; add it, or give ARCS with {', '.join(GAINS)}"
            )
    pairs_n = firms.height * products.height
    if pairs_n > PAIRS_N_MAX:
        raise InvalidInput(
            f"{firms.height:,} firms by {products.height:,} products are {pairs_n:,} pairs; at "
            f"most {PAIRS_N_MAX:,} are weighed: give ARCS with the pairs that matter"
        )


def pair_chunks(tables: Tables, rows_n: int = CHUNK_ROWS_N) -> Iterator[pl.DataFrame]:
    """Pairs with everything that judges them, firm by firm, in any order within a portion.

    Args:
        tables: Result of `read_market`.
        rows_n: Pairs at a time, about.
    """
    if tables.arcs is not None:
        for start in range(0, tables.arcs.height, rows_n):
            yield _joined(tables.arcs.slice(start, rows_n), tables)
        return
    step = max(1, rows_n // tables.products.height)
    for start in range(0, tables.firms.height, step):
        some = tables.firms.select("firm_n").slice(start, step)
        pairs = some.join(tables.products.select("product_n"), how="cross")
        yield _joined(pairs.with_columns(amount_cny=pl.lit(None, pl.Float64)), tables)


def _joined(arcs: pl.DataFrame, tables: Tables) -> pl.DataFrame:
    own = tables.firms.rename({"gain_min_cny": "firm_gain_min_cny"})
    its = tables.products.rename({"gain_min_cny": "provider_gain_min_cny"})
    pairs = arcs.join(own, on="firm_n", suffix="_of_firm").join(its, on="product_n")
    most = pl.col("amount_max_cny")
    return pairs.with_columns(
        amount_cny=pl.coalesce("amount_cny", "amount_cny_of_firm"),
        amount_max_cny=pl.min_horizontal(most, "capacity") if tables.in_yuan else most,
        firm_gain_min_cny=pl.col("firm_gain_min_cny").fill_null(0.0),
        provider_gain_min_cny=pl.col("provider_gain_min_cny").fill_null(0.0),
    )
