"""Command `techflow market proceeds`."""

import json
from datetime import datetime
from pathlib import Path

import click

from techflow.market.listing import ProceedsModel
from techflow_service.cli.options import JSON
from techflow_service.listing.content import read_content
from techflow_service.listing.proceeds import track_files
from techflow_service.listing.proceeds_page import render_proceeds, summarise
from techflow_service.scoring import write_rows

PATH = click.Path(path_type=Path)


@click.command("proceeds")
@click.argument("plan", type=PATH, help="Plan by project, purpose and period.")
@click.argument("spent", type=PATH, help="Payments.")
@click.option("--changes", type=PATH, help="Approved changes of purpose.")
@click.option("--out", required=True, type=PATH, help="Folder for tables and page.")
@click.option(
    "--as-of",
    "at",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help="Last day seen; payments after it are left out.",
)
@click.option("--model", type=PATH, help="Own file in the form of proceeds.toml.")
@JSON
def proceeds(
    plan: Path,
    spent: Path,
    *,
    changes: Path | None,
    out: Path,
    at: datetime,
    model: Path | None,
    as_json: bool,
) -> None:
    """Proceeds of an issue, planned against spent: projects.csv, periods.csv, proceeds.html.

    PLAN needs firm_id, project_id, purpose, since, until (first day after the period) and
    planned_cny; SPENT firm_id, project_id, purpose, spent_on and spent_cny; --changes firm_id,
    project_id, purpose and approved_on. payments.csv says of each payment whether its purpose was
    planned, approved before, or changed. Bounds stand in proceeds.toml with their marks.
    """
    content = read_content("proceeds.toml", model, ProceedsModel.from_data)
    found = track_files(plan, spent, changes, on=at.date(), model=content)
    for name in ("projects", "periods", "payments", "refused"):
        write_rows(getattr(found, name), out / f"{name}.csv")
    (out / "proceeds.html").write_text(render_proceeds(found), "utf8")
    told = {"out": str(out), **summarise(found)}
    text = json.dumps(told, ensure_ascii=False, indent=1)
    (out / "proceeds.json").write_text(text + "\n", "utf8")
    click.echo(
        json.dumps(told, ensure_ascii=False)
        if as_json
        else f"{told['projects_n']:,} projects, {told['payments_n']:,} payments: "
        f"{told['uses']['changed']:,} for another purpose without approval, "
        f"{told['uses']['no_project']:,} outside the plan's projects; {told['periods_off_n']:,} "
        f"periods off their plan; {told['refused_n']:,} rows refused; wrote {out}"
    )
