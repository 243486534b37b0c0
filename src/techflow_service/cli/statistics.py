"""Commands `techflow statistics tables` and `warn`."""

import importlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from techflow.basics import InvalidInput
from techflow_service.cli.options import JSON, LANG

STORE = click.option(
    "--store", required=True, type=click.Path(path_type=Path), help="Store with the loan books."
)
DAY = click.option(
    "--as-of",
    "at",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help="Last day that is seen; the last whole quarter by then is the last period.",
)
OUT = click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Folder for tables and page."
)
MODEL = click.option(
    "--model", type=click.Path(path_type=Path), help="Own file in the form of statistics.toml."
)


@click.group("statistics")
def statistics() -> None:
    """Statistics of technology loans: tables fit to publish."""


@statistics.command("tables")
@STORE
@DAY
@OUT
@MODEL
@JSON
def tables(*, store: Path, at: datetime, out: Path, model: Path | None, as_json: bool) -> None:
    """Technology loans by category, region, size and term over the last quarters.

    A loan counts in each category where it belongs and once in the totals. Small and dominated
    cells are withheld, and more cells until linear programmes show that nobody can reckon them
    from what is shown. Writes statistics.csv and statistics.html, fit to publish, and
    statistics_internal.csv with all numbers and reasons, which is not. Needs the extra
    `statistics`.
    """
    running = load_running("techflow_service.statistics.running", "statistics")
    with Console(stderr=True).status("counting and attacking"):
        told = running.run_tables(store, at.date(), out, model)
    click.echo(
        json.dumps(told)
        if as_json
        else f"{told['cells_n']:,} cells in {told['periods_n']} periods, of which withheld: "
        f"balance {told['balance_withheld_n']:,}, new {told['new_withheld_n']:,}, non-performing "
        f"{told['nonperforming_withheld_n']:,}; wrote {told['out']}; statistics_internal.csv is "
        "not fit to publish"
    )


@statistics.command("warn")
@click.argument("folder", type=click.Path(path_type=Path), help="Output of `techflow assess`.")
@click.option(
    "--before", type=click.Path(path_type=Path), help="An earlier assessment, for growth."
)
@OUT
@click.option(
    "--currency", default="CNY", show_default=True, help="Amounts in any other are left out."
)
@click.option(
    "--model", type=click.Path(path_type=Path), help="Own file in the form of warning.toml."
)
@LANG
@JSON
def warn(
    *,
    folder: Path,
    before: Path | None,
    out: Path,
    currency: str,
    model: Path | None,
    lang: str,
    as_json: bool,
) -> None:
    """Early warning by field over FOLDER, the output of `techflow assess`.

    Failures of single firms are held against a tolerance; concentration, funding gaps and froth
    are watched. A signal warns only if its whole interval lies beyond the threshold. Fields of
    fewer than five firms are withheld and in no total. Writes warning.csv and warning.html.
    """
    measuring, writing, page = (
        importlib.import_module(f"techflow_service.statistics.warning{part}")
        for part in ("", "_writing", "_page")
    )
    warned = measuring.measure(folder, before=before, currency=currency, model=model)
    told = writing.write_warning(warned, out)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for words in page.summarise(warned):
        click.echo(words.zh if lang == "zh" else words.en)
    click.echo(out / "warning.html")


def load_running(module: str, extra: str) -> Any:
    """A module whose kernels need an extra that a core installation does not have.

    Args:
        module: Its name.
        extra: The extra that brings what it needs.

    Raises:
        InvalidInput: The extra is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise InvalidInput(f"{error}; install techflow[{extra}]") from error


COMMANDS: tuple[click.Command, ...] = (statistics,)
