"""Commands `techflow region branches | institutions`."""

import json
from datetime import datetime
from pathlib import Path

import click

from techflow_service.cli.options import JSON
from techflow_service.cli.statistics import DAY, OUT, STORE, load_running

RUNNING = "techflow_service.banking.running"


@click.command("branches")
@STORE
@DAY
@OUT
@JSON
def branches(*, store: Path, at: datetime, out: Path, as_json: bool) -> None:
    """Branches of banks in technology finance: branches.csv and branches.html.

    Volume, price, non-performing loans against the tolerance, first loans and the unsecured share,
    beside what customers of the same size and industry show at other branches, with limits of
    chance, so that a small branch is not blamed for noise.
    """
    told = load_running(RUNNING, "simulate").run_branches(store, at.date(), out)
    click.echo(
        json.dumps(told)
        if as_json
        else f"{told['branches_n']:,} branches: {told['outside_n']:,} outside chance; bad loans "
        f"of small firms above the tolerance in {told['above_n'] + told['beyond_n']:,}, beyond "
        f"chance in {told['beyond_n']:,}; wrote {told['out']}"
    )


@click.command("institutions")
@STORE
@DAY
@OUT
@click.option("--seed", default=7, show_default=True, type=click.IntRange(0), help="Of the draws.")
@JSON
def institutions(*, store: Path, at: datetime, out: Path, seed: int, as_json: bool) -> None:
    """Rank of banks in serving technology: institutions.csv and institutions.html.

    Indicators with the customers drawn anew, efficiency by data envelopment analysis with its
    bootstrap, weights that are drawn; bonds underwritten and bought count. All a proposal. Needs
    the extra `simulate`.
    """
    running = load_running(RUNNING, "simulate")
    told = running.run_institutions(store, at.date(), out, seed)
    click.echo(
        json.dumps(told)
        if as_json
        else f"{told['ranked_n']} of {told['institutions_n']} institutions ranked; "
        f"wrote {told['out']}"
    )


COMMANDS: tuple[click.Command, ...] = (branches, institutions)
