"""Splitting a file of loans: read, put wrong rows aside, split, write tables."""

import hashlib
import importlib
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from techflow import __version__
from techflow.basics import InvalidInput
from techflow.basics.canonical import canonical_json
from techflow.flow.pooling import Integers, Split, Splitter, prepare_loans, split_book
from techflow.pool import NO_CAP, Said, Scheme, keys_needed, split_stream_plain
from techflow_service.scheme_telling import describe_scheme
from techflow_service.splitting.reading import read_loans
from techflow_service.splitting.tables import Names, payments_of, write_tables
from techflow_service.splitting.wording import PROBLEM_WORDS


def find_splitter() -> Splitter:
    """The compiled kernel, or its twin in plain Python without the extra `simulate`."""
    try:
        kernel = importlib.import_module("techflow.pool.kernel")
    except ImportError:
        return split_stream_plain
    found: Splitter = kernel.split_stream
    return found


class Prepared(NamedTuple):
    """Rows of a file.

    Attributes:
        good: Rows that can be split, with their shares, by `loan_id`.
        aside: Rows that cannot, with `row_problem`.
        names: Columns as read.
        unreadable: Column -> cells that could not be read.
    """

    good: pl.DataFrame
    aside: pl.DataFrame
    names: list[str]
    unreadable: Mapping[str, int]


def prepare_file(path: Path, scheme: Scheme) -> Prepared:
    """Read and check a file of loans.

    Args:
        path: Loans, `.parquet` or `.csv`.
        scheme: A settled scheme.

    Raises:
        InvalidInput: The file cannot be used.
        MissingColumn: A column is absent.
    """
    loans, unreadable = read_loans(path, scheme)
    prepared = prepare_loans(nw.from_native(loans), scheme).to_native().collect()
    bad = pl.col("row_problem").is_not_null()
    good, aside = prepared.filter(~bad).sort("loan_id"), prepared.filter(bad)
    return Prepared(good, aside, loans.collect_schema().names(), unreadable)


def split_file(path: Path, scheme: Scheme, *, on: date, out: Path) -> dict[str, Any]:
    """Split the losses of a file of loans and write who pays what when.

    Args:
        path: Loans, `.parquet` or `.csv`.
        scheme: Settled on that day.
        on: Legal date of its numbers.
        out: Folder for the tables; must be new or empty.

    Returns:
        The summary, as written to `summary.json`.

    Raises:
        InvalidInput: The file or folder cannot be used.
        MissingColumn: A column is absent.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InvalidInput(f"{out} must be a new or empty folder; name another with --out")
    read = prepare_file(path, scheme)
    good = read.good
    names, columns = _columns(good, scheme)
    split = split_book(columns, scheme, split=find_splitter())
    payments = payments_of(split, scheme, names)
    out.mkdir(parents=True, exist_ok=True)
    told = write_tables(payments, split, scheme, names, out=out)
    _write_aside(read, out)
    summary = _about(scheme, on) | {
        "rows_n": read.good.height + read.aside.height,
        "aside_n": read.aside.height,
        "aside": dict(sorted(read.aside["row_problem"].value_counts().iter_rows())),
        "unreadable": read.unreadable,
        **_sums(split, columns, scheme),
        **told,
    }
    text = json.dumps(summary, ensure_ascii=False, indent=1)
    (out / "summary.json").write_text(text, "utf8")
    return summary


def _about(scheme: Scheme, on: date) -> dict[str, Any]:
    """What the result rests on, so that it can be made again."""
    told = describe_scheme(scheme)
    digest = hashlib.sha256(canonical_json(told).encode()).hexdigest()
    head = {name: told[name] for name in ("id", "zh", "en", "currency", "parties")}
    return {"version": __version__, "scheme": head, "scheme_hash": digest, "on": str(on)}


def _columns(good: pl.DataFrame, scheme: Scheme) -> tuple[Names, dict[str, Integers]]:
    """Rows as whole numbers, and the ids that the numbers stand for."""
    parties, keys = [party.id for party in scheme.parties], keys_needed(scheme)
    whole = good.select(
        *(pl.col(f"share_{party}_ppm") for party in parties),
        *(pl.col(f"cap_{party}_fen").fill_null(NO_CAP) for party in parties),
        *(pl.col(name).fill_null(0) for name in ("loan_fen", "loss_fen", "recovered_fen")),
        pl.col("in_scope"),
        *(pl.col(f"{scope}_id").rank("dense").alias(scope) - 1 for scope in keys),
        *(_day(name) for name in ("claimed", "recovered")),
        *(_year(name) for name in ("filed", "claimed", "recovered")),
    ).cast(pl.Int64)
    ids = {scope: good[f"{scope}_id"].unique().sort().to_list() for scope in keys}
    columns = {name: np.ascontiguousarray(whole[name].to_numpy()) for name in whole.columns}
    return Names(good["loan_id"], ids), columns


def _day(name: str) -> pl.Expr:
    return pl.col(f"{name}_on").to_physical().cast(pl.Int64).fill_null(0).alias(f"{name}_day")


def _year(name: str) -> pl.Expr:
    return pl.col(f"{name}_on").dt.year().cast(pl.Int64).fill_null(0).alias(f"{name}_year")


def _write_aside(read: Prepared, out: Path) -> None:
    words = pl.DataFrame(
        [(code, *pair) for code, pair in PROBLEM_WORDS.items()],
        schema=["row_problem", "zh", "en"],
        orient="row",
    )
    told = read.aside.select(*read.names, "row_problem").join(words, on="row_problem", how="left")
    told.rename({"row_problem": "problem"}).write_csv(out / "quarantine.csv")


def _sums(split: Split, columns: Mapping[str, Integers], scheme: Scheme) -> dict[str, Any]:
    claims = split.timeline.events.claim < 0
    filed = columns["loan_fen"] * columns["in_scope"]
    loss = split.timeline.events.amount_fen[claims]
    off = split.flows.paid_fen[claims].sum(axis=1) != loss
    return {
        "loans_n": int(columns["loan_fen"].size),
        "in_scope_n": int(columns["in_scope"].sum()),
        "filed_fen": int(filed.sum()),
        "claims_n": int(claims.sum()),
        "recoveries_n": int((~claims).sum()),
        "loss_fen": int(loss.sum()),
        "recovered_fen": int(split.timeline.events.amount_fen[~claims].sum()),
        "off_by_a_fen_n": int(off.sum()),
        "leverage_max": float(scheme.leverage.value) if isinstance(scheme.leverage, Said) else None,
    }
