"""What a decision over a book starts from: the assessed firms, the rules, sectors by name."""

from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl

from techflow.basics import InvalidInput
from techflow.flow import BookRules
from techflow.pricing import Terms
from techflow_service.models import read_model
from techflow_service.scoring import read_rows

RULES = Path(str(files("techflow_content.models"))) / "book_allocation"
NUMBERS = ("pd", "limit_lcy", "funding_rate_pa", "cost_rate_pa", "capital_rate_pa")
TEXTS = ("firm_id", "grade", "currency")
ASSESSED = "assessment.parquet"
ID_COLUMNS = ("firm_id", "企业代号")


def read_assessed(path: Path) -> pl.DataFrame:
    """The firms of an assessment, one row each.

    Args:
        path: Output folder of `techflow assess`, or a file with the columns of its assessment.

    Raises:
        InvalidInput: Nothing is there, a column is absent, a firm occurs twice, or amounts are
            not in yuan.
    """
    file = path / ASSESSED if path.is_dir() else path
    if not file.is_file():
        raise InvalidInput(
            f"{path} is no assessment; name the folder `techflow assess` wrote, or a .csv or "
            ".parquet file with the columns of its table assessment"
        )
    rows = read_rows(file)
    needed = (*TEXTS, *NUMBERS, "as_of")
    if absent := [name for name in needed if name not in rows.columns]:
        raise InvalidInput(
            f"{file} lacks {', '.join(absent)}; a decision over a book needs {', '.join(needed)}"
        )
    rows = rows.with_columns(
        *(pl.col(name).cast(pl.Float64, strict=False) for name in NUMBERS),
        pl.col("as_of").cast(pl.String),
    )
    if twice := rows.filter(pl.col("firm_id").is_duplicated())["firm_id"].unique().sort().to_list():
        raise InvalidInput(f"{file} has {', '.join(twice[:5])} more than once; keep one row a firm")
    strange = rows.filter(pl.col("pd").is_not_null() & (pl.col("currency") != "CNY"))
    if strange.height:
        raise InvalidInput(
            f"{file} has {strange.height} firms not in yuan, such as "
            f"{strange['firm_id'][0]} in {strange['currency'][0]}; pick the others with --firms"
        )
    if rows["as_of"].n_unique() != 1:
        raise InvalidInput(f"{file} must hold one day of assessment; got {rows['as_of'].unique()}")
    return rows.sort("firm_id")


def pick_firms(rows: pl.DataFrame, wanted: Path | None) -> pl.DataFrame:
    """Only the firms a list names, by their id with or without its scheme.

    Args:
        rows: Assessed firms.
        wanted: File with a column `firm_id` or `企业代号`; None keeps all.

    Raises:
        InvalidInput: The list has neither column, or names a firm that is not assessed.
    """
    if wanted is None:
        return rows
    if not wanted.is_file():
        raise InvalidInput(f"no file {wanted}; --firms names a file with a column firm_id")
    listed = read_rows(wanted)
    column = next((name for name in ID_COLUMNS if name in listed.columns), None)
    if column is None:
        raise InvalidInput(
            f"{wanted} must have a column {' or '.join(ID_COLUMNS)}; "
            f"got {', '.join(listed.columns)}"
        )
    ids = listed[column].cast(pl.String).str.strip_chars().unique()
    bare = pl.col("firm_id").str.split(":").list.last()
    kept = rows.filter(pl.col("firm_id").is_in(ids.implode()) | bare.is_in(ids.implode()))
    known = {*kept["firm_id"], *(name.rpartition(":")[2] for name in kept["firm_id"])}
    if unknown := sorted(set(ids) - known):
        raise InvalidInput(
            f"{wanted} names {len(unknown)} firms that are not in the assessment, such as "
            f"{unknown[0]}; assess them first or take them off the list"
        )
    return kept


def read_rules(on: date, lgd: float, given: Mapping[str, Any]) -> BookRules:
    """The rules of the content, with what the user said instead.

    Args:
        on: Day of the assessment.
        lgd: Loss given default of the loan product.
        given: `budget_cny`, `tail_cny`, `tail_measure`, `amount_cny_min` and so on; None keeps
            the content.

    Raises:
        InvalidInput: A number is out of range.
    """
    terms = Terms.from_data(read_model("book_allocation/params.toml")).at(on)
    said = {**terms, **{name: value for name, value in given.items() if value is not None}}
    budget = float(said["budget_cny"])
    if not 0.0 < budget < float("inf"):
        raise InvalidInput(f"--budget-cny must be a positive number of yuan; got {budget:g}")
    tail = float(said.get("tail_cny", said["tail_share"] * budget))
    if not 0.0 < tail < float("inf"):
        raise InvalidInput(f"--tail-cny must be a positive number of yuan; got {tail:g}")
    return BookRules(
        budget,
        tail,
        (float(said["amount_cny_min"]), float(said["amount_cny_max"])),
        (float(said["rate_pa_min"]), float(said["rate_pa_max"])),
        measure=said.get("tail_measure", "es"),
        confidence=float(said["tail_confidence"]),
        correlation=float(said["asset_correlation"]),
        lgd=lgd,
    )


def read_sectors() -> list[dict[str, Any]]:
    """Sectors by words of the name: `id zh en words`, in the order in which they are tried."""
    found: list[dict[str, Any]] = read_model("book_allocation/sectors.toml")["sector"]
    return found


def name_sectors(rows: pl.DataFrame) -> pl.DataFrame:
    """Adds `book_sector`: the sector on record, else the one its name tells, else null."""
    name = pl.col("name") if "name" in rows.columns else pl.lit(None, pl.String)
    stated = pl.col("sector") if "sector" in rows.columns else pl.lit(None, pl.String)
    told = [
        pl.when(name.str.contains("|".join(one["words"]))).then(pl.lit(one["id"]))
        for one in read_sectors()
    ]
    return rows.with_columns(book_sector=pl.coalesce(stated.cast(pl.String), *told))
