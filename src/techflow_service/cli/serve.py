"""Command `techflow serve`: the platform in a browser."""

import sys
from pathlib import Path

import click

from techflow_service.cli.database import FOLDER, URL, find_database
from techflow_service.platform.starting import Platform


@click.command("serve")
@FOLDER
@URL
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port.")
@click.option("--workers", default=2, show_default=True, help="Web processes.")
@click.option(
    "--demo",
    type=click.Path(path_type=Path),
    help="Folder of a made-up book of 2,000 firms with demo people; made if missing.",
)
def serve(
    *, folder: Path, url: str | None, host: str, port: int, workers: int, demo: Path | None
) -> None:
    """Set up the database, load the demo if asked for, and serve until interrupted."""
    platform = Platform.prepare(find_database(url, folder), static=folder.resolve() / "static")
    if demo:
        click.echo("demo people, with the password: " + platform.password)
        for username, role in platform.load_demo(demo):
            click.echo(f"  {username:<16} {role}")
    click.echo(f"serving on http://{host}:{port}  (Ctrl-C stops)")
    sys.exit(platform.run(host, port, workers))


COMMANDS: tuple[click.Command, ...] = (serve,)
