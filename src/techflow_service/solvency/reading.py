"""Reading a book of loans to be simulated through a scheme."""

from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from techflow.basics import InvalidInput, MissingColumn
from techflow.flow.solvency_book import Book, Integers
from techflow.pool import NO_CAP, Said, Scheme, facts_needed, keys_needed, split_by_loan
from techflow.pool.timeline import loans_of
from techflow.pricing import Term, Terms
from techflow_service.models import read_model
from techflow_service.scoring import read_rows
from techflow_service.splitting.reading import NO, YES

ASSUMED = "pool_simulation/params.toml"
WHOLE = "-"
PROBLEMS = {
    "pd_unusable": ("违约概率缺失或不在[0, 1]", "pd is missing or outside [0, 1]"),
    "lgd_unusable": ("违约损失率缺失或不在[0, 1]", "lgd is missing or outside [0, 1]"),
    "ead_unusable": ("敞口为负或非数", "the exposure is below 0 or no number"),
    "years_unusable": (
        "备案年或期限不在模拟年份内",
        "filed_year or term_years is outside the years simulated",
    ),
    "id_missing": ("企业、银行或担保机构编号缺失", "the id of firm, bank or guarantor is missing"),
}


class Opened(NamedTuple):
    """A book as read.

    Attributes:
        book: Its usable loans.
        firms: Id of each firm, by number.
        sectors: Name of each sector, by number.
        regions_n: Regions.
        aside: Why rows were put aside -> how many.
        inside_n: Loans in the scope of the scheme.
    """

    book: Book
    firms: list[str]
    sectors: list[str]
    regions_n: int
    aside: dict[str, int]
    inside_n: int


def read_assumed(on: date) -> dict[str, Term]:
    """What is assumed about the world, with sources.

    Args:
        on: Legal date.
    """
    terms = Terms.from_data(read_model(ASSUMED))
    return {term.name: term for term in terms.in_force(on)}


def check_simulable(scheme: Scheme) -> None:
    """Refuse a scheme whose cap per loan depends on what is not known before a loss.

    Args:
        scheme: A settled scheme.

    Raises:
        InvalidInput: It has one.
    """
    for cap in scheme.caps:
        of_loss = isinstance(cap.amount, Said) and cap.amount.unit == "share"
        if cap.scope == "loan" and (cap.less or of_loss):
            raise InvalidInput(
                f"scheme {scheme.id} caps {cap.party} per loan by what others paid on the same "
                "loss; that is not known before the loss, so it cannot be simulated. "
                "`techflow pool split` splits losses that have happened"
            )


def read_book(path: Path, scheme: Scheme, *, years_n: int) -> Opened:
    """The loans of a file.

    Args:
        path: `.csv` or `.parquet`: `pd`, `lgd`, `loan_cny` and what the scheme's shares look at;
            if there, `ead_cny`, `firm_id`, `sector`, `region`, `filed_year`, `term_years`.
        scheme: A settled scheme.
        years_n: Years to simulate.

    Raises:
        InvalidInput: The file cannot be used, or no row of it.
        MissingColumn: A column is absent; names all.
    """
    return open_book(read_rows(path), path, scheme, years_n=years_n)


def open_book(rows: pl.DataFrame, where: Path, scheme: Scheme, *, years_n: int) -> Opened:
    """The loans of a table.

    Args:
        rows: As the file of `read_book`.
        where: Where they come from, for messages.
        scheme: A settled scheme.
        years_n: Years to simulate.

    Raises:
        InvalidInput: No row can be used.
        MissingColumn: A column is absent; names all.
    """
    check_simulable(scheme)
    typed = _typed(rows, where, scheme, years_n=years_n)
    shared = split_by_loan(nw.from_native(typed.lazy()), scheme).to_native().collect()
    judged = shared.with_columns(row_problem=_problem(scheme, years_n))
    good = judged.filter(pl.col("row_problem").is_null())
    aside = judged["row_problem"].drop_nulls().value_counts(sort=True)
    if not good.height:
        raise InvalidInput(f"{where} has no usable row: {dict(aside.iter_rows())}")
    return _open(good, scheme, dict(aside.iter_rows()))


def _typed(rows: pl.DataFrame, path: Path, scheme: Scheme, *, years_n: int) -> pl.DataFrame:
    facts, ids = facts_needed(scheme), [f"{scope}_id" for scope in keys_needed(scheme)]
    needed = ["pd", "lgd", *facts, *ids]
    if absent := [name for name in needed if name not in rows.columns]:
        raise MissingColumn(
            f"{path} lacks {', '.join(absent)}; a simulation of scheme {scheme.id} needs "
            f"{', '.join(needed)}. It has {', '.join(rows.columns)}"
        )
    ead = f"ead_{scheme.currency}"
    given = {
        "ead": pl.col(ead if ead in rows.columns else f"loan_{scheme.currency}"),
        "filed": pl.col("filed_year") if "filed_year" in rows.columns else pl.lit(0),
        "term": pl.col("term_years") if "term_years" in rows.columns else pl.lit(years_n),
    }
    kinds = {"code": pl.String, "flag": pl.Boolean}
    return rows.select(
        *(_cell(name, kinds.get(kind, pl.Float64), rows) for name, kind in facts.items()),
        *(pl.col(name).cast(pl.Float64, strict=False) for name in ("pd", "lgd")),
        *(pl.col(name).cast(pl.String) for name in ids if name != "firm_id"),
        *(_named(name, rows) for name in ("sector", "region")),
        *(cell.cast(pl.Float64, strict=False).alias(f"{name}_n") for name, cell in given.items()),
        (pl.col("firm_id").cast(pl.String) if "firm_id" in rows.columns else _own()),
        pl.lit(None, pl.Float64).alias(f"loss_{scheme.currency}"),
    )


def _own() -> pl.Expr:
    return pl.int_range(pl.len()).cast(pl.String).alias("firm_id")


def _named(name: str, rows: pl.DataFrame) -> pl.Expr:
    if name not in rows.columns:
        return pl.lit(WHOLE).alias(name)
    return pl.col(name).cast(pl.String).fill_null(WHOLE)


def _cell(name: str, kind: type[pl.DataType], rows: pl.DataFrame) -> pl.Expr:
    if kind is pl.Boolean and rows[name].dtype == pl.String:
        word = pl.col(name).str.strip_chars().str.to_lowercase()
        return pl.when(word.is_in(YES)).then(True).when(word.is_in(NO)).then(False).alias(name)
    return pl.col(name).cast(kind, strict=False)


def _problem(scheme: Scheme, years_n: int) -> pl.Expr:
    ids = [pl.col(f"{scope}_id").is_null() for scope in keys_needed(scheme)]
    filed, term = pl.col("filed_n"), pl.col("term_n")
    usable = {
        "pd_unusable": pl.col("pd").is_between(0.0, 1.0),
        "lgd_unusable": pl.col("lgd").is_between(0.0, 1.0),
        "ead_unusable": pl.col("ead_n").is_finite() & (pl.col("ead_n") >= 0.0),
        "years_unusable": filed.is_between(0, years_n - 1) & (term >= 1) & (filed % 1 == 0),
        "id_missing": ~pl.any_horizontal(pl.col("firm_id").is_null(), *ids),
    }
    own = [pl.when(~test.fill_null(False)).then(pl.lit(name)) for name, test in usable.items()]
    return pl.coalesce(pl.col("problem"), *own)


def _open(good: pl.DataFrame, scheme: Scheme, aside: dict[str, int]) -> Opened:
    firm, firms = _numbered(good, "firm_id")
    sector, sectors = _numbered(good, "sector")
    region, regions = _numbered(good, "region")
    parties = [party.id for party in scheme.parties]
    columns = {f"share_{p}_ppm": _whole(good, f"share_{p}_ppm") for p in parties}
    columns |= {
        f"cap_{p}_fen": _whole(good.with_columns(pl.col(f"cap_{p}_fen").fill_null(NO_CAP)),
                               f"cap_{p}_fen")
        for p in parties
    }  # fmt: skip
    columns |= {"firm": firm, "in_scope": _whole(good, "in_scope")}
    columns |= {s: _numbered(good, f"{s}_id")[0] for s in keys_needed(scheme) if s != "firm"}
    inside = columns["in_scope"]
    book = Book(
        loans_of(columns, scheme, _whole(good, "filed_n")),
        filed_fen=_whole(good, "loan_fen") * inside,
        firm=firm,
        pd=_real(good, "pd"),
        lgd=_real(good, "lgd"),
        ead_cny=_real(good, "ead_n"),
        sector=sector,
        group=sector * len(regions) + region,
        term_years=_whole(good, "term_n"),
    )
    return Opened(book, firms, sectors, len(regions), aside, int(inside.sum()))


def _whole(rows: pl.DataFrame, name: str) -> Integers:
    return np.ascontiguousarray(rows[name].cast(pl.Int64).to_numpy(), np.int64)


def _real(rows: pl.DataFrame, name: str) -> Any:
    return np.ascontiguousarray(rows[name].to_numpy(), np.float64)


def _numbered(rows: pl.DataFrame, name: str) -> tuple[Integers, list[str]]:
    names = rows[name].unique().sort()
    number = rows.select(pl.col(name).rank("dense").cast(pl.Int64) - 1).to_series()
    return np.ascontiguousarray(number.to_numpy(), np.int64), names.to_list()
