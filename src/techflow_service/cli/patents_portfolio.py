"""Command `techflow patents portfolio`."""

import json
from pathlib import Path

import click

from techflow_service.cli.options import JSON
from techflow_service.scoring import read_rows, write_rows
from techflow_service.valuing.portfolio import portfolio_rows


@click.command("portfolio")
@click.argument(
    "file", type=click.Path(path_type=Path), help="Valued patents, .csv, .csv.gz or .parquet."
)
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Result, .parquet or .csv."
)
@click.option(
    "--value",
    default="value",
    show_default=True,
    type=click.Choice(["value", "reconciled"]),
    help="Which value of the file: by income, or of all methods.",
)
@click.option(
    "--correlation",
    type=click.FloatRange(0, 1),
    help="Correlation of any two patents of a firm (default: that of the model folder).",
)
@click.option("--seed", default=7, show_default=True, type=click.IntRange(0), help="Seed.")
@JSON
def portfolio(
    file: Path, *, out: Path, value: str, correlation: float | None, seed: int, as_json: bool
) -> None:
    """Value the patents of FILE firm by firm: they share a shock, so risk does not average out.

    FILE is a result of `patents value` with firm_id. One row out per firm: median and 90 %
    interval of the sum, the sum of medians, what diversification takes off the interval, and how
    much hangs on one patent. A value is null where `portfolio_reason_code` says why.
    """
    found = portfolio_rows(read_rows(file), value=value, correlation=correlation, seed=seed)
    write_rows(found, out)
    known_n = found["portfolio_median_cny"].count()
    counts = {"out": str(out), "firms_n": found.height, "known_n": known_n}
    words = f"{found.height:,} firms, portfolio_median_cny known in {known_n:,}; wrote {out}"
    click.echo(json.dumps(counts) if as_json else words)


SUBCOMMANDS: tuple[click.Command, ...] = (portfolio,)
