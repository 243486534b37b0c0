"""Command `techflow market projects`."""

import importlib
import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from techflow.basics import InvalidInput
from techflow_service.cli.options import JSON, read_day
from techflow_service.scoring import write_rows

TABLE = click.Path(path_type=Path)


@click.command("projects")
@click.argument("projects", type=TABLE, help="Projects, .csv, .csv.gz or .parquet.")
@click.argument("providers", type=TABLE, help="Insurers, pension and patient-capital funds.")
@click.option("--out", required=True, type=TABLE, help="Folder for the result.")
@click.option("--on", help="Legal date of terms and law, YYYY-MM-DD; today if left out.")
@click.option("--from", "folder", type=TABLE, help="A folder of product folders of your own.")
@JSON
def projects(
    projects: Path,
    providers: Path,
    *,
    out: Path,
    on: str | None,
    folder: Path | None,
    as_json: bool,
) -> None:
    """Match PROJECTS to PROVIDERS of patient money: projects, tickets, limits, summary.

    PROJECTS needs project_id, kind (venture_fund, unlisted_equity, star_shares, debt) and need_cny;
    minimum_cny (all of it if empty), horizon_years, stage, sector, region, expected_return_pa after
    expected losses with return_source, return_sd_pa, paid_in_cny of a fund. What is unknown is
    never within a limit.

    PROVIDERS needs provider_id, product (of kind project in `techflow product list`), available_cny
    and assets_cny; an insurer solvency_share and equity_cny for its ceiling by law; sectors,
    regions, stages, kinds (split by `;`); capital_cost_rate_pa of what risk factors tie up. Terms
    come from the product; a column of the same name stands before them.

    Money is divisible: a project has at least its minimum, or none. Each project is told whom it
    has and why, or which limit keeps it out; the summary has gain, bound and gap. Needs the extra
    `statistics`.
    """
    console = Console(stderr=True)
    day = read_day(on)
    with console.status("reading") as status:
        found = _running().fund_files(
            projects, providers, on=day, folder=folder, watch=status.update
        )
    for name in ("projects", "tickets", "limits"):
        write_rows(getattr(found, name), out / f"{name}.csv")
    text = json.dumps(found.summary, ensure_ascii=False, indent=2)
    (out / "summary.json").write_text(text + "\n", "utf8")
    told = {"out": str(out), **found.summary}
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else _sentence(told))


def _running() -> Any:
    # Its kernels need an extra that a core installation does not have.
    try:
        return importlib.import_module("techflow_service.matching.projects")
    except ModuleNotFoundError as error:
        raise InvalidInput(f"{error}; install techflow[statistics]") from error


def _sentence(told: dict[str, Any]) -> str:
    return (
        f"{told['funded_n']:,} of {told['projects_n']:,} projects have {told['funded_cny']:,.2f} "
        f"of {told['needed_cny']:,.2f} yuan from {told['providers_n']:,} providers; gain a year "
        f"{told['gain_cny']:,.2f} yuan, bound {told['bound_cny']:,.2f}, "
        f"gap {told['gap_share']:.2e}; wrote {told['out']}"
    )
