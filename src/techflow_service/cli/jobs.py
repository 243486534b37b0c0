"""Commands `techflow jobs run | list | load`: work behind the pages."""

import json
import time
from pathlib import Path

import click

from techflow.basics import TechflowError
from techflow_service.cli.database import FOLDER, URL, find_database
from techflow_service.cli.options import JSON
from techflow_service.platform.jobs import OWNER
from techflow_service.platform.ordering import Ordered, order, recent, worker_lives
from techflow_service.platform.starting import KEPT, Platform
from techflow_service.platform.working import work

LOOK_SECONDS = 0.3


@click.group("jobs")
def jobs() -> None:
    """Work behind the pages: a worker, what it does, loading of an assessment."""


@jobs.command("run")
@FOLDER
@URL
def run(*, folder: Path, url: str | None) -> None:
    """A worker, until interrupted. `techflow serve` has one already."""
    _open(folder, url)
    work()


@jobs.command("list")
@click.option("--last", default=20, show_default=True, help="How many, the newest first.")
@FOLDER
@URL
@JSON
def list_jobs(*, last: int, folder: Path, url: str | None, as_json: bool) -> None:
    """The newest jobs with their state and progress."""
    _open(folder, url)
    rows = [job._asdict() for job in recent(last)]
    if as_json:
        click.echo(json.dumps(rows))
        return
    for row in rows:
        progress = "" if row["done_n"] is None else f"  {row['done_n']} of {row['total_n']}"
        click.echo(f"{row['job_id']:>8}  {row['task']:<12} {row['state']:<10}{progress}")


@jobs.command("load")
@click.argument(
    "assessed",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with run.json.",
)
@click.option("--no-wait", is_flag=True, help="Only order it; a running worker will do it.")
@FOLDER
@URL
def load(*, assessed: Path, no_wait: bool, folder: Path, url: str | None) -> None:
    """Load ASSESSED, the output folder of `techflow assess`; the same folder twice is one run."""
    if not (assessed / "run.json").is_file():
        raise click.BadParameter(
            f"{assessed} holds no assessment (no run.json); make one with `techflow assess`"
        )
    _open(folder, url)
    job = order("load", OWNER, folder=str(assessed.resolve()))
    click.echo(f"job {job.job_id}: ordered")
    if no_wait:
        return
    if not worker_lives():
        work(wait=False, queues=[OWNER])
    _wait(job)


def _wait(job: Ordered) -> None:
    told = None
    while not job.ended:
        time.sleep(LOOK_SECONDS)
        job = job.again()
        if job.done_n != told:
            told = job.done_n
            click.echo(f"job {job.job_id}: {job.done_n} of {job.total_n}")
    if job.state != "succeeded":
        raise TechflowError(f"job {job.job_id} {job.state}; the worker's words say why")
    click.echo(f"job {job.job_id}: done")


def _open(folder: Path, url: str | None) -> None:
    Platform.prepare(find_database(url, folder), folder.resolve() / KEPT, pages=False)


COMMANDS: tuple[click.Command, ...] = (jobs,)
