"""Command `techflow patents register`."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import polars as pl

from techflow_service.cli.options import JSON
from techflow_service.scoring import read_rows
from techflow_service.valuing.register import Register, read_register, write_register

PATH = click.Path(path_type=Path)


@click.command("register")
@click.argument("events", type=PATH, help="Events of pledges, .csv, .csv.gz or .parquet.")
@click.option(
    "--patents",
    required=True,
    type=PATH,
    help="patent_id, value_cny (or value_median_cny), term_ends_on, in_force; valued_on if known.",
)
@click.option("--loans", required=True, type=PATH, help="loan_id, outstanding_cny, due_on.")
@click.option("--as-of", "at", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Day.")
@click.option("--out", required=True, type=PATH, help="Folder for pledges, loans and events.")
@JSON
def register(
    events: Path, *, patents: Path, loans: Path, at: datetime, out: Path, as_json: bool
) -> None:
    """State of the pledge register EVENTS on a day: who is covered, who is short, what ends.

    EVENTS has pledge_id, patent_id, loan_id, pledge_event (registered, released), event_on and,
    where stated, rank_n and secured_cny. Events that contradict the register are set aside with a
    reason. DIR gets pledges.parquet, loans.parquet and events.parquet.
    """
    files = (read_rows(path) for path in (events, patents, loans))
    found = read_register(*files, as_of=at.date())
    write_register(found, out)
    told = {"out": str(out), **_count(found)}
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else _render(told))


def _count(found: Register) -> dict[str, Any]:
    refused = found.events["event_reason_code"].drop_nulls().value_counts(sort=True)
    loans, pledges = found.loans, found.pledges
    return {
        "events_n": found.events.height,
        "set_aside": dict(refused.sort("count", "event_reason_code").iter_rows()),
        "pledges_n": pledges.height,
        "patents_double_pledged_n": pledges.filter("double_pledged")["patent_id"].n_unique(),
        "release_due_n": pledges.filter("release_due").height,
        "loans_n": loans.height,
        "loans_short_n": loans.filter(pl.col("shortfall_cny") > 0).height,
        "loans_unknown_n": loans["shortfall_cny"].null_count(),
        "shortfall_cny": float(loans["shortfall_cny"].sum()),
        "loans_outlive_patent_n": loans.filter("expires_before_loan_ends").height,
    }


def _render(told: dict[str, Any]) -> str:
    lines = [
        f"{told['events_n']:,} events, {told['pledges_n']:,} pledges stand",
        *(f"  set aside: {why} {n:,}" for why, n in told["set_aside"].items()),
        f"  patents behind several loans: {told['patents_double_pledged_n']:,}",
        f"  repaid, release due: {told['release_due_n']:,}",
        f"{told['loans_n']:,} loans, {told['loans_short_n']:,} short by "
        f"{told['shortfall_cny']:,.0f} yuan in all, {told['loans_unknown_n']:,} unknown",
        f"  a patent ends before the loan: {told['loans_outlive_patent_n']:,}",
    ]
    return "\n".join([*lines, f"wrote {told['out']}"])


SUBCOMMANDS: tuple[click.Command, ...] = (register,)
