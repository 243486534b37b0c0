"""Command `techflow policy experiment`."""

import importlib
import json
from pathlib import Path

import click

from techflow.basics import InvalidInput
from techflow_service.cli.options import JSON, LANG, read_day
from techflow_service.experimenting.asking import Experiment
from techflow_service.experimenting.changing import read_change
from techflow_service.pricing import read_tools

FILE = click.Path(path_type=Path)


@click.command("experiment")
@click.argument("change", type=FILE, help="What is changed: .toml or .json.")
@click.argument("folder", type=FILE, help="Folder that `techflow assess` wrote.")
@click.option("--out", required=True, type=FILE, help="Folder for page and tables.")
@click.option(
    "--scheme",
    "scheme_id",
    default="special-guarantee-plan",
    show_default=True,
    help="Scheme that backs the loans.",
)
@click.option("--on", help="Legal date, such as 2026-06-30 (default: the day of the assessment).")
@click.option("--tools", default="", help="Tools besides the scheme's: discount,relending.")
@click.option("--relending-share", type=float, help="Share of the principal refinanced.")
@click.option(
    "--batches",
    "batches_n",
    default=20,
    show_default=True,
    type=click.IntRange(5),
    help="Batches of common random numbers.",
)
@click.option(
    "--scenarios",
    "scenarios_n",
    default=100,
    show_default=True,
    type=click.IntRange(2),
    help="Scenarios of default in each.",
)
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0), help="Seed.")
@LANG
@JSON
def experiment(
    change: Path,
    folder: Path,
    *,
    out: Path,
    scheme_id: str,
    on: str | None,
    tools: str,
    relending_share: float | None,
    batches_n: int,
    scenarios_n: int,
    seed: int,
    lang: str,
    as_json: bool,
) -> None:
    """Run CHANGE through the firms of FOLDER: who gains, who pays, by region, with intervals.

    Qualification, price, take-up, places, losses by party, public purse, before and after, over
    common random numbers. Writes experiment.html (zh and en), experiment.json, regions.csv,
    parties.csv, gains.csv, firms.parquet. Needs the extra `simulate`.
    """
    try:
        writing = importlib.import_module("techflow_service.experimenting.writing")
    except ImportError as error:
        raise InvalidInput("an experiment needs Numba; install techflow[simulate]") from error
    asked = Experiment(
        read_change(change),
        folder,
        scheme_id,
        read_tools([tools]),
        relending_share,
        batches_n,
        scenarios_n,
        seed,
        read_day(on) if on else None,
    )
    told = writing.write_experiment(asked, out)
    click.echo(
        json.dumps(told, ensure_ascii=False, default=str)
        if as_json
        else writing.tell_experiment(told, lang)
    )
