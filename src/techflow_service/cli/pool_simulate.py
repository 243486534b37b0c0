"""Command `techflow pool simulate`."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from techflow.flow.solvency_book import Run
from techflow_service.cli.options import LANG, read_day
from techflow_service.cli.scheme import FROM, JSON
from techflow_service.scheme_telling import Lang
from techflow_service.schemes import settled_scheme
from techflow_service.solvency.running import Asked, simulate_file
from techflow_service.solvency.wording import tell_simulation
from techflow_service.solvency.writing import write_simulation

FILE = click.Path(path_type=Path)
SCHEME = click.argument("scheme_id", metavar="SCHEME", help="A scheme of `techflow scheme list`.")
BOOK = click.argument(
    "book",
    type=FILE,
    help="Loans, .csv or .parquet: pd, lgd, loan_cny and what the scheme looks at.",
)
ON = click.option("--on", required=True, help="Legal date whose numbers count, YYYY-MM-DD.")
OUT = click.option("--out", required=True, type=FILE, help="Folder for the results.")
YEARS = click.option("--years", "years_n", default=3, show_default=True, help="Years.")
SEED = click.option("--seed", default=1, show_default=True, help="Seed of the random numbers.")
RENEW = click.option(
    "--renew",
    is_flag=True,
    help="File the book again each year: loans of one year, what failed replaced by the like.",
)


@click.command("simulate")
@SCHEME
@BOOK
@ON
@YEARS
@click.option("--scenarios", "scenarios_n", default=10_000, show_default=True, help="Scenarios.")
@SEED
@RENEW
@click.option("--asset-correlation", type=float, help="Instead of the content's.")
@click.option("--persistence", type=float, help="Of the factors from year to year.")
@click.option("--level", type=float, help="Of value at risk and expected shortfall.")
@OUT
@FROM
@LANG
@JSON
def simulate(
    scheme_id: str,
    book: Path,
    *,
    on: str,
    years_n: int,
    scenarios_n: int,
    seed: int,
    renew: bool,
    out: Path,
    folder: Path,
    lang: Lang,
    as_json: bool,
    **given: float | None,
) -> None:
    """Simulate BOOK under SCHEME: who bears what, and whether the pool survives.

    Losses by party with value at risk and expected shortfall, the chance that the purse empties, a
    breaker trips or a cap is reached by year, fair fees, sectors and firms behind the tail; a
    standard error with every number. Writes simulation.html (zh and en), simulation.json and
    scenarios.parquet. Needs the extra `simulate`.
    """
    day = read_day(on)
    scheme = settled_scheme(folder, scheme_id, day)
    asked = Asked(day, Run(years_n, scenarios_n, seed), renew, given)
    with Console(stderr=True).status("simulating"):
        told, scenarios = simulate_file(book, scheme, asked)
        write_simulation(told, scenarios, out)
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else _text(told, lang, out))


def _text(told: Mapping[str, Any], lang: Lang, out: Path) -> str:
    return f"{tell_simulation(told, lang)}\nwrote {out / 'simulation.html'}, .json, scenarios"
