"""Reading a file of loans for a scheme; a cell that cannot be read is unknown."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from techflow.basics import InvalidInput, MissingColumn
from techflow.pool import Scheme, facts_needed, keys_needed

YES, NO = ("true", "yes", "1", "t", "y", "是"), ("false", "no", "0", "f", "n", "否")
DATES = ("filed_on", "claimed_on", "recovered_on")


def columns_needed(scheme: Scheme) -> dict[str, str]:
    """Columns of LOANS, each with its kind; what is recovered may be left out.

    Args:
        scheme: A scheme.
    """
    money = dict.fromkeys((f"loss_{scheme.currency}", f"recovered_{scheme.currency}"), "money")
    ids = dict.fromkeys(("loan_id", *(f"{scope}_id" for scope in keys_needed(scheme))), "code")
    return ids | dict.fromkeys(DATES, "date") | money | facts_needed(scheme)


def read_loans(path: Path, scheme: Scheme) -> tuple[pl.LazyFrame, dict[str, int]]:
    """The loans of a file with the right types.

    Args:
        path: `.parquet` or `.csv` (UTF-8).
        scheme: What they are to be split by.

    Returns:
        The frame, and for each column how many cells could not be read.

    Raises:
        InvalidInput: The file is missing, of another kind or unreadable.
        MissingColumn: A column is absent; names all of them and their kinds.
    """
    if path.suffix.lower() not in (".parquet", ".csv") or not path.is_file():
        raise InvalidInput(f"{path}: give a .parquet or .csv file of loans that is there")
    try:
        csv = path.suffix.lower() == ".csv"
        raw = pl.scan_csv(path, infer_schema=False) if csv else pl.scan_parquet(path)
        present = raw.collect_schema()
    except PolarsError as error:
        cause = str(error).splitlines()[0]
        raise InvalidInput(f"{path} cannot be read as a table: {cause}") from error
    needed = columns_needed(scheme)
    spare = {f"recovered_{scheme.currency}", "recovered_on"} - set(present)
    if absent := [name for name in needed if name not in present and name not in spare]:
        kinds = ", ".join(f"{name} ({needed[name]})" for name in absent)
        raise MissingColumn(
            f"{path} lacks {kinds}; scheme {scheme.id} needs it. It has {', '.join(present)}"
        )
    read = {name: kind for name, kind in needed.items() if name not in spare}
    empty = [pl.lit(None, _type(needed[name])).alias(name) for name in sorted(spare)]
    typed = raw.with_columns(*(_cell(name, kind, present[name]) for name, kind in read.items()))
    return typed.with_columns(*empty), _unread(raw, typed, list(read))


def _type(kind: str) -> type[pl.DataType]:
    return {"date": pl.Date, "flag": pl.Boolean, "code": pl.String}.get(kind, pl.Float64)


def _fits(kind: str, given: pl.DataType) -> bool:
    if given == pl.Null or (kind == "code" and not given.is_nested()):
        return True
    match kind:
        case "date":
            return given == pl.Date or given == pl.Datetime
        case "flag":
            return given == pl.Boolean
        case _:
            return given.is_numeric()


def _cell(name: str, kind: str, given: pl.DataType) -> pl.Expr:
    cell = pl.col(name)
    if given != pl.String:
        if not _fits(kind, given):
            raise InvalidInput(f"column {name} must hold a {kind}; it holds {given}")
        return cell.cast(_type(kind), strict=False)
    text = cell.str.strip_chars()
    match kind:
        case "date":
            return text.str.to_date("%Y-%m-%d", strict=False)
        case "flag":
            word = text.str.to_lowercase()
            return pl.when(word.is_in(YES)).then(True).when(word.is_in(NO)).then(False).alias(name)
        case "code":
            return pl.when(text != "").then(text).alias(name)
        case _:
            return text.cast(pl.Float64, strict=False)


def _unread(raw: pl.LazyFrame, typed: pl.LazyFrame, names: list[str]) -> dict[str, int]:
    """Cells that held something but became null."""
    text = [name for name, kind in raw.collect_schema().items() if kind == pl.String]
    lost = [
        (pl.col(f"{name}_raw").str.strip_chars().ne("") & pl.col(name).is_null()).sum().alias(name)
        for name in names
        if name in text
    ]
    if not lost:
        return {}
    beside = pl.concat(
        [raw.select(pl.col(text).name.suffix("_raw")), typed.select(names)], how="horizontal"
    )
    counts: Mapping[str, int] = beside.select(lost).collect().row(0, named=True)
    return {name: n for name, n in counts.items() if n}
