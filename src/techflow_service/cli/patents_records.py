"""Commands `techflow patents merge | status`."""

import json
from datetime import datetime
from pathlib import Path

import click

from techflow_service.cli.options import JSON
from techflow_service.scoring import read_rows, write_rows
from techflow_service.valuing.merging import merge_rows, write_merged
from techflow_service.valuing.status import status_rows


@click.command("merge")
@click.argument("file", type=click.Path(path_type=Path), help="Patents, .csv, .csv.gz or .parquet.")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder."
)
@JSON
def merge(file: Path, *, out: Path, as_json: bool) -> None:
    """Bring together the rows of FILE that name one patent in different spellings.

    Needs patent_id; takes firm_id: rows of different firms stay apart. Writes patents.parquet (one
    row per patent and firm; null where rows contradict each other), trace.parquet (one row per
    source row: into what it went, and by which rule) and conflicts.parquet.
    """
    counts = write_merged(merge_rows(read_rows(file)), out)
    words = (
        f"{counts['rows_n']:,} rows, {counts['patents_n']:,} patents; "
        f"{counts['unread_n']:,} numbers not read, {counts['conflicts_n']:,} patents with "
        f"contradictions; wrote {out}"
    )
    click.echo(json.dumps({"out": str(out), **counts}) if as_json else words)


@click.command("status")
@click.argument(
    "events", type=click.Path(path_type=Path), help="Events, .csv, .csv.gz or .parquet."
)
@click.option("--as-of", "at", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Day.")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Result, .parquet or .csv."
)
@JSON
def status(events: Path, *, at: datetime, out: Path, as_json: bool) -> None:
    """Legal status of each patent of EVENTS at the end of a day.

    Needs patent_id, event_on and patent_event (filed, published, granted, renewed, lapsed,
    restored, invalidated, expired; Chinese words too); takes patent_kind. One row out per patent;
    in_force is null where `status_reason_code` says why.
    """
    found = status_rows(read_rows(events), as_of=at.date())
    write_rows(found, out)
    counts = {"out": str(out), "patents_n": found.height}
    counts |= {"known_n": found["legal_status"].count(), "in_force_n": found["in_force"].sum()}
    words = (
        f"{found.height:,} patents, status known of {counts['known_n']:,}, "
        f"{counts['in_force_n']:,} in force; wrote {out}"
    )
    click.echo(json.dumps(counts) if as_json else words)


SUBCOMMANDS: tuple[click.Command, ...] = (merge, status)
