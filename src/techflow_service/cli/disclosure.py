"""Command `techflow disclosure check`."""

import json
from datetime import datetime
from pathlib import Path

import click

from techflow.basics import InvalidInput
from techflow_service.cli.options import JSON
from techflow_service.clock import now
from techflow_service.disclosing.page import render_checked, summarise
from techflow_service.disclosing.running import Checked, check_book, read_book, read_store
from techflow_service.scoring import read_rows, write_rows
from techflow_service.store import Store

PATH = click.Path(path_type=Path)


@click.group("disclosure")
def disclosure() -> None:
    """Disclosure: do the published numbers tie, what is unusual, what to ask."""


@disclosure.command("check")
@click.argument("file", required=False, type=PATH, help="Statements, .csv, .csv.gz or .parquet.")
@click.option("--store", "store_path", type=PATH, help="Take the statements of a store instead.")
@click.option("--out", required=True, type=PATH, help="Folder for tables and page.")
@click.option(
    "--as-of",
    "at",
    type=click.DateTime(["%Y-%m-%d"]),
    help="What was known later is not seen; with a store it must be given.",
)
@click.option("--notices", type=PATH, help="Texts: firm_id, period_end_on, text.")
@JSON
def check(
    file: Path | None,
    *,
    store_path: Path | None,
    out: Path,
    at: datetime | None,
    notices: Path | None,
    as_json: bool,
) -> None:
    """Check the statements of FILE (or --store): sums that must tie, unusual numbers, questions.

    Writes firm_years.csv (one row per statement: values, expected values, differences, points),
    findings.csv (one question per finding, zh and en), disclosure.html (zh and en) and
    disclosure.json. With --notices also notices.csv (numbers in the text beside the accounts) and
    wording.csv (change against the notice before). Points are a proposal and no verdict.
    """
    if (file is None) == (store_path is None):
        raise InvalidInput("disclosure check needs either FILE or --store; got both or neither")
    if store_path is not None and at is None:
        raise InvalidInput("disclosure check --store needs --as-of: the last day that is seen")
    if file is not None:
        book = read_book(file, moment=now())
    elif store_path is not None:
        book = read_store(Store.open(store_path).snapshot())
    as_of = at.date() if at else book.last_known_on
    if as_of is None:
        raise InvalidInput("no row tells when it was known; give --as-of")
    found = check_book(book, as_of=as_of, notices=read_rows(notices) if notices else None)
    _write(found, out)
    summary = summarise(found)
    if as_json:
        click.echo(json.dumps(summary, ensure_ascii=False))
        return
    click.echo(
        f"{summary['statements_n']:,} statements known on {as_of}, {summary['scored_n']:,} scored, "
        f"{summary['questions_n']:,} questions, {summary['refused_n']:,} rows refused; "
        f"wrote {out / 'disclosure.html'}, firm_years.csv, findings.csv"
    )


def _write(found: Checked, out: Path) -> None:
    write_rows(found.rows, out / "firm_years.csv")
    write_rows(found.findings, out / "findings.csv")
    if found.stated is not None and found.wording is not None:
        write_rows(found.stated, out / "notices.csv")
        write_rows(found.wording, out / "wording.csv")
    (out / "disclosure.html").write_text(render_checked(found), "utf8")
    text = json.dumps(summarise(found), ensure_ascii=False, indent=1)
    (out / "disclosure.json").write_text(text + "\n", "utf8")


COMMANDS: tuple[click.Command, ...] = (disclosure,)
