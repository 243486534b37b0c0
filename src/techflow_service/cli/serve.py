"""Command `techflow serve`: the platform in a browser."""

import sys
from pathlib import Path

import click

from techflow_service.cli.database import FOLDER, URL, find_database
from techflow_service.ledger.embedded import find_server, start_server
from techflow_service.platform.keeping import check_port, sole
from techflow_service.platform.processes import keep
from techflow_service.platform.starting import KEPT, Platform


@click.command("serve")
@FOLDER
@URL
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(1, 65_535), help="Port."
)
@click.option(
    "--workers", default=2, show_default=True, type=click.IntRange(1), help="Web processes."
)
@click.option("--web-only", is_flag=True, help="No worker: `techflow jobs run` is elsewhere.")
@click.option(
    "--demo",
    type=click.Path(path_type=Path),
    help="Folder of a made-up book of 2,000 firms with demo people; made if missing.",
)
def serve(
    *,
    folder: Path,
    url: str | None,
    host: str,
    port: int,
    workers: int,
    web_only: bool,
    demo: Path | None,
) -> None:
    """Set up the database, load the demo if asked for, and serve until interrupted.

    What dies meanwhile (web, worker, our own database) is started again.
    """
    check_port(host, port)
    database = find_database(url, folder)
    kept = folder.resolve() / KEPT
    with sole(kept):
        platform = Platform.prepare(database, kept)
        if demo:
            click.echo("demo people, with the password: " + platform.password)
            for username, role in platform.load_demo(demo):
                click.echo(f"  {username:<16} {role}")
            platform.study(demo)
        programs = platform.programs(host, port, workers)
        if web_only:
            del programs["worker"]
        click.echo(f"serving on http://{host}:{port}  (Ctrl-C stops)")
        sys.exit(keep(list(programs.values()), lambda: url or mend(folder)))


def mend(folder: Path) -> str:
    """Start our own database again if it died.

    Returns:
        Its URL.
    """
    return find_server(folder) or start_server(folder)


COMMANDS: tuple[click.Command, ...] = (serve,)
