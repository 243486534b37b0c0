"""Commands `techflow patents value | pledge | whitelist | evaluate`."""

import importlib
import json
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
import polars as pl
from rich.console import Console
from rich.progress import track

from techflow.basics import InvalidInput
from techflow_service.cli.options import JSON
from techflow_service.scoring import read_rows, write_rows
from techflow_service.valuing.comparables import price_rows
from techflow_service.valuing.evaluation import evaluate_rows
from techflow_service.valuing.methods import has_methods, read_price_index

FILE = click.argument(
    "file", type=click.Path(path_type=Path), help="Patents, .csv, .csv.gz or .parquet."
)
OUT = click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Result, .parquet or .csv."
)


@click.command("value")
@FILE
@OUT
@click.option("--as-of", "at", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Day.")
@click.option("--seed", default=7, show_default=True, type=click.IntRange(0), help="Seed.")
@click.option(
    "--price-index",
    "index",
    type=click.Path(path_type=Path),
    help="Table of year and price_index, for R&D spending of past years.",
)
@click.option(
    "--comparables",
    type=click.Path(path_type=Path),
    help="Sales: price_cny, and numbers that FILE has too; they price the patents.",
)
@JSON
def value(
    file: Path,
    *,
    out: Path,
    at: datetime,
    seed: int,
    index: Path | None,
    comparables: Path | None,
    as_json: bool,
) -> None:
    """Value FILE: median and 90 % interval, one row out per row in, in the same order.

    Needs kind (invention, utility_model, design), filed_on, revenue_cny and royalty_rate; takes
    patent_id, growth_rate_pa, discount_rate_pa and quality where known. A value is null where
    `value_reason_code` says why. Needs the extra `simulate`.

    With rnd_cost_cny, rnd_<year>_cny, market_value_cny or --comparables, cost and market are
    weighed with income: reconciled_median_cny, its interval, and each method's weight and reason.
    """
    day: date = at.date()
    prices = read_price_index(read_rows(index)) if index else None
    patents = read_rows(file)
    if comparables:
        patents = price_rows(patents, read_rows(comparables))
    rows = _valuing().value_rows(
        patents, at=day, seed=seed, price_index=prices, watch=_show_progress
    )
    name = "reconciled_median_cny" if has_methods(rows.columns) else "value_median_cny"
    _finish(rows, out, name, as_json=as_json)


@click.command("pledge")
@FILE
@OUT
@JSON
def pledge(file: Path, *, out: Path, as_json: bool) -> None:
    """Haircut and loan to value of FILE, a result of `patents value` with the column pd.

    The cap by kind is one bank's product; practice runs from 10 to 60 %.
    """
    _finish(_valuing().pledge_rows(read_rows(file)), out, "loan_max_cny", as_json=as_json)


@click.command("whitelist")
@FILE
@OUT
@JSON
def whitelist(file: Path, *, out: Path, as_json: bool) -> None:
    """Which patents of FILE a policy takes: a result of `patents value` with in_force."""
    _finish(_valuing().whitelist_rows(read_rows(file)), out, "whitelisted", as_json=as_json)


@click.command("evaluate")
@FILE
@OUT
@click.option(
    "--scene",
    default="finance",
    show_default=True,
    type=click.Choice(["finance", "licensing", "management"]),
    help="What the score is for: it sets the weights.",
)
@click.option("--as-of", "at", type=click.DateTime(["%Y-%m-%d"]), help="As known on this day.")
@click.option(
    "--known", default="known_on", show_default=True, help="Column with the day, for --as-of."
)
@JSON
def evaluate(
    file: Path, *, out: Path, scene: str, at: datetime | None, known: str, as_json: bool
) -> None:
    """Score FILE from 0 to 100: legal, technical and economic value, with reasons.

    The structure is that of GB/T 42748-2023; points and weights are proposals, not the standard's.
    Needs kind and what is known of the fourteen indicators; an unknown one carries no weight, and
    a part with less than half of its weight known has no score. With --as-of FILE may hold a patent
    on several days: a row known later has no score, and evaluation_latest marks the last one known.
    """
    day = at.date() if at else None
    rows = evaluate_rows(read_rows(file), scene=scene, as_of=day, known_in=known)
    _finish(rows, out, "evaluation_score", as_json=as_json)


def _valuing() -> Any:
    # Its draws need an extra that a core installation does not have.
    try:
        return importlib.import_module("techflow_service.valuing.files")
    except ModuleNotFoundError as error:
        raise InvalidInput(f"{error}; install techflow[simulate]") from error


def _show_progress(numbers: Iterable[int]) -> Iterable[int]:
    console = Console(stderr=True)
    return track(numbers, "valuing", console=console, disable=not console.is_terminal)


def _finish(rows: pl.DataFrame, out: Path, name: str, *, as_json: bool) -> None:
    write_rows(rows, out)
    counts = {"out": str(out), "rows_n": rows.height, "known_n": rows[name].count()}
    words = f"{rows.height:,} rows, {name} known in {counts['known_n']:,}; wrote {out}"
    click.echo(json.dumps(counts) if as_json else words)


SUBCOMMANDS: tuple[click.Command, ...] = (value, pledge, whitelist, evaluate)
