"""`techflow import`: files of others become evidence; `techflow template`: the shape they need."""

import json
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track

from techflow_service import clock
from techflow_service.cli.options import JSON
from techflow_service.imports.batch import Batch
from techflow_service.imports.china_sme import read_china_sme
from techflow_service.imports.korea import PATENTS, read_korea
from techflow_service.imports.load import load_batches, open_store
from techflow_service.imports.own_files import find_tables, read_own_files
from techflow_service.imports.summary import ImportSummary
from techflow_service.imports.template import LABELS, write_templates

FOLDER = click.argument(
    "folder", metavar="DIR", type=click.Path(path_type=Path), help="Folder of the files."
)
STORE = click.option(
    "--store",
    required=True,
    type=click.Path(path_type=Path),
    help="Folder of the store; made if it is not there.",
)


@click.group("import")
def import_files() -> None:
    """Put files into the store: each row is kept, or quarantined with its reason.

    All files of one import become visible together, or none. The same file twice changes
    nothing.
    """


@import_files.command("china-sme")
@FOLDER
@STORE
@JSON
def china_sme(folder: Path, store: Path, as_json: bool) -> None:
    """Chinese contest set: 425 small firms, their invoices, default yes or no.

    The bank's own rating is not imported: rating D means default.
    """
    _run(read_china_sme, folder, store, as_json=as_json)


@import_files.command("korea")
@FOLDER
@STORE
@JSON
def korea(folder: Path, store: Path, as_json: bool) -> None:
    """Listed Korean firms: accounts, delistings, names, and sampled US patents.

    The patents are read from ../patentsview beside DIR, if they are there.
    """
    note = f"no patents imported: {folder / PATENTS} is not there"
    notes = () if (folder / PATENTS).is_file() else (note,)
    _run(read_korea, folder, store, as_json=as_json, notes=notes)


@import_files.command("csv")
@FOLDER
@STORE
@JSON
def own_files(folder: Path, store: Path, as_json: bool) -> None:
    """Your own files: CSV, XLSX or Parquet named after the tables, such as invoice.csv.

    `techflow template DIR` writes empty ones with every column explained.
    """
    _, notes = find_tables(folder)
    _run(read_own_files, folder, store, as_json=as_json, notes=notes)


@click.command("template")
@FOLDER
@click.option(
    "--labels",
    type=click.Choice(list(LABELS)),
    default="name",
    show_default=True,
    help="Headers: column names, or labels in Chinese or English; the import reads all three.",
)
@JSON
def template(folder: Path, labels: str, as_json: bool) -> None:
    """Write an empty CSV for each table, and an explanation of every column in zh and en."""
    files = [str(file) for file in write_templates(folder, labels)]
    line = f"{len(files)} files in {folder}; fill them and run `techflow import csv {folder}`"
    click.echo(json.dumps({"files": files}) if as_json else line)


def _run(
    read: Callable[..., Iterable[Batch]],
    folder: Path,
    store: Path,
    *,
    as_json: bool,
    notes: Sequence[str] = (),
) -> None:
    """Judge all files first, so that a wrong one leaves the store as it was; then load them."""
    begun, moment = time.perf_counter(), clock.now()
    batches = list(read(folder, moment=moment, watch=_show_progress))
    target = open_store(store)
    version = target.snapshot().version
    files = load_batches(target, batches, moment=moment)
    after = target.snapshot().version
    seconds = time.perf_counter() - begun
    summary = ImportSummary(store, after, after > version, files, notes, seconds)
    click.echo(json.dumps(summary.as_mapping()) if as_json else summary.as_text())


def _show_progress(names: Sequence[str]) -> Iterable[str]:
    terminal = Console(stderr=True)
    hidden = not terminal.is_terminal
    return track(names, "reading", console=terminal, transient=True, disable=hidden)


COMMANDS: tuple[click.Command, ...] = (import_files, template)
