"""Read firms and their facts from Parquet or CSV, without loading the file."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from techflow.basics import InvalidInput
from techflow.flow import KEY
from techflow.policy import Fact

YES, NO = ("true", "yes", "1", "t", "y", "是"), ("false", "no", "0", "f", "n", "否")
NUMBERS = ("money", "count", "share", "points")
SHOWN, COLUMNS_SHOWN = 5, 12


@dataclass(frozen=True, slots=True)
class Firms:
    """A file of firms as a lazy frame with the right types.

    Attributes:
        frame: Its columns; those that hold facts have the type of their kind.
        absent: Facts wanted that have no column, so are unknown for every firm.
        unreadable: Column -> cells of a CSV that could not be read, so are unknown.
    """

    frame: pl.LazyFrame
    absent: tuple[str, ...]
    unreadable: Mapping[str, int]


def read_firms(path: Path, facts: Mapping[str, Fact], *, on_column: str = "") -> Firms:
    """Open a file of firms.

    Args:
        path: `.parquet` or `.csv` (UTF-8) with `firm_id` and fact columns.
        facts: Facts wanted, by column.
        on_column: Column with each row's date, or empty.

    Raises:
        InvalidInput: Missing, of another kind, unreadable, without `firm_id` or the date column,
            or without any of the facts.
    """
    raw, columns = _scan(path)
    absent = tuple(name for name in facts if name not in columns)
    for name in (KEY, on_column):
        if name and name not in columns:
            raise InvalidInput(f"{path} has no column {name}; got {_some(columns)}")
    if facts and len(absent) == len(facts):
        raise InvalidInput(
            f"{path} holds none of the {len(facts)} facts these policies ask for, "
            f"such as {', '.join(list(facts)[:SHOWN])}; got {_some(columns)}"
        )
    if path.suffix.lower() == ".parquet":
        return Firms(_dated(raw, on_column, path), absent, {})
    typed = {name: _typed(fact) for name, fact in facts.items() if name in columns}
    if on_column:
        typed[on_column] = pl.col(on_column).str.strip_chars().str.to_date(strict=False)
    return Firms(raw.with_columns(**typed), absent, _unreadable(raw, typed))


def _some(names: list[str]) -> str:
    """The first names; a table may have hundreds of columns."""
    more = len(names) - COLUMNS_SHOWN
    return ", ".join(names[:COLUMNS_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _scan(path: Path) -> tuple[pl.LazyFrame, list[str]]:
    if path.suffix.lower() not in (".parquet", ".csv"):
        raise InvalidInput(f"{path}: expected a file ending in .parquet or .csv")
    if not path.is_file():
        raise InvalidInput(f"{path} is missing; give a .parquet or .csv file of firms")
    try:
        if path.suffix.lower() == ".parquet":
            raw = pl.scan_parquet(path)
        else:
            raw = pl.scan_csv(path, infer_schema=False)
        return raw, raw.collect_schema().names()
    except PolarsError as error:
        cause = str(error).splitlines()[0]
        raise InvalidInput(f"{path} cannot be read as a table: {cause}") from error


def _dated(raw: pl.LazyFrame, on_column: str, path: Path) -> pl.LazyFrame:
    if not on_column:
        return raw
    dtype = raw.collect_schema()[on_column]
    if not dtype.is_temporal() or dtype == pl.Time or dtype == pl.Duration:
        raise InvalidInput(f"{path}: column {on_column} must hold dates; it holds {dtype}")
    return raw.with_columns(pl.col(on_column).cast(pl.Date))


def _typed(fact: Fact) -> pl.Expr:
    """A CSV cell in the type of its fact; what cannot be read is null."""
    text = pl.col(fact.name).str.strip_chars()
    if fact.kind in NUMBERS:
        return text.cast(pl.Float64, strict=False)
    if fact.kind == "flag":
        word = text.str.to_lowercase()
        return pl.when(word.is_in(YES)).then(True).when(word.is_in(NO)).then(False)
    return pl.when(text != "").then(text)


def _unreadable(raw: pl.LazyFrame, typed: Mapping[str, pl.Expr]) -> dict[str, int]:
    """Cells that held something but became null."""
    if not typed:
        return {}
    lost = [
        (pl.col(name).str.strip_chars().ne("") & value.is_null()).sum().alias(name)
        for name, value in typed.items()
    ]
    counts = raw.select(lost).collect(engine="streaming").row(0, named=True)
    return {name: n for name, n in counts.items() if n}


def find_firm(path: Path, facts: Mapping[str, Fact], firm_id: str) -> dict[str, Any]:
    """The facts of one firm of a file.

    Args:
        path: As in `read_firms`.
        facts: Facts wanted, by column.
        firm_id: The firm.

    Raises:
        InvalidInput: As in `read_firms`; or the firm has no row, or several.
    """
    frame = read_firms(path, facts).frame
    is_firm = pl.col(KEY).cast(pl.String) == firm_id
    columns = [name for name in frame.collect_schema().names() if name in facts]
    found = frame.filter(is_firm).select(KEY, *columns).head(2).collect(engine="streaming")
    if found.height == 1:
        return found.select(columns).row(0, named=True)
    if found.height > 1:
        raise InvalidInput(f"firm {firm_id} has several rows in {path}; keep the one to judge")
    some = frame.select(pl.col(KEY).cast(pl.String)).head(SHOWN).collect()[KEY].to_list()
    shown = ", ".join(str(name) for name in some) or "no firm at all"
    raise InvalidInput(f"firm {firm_id} is not in {path}; its first firms: {shown}")
