"""Assess a store, update an assessment, compare two."""

import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Timer

import click
from rich.console import Console
from rich.progress import Progress

from techflow.basics import InvalidInput
from techflow_service import clock
from techflow_service.assessing import (
    Job,
    Tick,
    assess_store,
    compare_folders,
    describe_comparison,
    load_content,
    summarize,
    tell_comparison,
    update_store,
    write_comparison,
)
from techflow_service.cli.credit_register import register_option
from techflow_service.store import Store

SHOWN_AFTER_SECONDS = 2.0


def read_day(text: str) -> date:
    """A day from the command line.

    Raises:
        InvalidInput: It is no day, or lies ahead.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"--as-of must be a day such as 2024-06-30; got {text!r}") from None
    if day > clock.now().date():
        raise InvalidInput(
            f"--as-of {day} lies ahead; nothing can be known by then; use today or an earlier day"
        )
    return day


def read_moment(text: str | None) -> datetime | None:
    """A moment from the command line; without a zone it is UTC.

    Raises:
        InvalidInput: It is no moment.
    """
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(
            f"--loaded-by must be a moment such as 2024-06-30T12:00:00+00:00; got {text!r}"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


store_option = click.option(
    "--store", required=True, type=click.Path(path_type=Path), help="Folder of the store."
)
day_option = click.option(
    "--as-of", "as_of", required=True, help="Last day whose knowledge counts, such as 2024-06-30."
)
out_option = click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Folder for the results."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@contextmanager
def watch(words: str) -> Iterator[Tick]:
    """A progress bar for work of more than two seconds; only on a terminal."""
    bar = Progress(console=Console(stderr=True), transient=True)
    task = bar.add_task(words, total=None)
    late = Timer(SHOWN_AFTER_SECONDS, bar.start)
    late.daemon = True
    if sys.stderr.isatty():
        late.start()
    try:
        yield lambda done, total: bar.update(task, completed=done, total=total)
    finally:
        late.cancel()
        if bar.live.is_started:
            bar.stop()


@click.command()
@store_option
@day_option
@out_option
@click.option("--loaded-by", help="Replay: leave out what was loaded after this moment.")
@register_option
@json_option
def assess(
    store: Path,
    *,
    as_of: str,
    out: Path,
    loaded_by: str | None,
    own: Path | None,
    as_json: bool,
) -> None:
    """Grade, limit and price for every firm of a store, as known on a day.

    A card that is retired on that day is left out if what replaces it is there; otherwise the
    command stops. A card that nobody has approved is used and marked.
    """
    day, moment = read_day(as_of), read_moment(loaded_by)
    content = load_content(register=own).in_use(day)
    job = Job(Store.open(store).snapshot(), day, moment, content, out)
    with watch("assessing") as tick:
        record = assess_store(job, tick=tick)
    click.echo(json.dumps(record, default=str) if as_json else summarize(record, out))


@click.command()
@store_option
@day_option
@out_option
@register_option
@json_option
def update(store: Path, as_of: str, out: Path, own: Path | None, as_json: bool) -> None:
    """Judge again the firms whose evidence changed since the run in the folder."""
    day = read_day(as_of)
    content = load_content(register=own).in_use(day)
    job = Job(Store.open(store).snapshot(), day, None, content, out)
    with watch("updating") as tick:
        done = update_store(job, at=clock.now(), tick=tick)
    if as_json:
        told = {"judged_n": done.judged_n, "changes_n": done.changes_n, "whole": done.whole}
        click.echo(json.dumps(done.record | {"update": told}, default=str))
        return
    why = "" if done.whole is None else f" (all of them: {done.whole})"
    click.echo(f"{done.judged_n:,} firms judged again{why}; {done.changes_n:,} changes logged")
    click.echo(summarize(done.record, out))


@click.command()
@click.argument("before", type=click.Path(path_type=Path), help="Output folder of one run.")
@click.argument("after", type=click.Path(path_type=Path), help="Output folder of another.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for compare.csv and .html.")
@json_option
def compare(before: Path, after: Path, out: Path | None, as_json: bool) -> None:
    """Say firm by firm what moved between two assessments, and why."""
    comparison = compare_folders(before, after)
    if out is not None:
        write_comparison(comparison, out)
    if as_json:
        click.echo(json.dumps(describe_comparison(comparison), default=str))
    else:
        width = shutil.get_terminal_size().columns
        click.echo(tell_comparison(comparison, width=width))


COMMANDS: tuple[click.Command, ...] = (assess, update, compare)
