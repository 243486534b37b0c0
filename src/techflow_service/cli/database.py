"""Commands `techflow db ...`, and where the other commands find the books."""

import json
import sys
from pathlib import Path

import click

from techflow_service.cli.options import JSON
from techflow_service.ledger.backing import backup, restore
from techflow_service.ledger.driver import connect
from techflow_service.ledger.embedded import find_server, start_server, stop_server

NOT_RUNNING = 1
ROLES = ("techflow_web",)
"""Roles to which the platform gives rights."""
FOLDER = click.option(
    "--db",
    "folder",
    envvar="TECHFLOW_DB",
    default="techflow-db",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Folder of our own database (or TECHFLOW_DB).",
)
URL = click.option(
    "--database-url",
    "url",
    envvar="DATABASE_URL",
    help="A PostgreSQL server, instead of our own (or DATABASE_URL).",
)


@click.group("db")
def database() -> None:
    """Our own PostgreSQL, in a folder; not needed if DATABASE_URL names a server."""


@database.command("start")
@FOLDER
@JSON
def start(folder: Path, as_json: bool) -> None:
    """Start it, or find it running. It lives on until `techflow db stop`."""
    url = start_server(folder)
    click.echo(json.dumps({"running": True, "url": url}) if as_json else f"running: {url}")


@database.command("stop")
@FOLDER
@JSON
def stop(folder: Path, as_json: bool) -> None:
    """Stop it. What was committed stays."""
    stopped = stop_server(folder)
    told = {"running": False, "stopped": stopped}
    click.echo(json.dumps(told) if as_json else "stopped" if stopped else "none was running")


@database.command("status")
@FOLDER
@JSON
def status(folder: Path, as_json: bool) -> None:
    """Whether it runs. Exit code 0: it does. 1: it does not."""
    url = find_server(folder)
    told = {"running": url is not None, "url": url}
    click.echo(json.dumps(told) if as_json else f"running: {url}" if url else "not running")
    if url is None:
        sys.exit(NOT_RUNNING)


@database.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), help="File to write.")
@FOLDER
@URL
def backup_to(file: Path, folder: Path, url: str | None) -> None:
    """Write the whole database into FILE, as of one moment, while it is used."""
    bytes_n = backup(find_database(url, folder), file)
    click.echo(f"{file}: {bytes_n:,} bytes; keys are not in it, they lie in the folder of --db")


@database.command("restore")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), help="Of `db backup`.")
@FOLDER
@URL
def restore_from(file: Path, folder: Path, url: str | None) -> None:
    """Fill an EMPTY database from FILE, wholly or not at all."""
    restore(find_database(url, folder), file, ROLES)
    click.echo("restored")


def find_database(url: str | None, folder: Path) -> str:
    """The URL of the given server, which must answer, or of our own, started if need be."""
    if url is None:
        return start_server(folder)
    connect(url).close()
    return url


COMMANDS: tuple[click.Command, ...] = (database,)
