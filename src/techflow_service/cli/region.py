"""Commands `techflow region rank | efficiency | effect`."""

import importlib
import json
from pathlib import Path
from typing import Any

import click

from techflow.basics import InvalidInput
from techflow_service.cli import region_banks
from techflow_service.cli.options import JSON

FILE = click.argument(
    "file",
    type=click.Path(path_type=Path),
    help="Yearbook rows: province, year, variables, units, value.",
)
OUT = click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Folder for tables and page."
)
MODEL = click.option(
    "--model", type=click.Path(path_type=Path), help="Own file in the form of region.toml."
)
SEED = click.option(
    "--seed", default=7, show_default=True, type=click.IntRange(0), help="Seed of the draws."
)


@click.group("region")
def region() -> None:
    """Regions: rank with uncertainty, efficiency, and what can be said of causes."""


@region.command("rank")
@FILE
@OUT
@click.option("--year", type=int, help="Last year looked at (default: the last complete one).")
@click.option(
    "--weight", "weights", multiple=True, help="INDICATOR=NUMBER, replaces the weight; repeatable."
)
@MODEL
@SEED
@JSON
def rank(
    file: Path,
    *,
    out: Path,
    year: int | None,
    weights: tuple[str, ...],
    model: Path | None,
    seed: int,
    as_json: bool,
) -> None:
    """Rank of regions with its interval: region_rank.csv, region_years.csv, region_rank.html.

    Weights, the year of a window and the bootstrap of efficiency are drawn; a reward needs 90 %
    certainty and a low rank costs nothing. All of it is a proposal: move weights with --weight, or
    everything with --model. Needs the extra `simulate`.
    """
    running = _running()
    task = running.RegionTask(file, out, model, dict(_weight(text) for text in weights), seed)
    told = running.run_rank(task, year)
    click.echo(
        json.dumps(told)
        if as_json
        else f"{told['ranked_n']} regions ranked for {told['year']}: {told['top_n']} surely in the "
        f"first third, {told['improved_n']} surely better, {told['unknown_n']} with too little "
        f"known; wrote {told['out']}"
    )


@region.command("efficiency")
@FILE
@OUT
@click.option("--returns", type=click.Choice(["constant", "variable"]), help="CCR or BCC.")
@click.option(
    "--orientation",
    type=click.Choice(["inputs", "outputs"]),
    help="Less of the inputs, or more of the outputs.",
)
@click.option("--draws", "draws_n", type=click.IntRange(2), help="Bootstraps (default 1000).")
@MODEL
@SEED
@JSON
def efficiency(
    file: Path, *, out: Path, model: Path | None, seed: int, as_json: bool, **how: Any
) -> None:
    """Efficiency of regions by year: region_efficiency.csv and region_efficiency.html.

    Data envelopment analysis with bootstrap intervals; a region of which an item is unknown has no
    score, and `lacks` names the item. Needs the extra `simulate`.
    """
    running = _running()
    told = running.run_efficiency(running.RegionTask(file, out, model, {}, seed), **how)
    click.echo(
        json.dumps(told)
        if as_json
        else f"{told['scored_n']:,} scores in {told['years_n']} years, {told['unknown_n']:,} "
        f"without all items; wrote {told['out']}"
    )


@region.command("effect")
@FILE
@OUT
@click.option(
    "--design", "designs", multiple=True, help="Design of the model; repeatable (default: all)."
)
@MODEL
@SEED
@JSON
def effect(
    file: Path,
    *,
    out: Path,
    designs: tuple[str, ...],
    model: Path | None,
    seed: int,
    as_json: bool,
) -> None:
    """What followed a dated measure, or why that is not known: region_effect.csv and .html.

    Differences in differences with each region as one cluster and p by permutation; each reached
    region beside its synthetic twin with placebos (region_twin.csv). Where the design does not
    hold, the verdict is "not identified", with the reason. Designs stand in region.toml; add your
    own with --model. Needs the extras `simulate` and `train`.
    """
    running = _running()
    told = running.run_effect(running.RegionTask(file, out, model, {}, seed), designs)
    click.echo(
        json.dumps(told)
        if as_json
        else f"{told['identified_n']} of {told['comparisons_n']} comparisons have nothing against "
        f"their design, {told['twins_identified_n']} of {told['twins_n']} regions and outcomes "
        f"have a synthetic twin; the rest are not identified, with reasons; wrote {told['out']}"
    )


def _weight(text: str) -> tuple[str, float]:
    name, _, number = text.partition("=")
    try:
        return name, float(number)
    except ValueError as error:
        raise InvalidInput(f"--weight must be INDICATOR=NUMBER; got {text!r}") from error


def _running() -> Any:
    # Its kernels need an extra that a core installation does not have.
    try:
        return importlib.import_module("techflow_service.regions.running")
    except ModuleNotFoundError as error:
        raise InvalidInput(f"{error}; install techflow[simulate]") from error


for _command in region_banks.COMMANDS:
    region.add_command(_command)
COMMANDS: tuple[click.Command, ...] = (region,)
