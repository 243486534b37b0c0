"""Command `techflow fraud scan`."""

import json
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console

from techflow.basics import InvalidInput
from techflow_service.cli.options import JSON
from techflow_service.suspecting.scanning import list_cases, scan_store
from techflow_service.suspecting.writing import write_scan

DAY = click.DateTime(["%Y-%m-%d"])


@click.group("fraud")
def fraud() -> None:
    """Risk control: signs that a person should look at, never findings."""


@fraud.command("scan")
@click.option("--store", required=True, type=click.Path(path_type=Path), help="Store to scan.")
@click.option("--as-of", "at", required=True, type=DAY, help="Day of the application, last seen.")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Folder for the result."
)
@click.option("--capacity", type=int, help="Cases a review can take; the content says 50.")
@JSON
def scan(*, store: Path, at: datetime, out: Path, capacity: int | None, as_json: bool) -> None:
    """Scan the firms of a store: cases in order, each with its signs and the numbers behind them.

    Rules on each firm's invoices (void bursts, sudden customers, round amounts, large sales of a
    new firm, sales just before the application, same-day round trips) and the network of invoices
    and relationships (circles of two to four firms with like amounts, customers of each other,
    shared persons and addresses). Limits are proposals of the content folder fraud_signs.

    Writes firms.csv (all numbers and signs), cases.csv, cases.json and evidence.csv for the first
    cases, summary.json and fraud.html. A sign has honest reasons too; without labels nobody knows
    what was missed.
    """
    if capacity is not None and capacity < 1:
        raise InvalidInput(f"--capacity must be at least 1; got {capacity}")
    with Console(stderr=True).status("scanning"):
        found = scan_store(store, at.date())
    room = capacity or int(found.signs.asked["capacity_n"])
    cases = list_cases(found, room)
    told = write_scan(found, cases, room, out)
    if as_json:
        click.echo(json.dumps(told))
        return
    click.echo(
        f"{told['firms_n']:,} firms, {told['invoices_n']:,} invoices, {told['circles_n']:,} "
        f"circles; {told['cases_n']:,} firms show a sign, the first {len(cases):,} are cases; "
        f"wrote {out}"
    )


COMMANDS: tuple[click.Command, ...] = (fraud,)
