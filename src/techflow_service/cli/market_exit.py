"""Command `techflow market exit`."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from techflow.basics import InvalidInput
from techflow.market.listing import ExitModel
from techflow_service.cli.options import JSON
from techflow_service.listing.content import read_content
from techflow_service.listing.exits import ExitTask, look_at_exits
from techflow_service.listing.exits_page import render_exits, summarise
from techflow_service.scoring import write_rows

PATH = click.Path(path_type=Path)


@click.command("exit")
@click.argument("positions", type=PATH, help="Holdings, .csv or .parquet.")
@click.option("--out", required=True, type=PATH, help="Folder for tables and page.")
@click.option(
    "--as-of",
    "at",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help="Last day whose knowledge counts: what left later is still open.",
)
@click.option("--years", default=5.0, show_default=True, help="How far to look.")
@click.option("--model", type=PATH, help="Own file in the form of exit_routes.toml.")
@click.option(
    "--draws",
    default=400,
    show_default=True,
    type=click.IntRange(0),
    help="Histories drawn for the interval of the multiple.",
)
@click.option("--seed", default=7, show_default=True, type=click.IntRange(0), help="Seed.")
@JSON
def exits(
    positions: Path,
    *,
    out: Path,
    at: datetime,
    years: float,
    model: Path | None,
    draws: int,
    seed: int,
    as_json: bool,
) -> None:
    """How holdings leave, when, and with what: routes.csv, curve.csv, open.csv, exit.html.

    POSITIONS needs position_id, invested_on, left_on and route (both empty while open) and
    invested_cny; it may hold firm_id, proceeds_cny and seen_since_on, the first day of the records
    if a holding is older. A route is listing, merger, secondary, buy_back or write_off. Chances are
    cumulative incidences (Aalen-Johansen): one end precludes the others.

    With fewer than 20 ends, or a history shorter than --years, chances, times and multiples are a
    proposal and marked so. Rows that cannot be used stand in refused.csv with the reason.
    """
    if not years > 0.0:
        raise InvalidInput(f"--years must be above 0; got {years:g}")
    content = read_content("exit_routes.toml", model, ExitModel.from_data)
    found = look_at_exits(positions, ExitTask(years, at.date(), content, draws, seed))
    for name in ("routes", "curve", "refused"):
        write_rows(getattr(found, name), out / f"{name}.csv")
    write_rows(found.open_rows, out / "open.csv")
    (out / "exit.html").write_text(render_exits(found), "utf8")
    told = {"out": str(out), **summarise(found)}
    text = json.dumps(told, ensure_ascii=False, indent=1)
    (out / "exit.json").write_text(text + "\n", "utf8")
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else _sentence(told))


def _sentence(told: dict[str, Any]) -> str:
    multiple = told["expected_multiple"]
    shown = "unknown" if multiple is None else f"{multiple:.2f}"
    return (
        f"{told['positions_n']:,} holdings, {told['ends_n']:,} ended, {told['open_n']:,} open, "
        f"{told['refused_n']:,} rows refused; basis {told['basis']}; expected multiple within "
        f"{told['horizon_years']:g} years {shown}; wrote {told['out']}"
    )
