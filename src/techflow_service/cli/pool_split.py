"""Command `techflow pool split`."""

import json
from pathlib import Path

import click

from techflow_service.cli.options import LANG, read_day
from techflow_service.cli.scheme import FROM, JSON
from techflow_service.scheme_telling import Lang
from techflow_service.schemes import settled_scheme
from techflow_service.splitting import split_file, tell_split


@click.command("split")
@click.argument("scheme_id", metavar="SCHEME", help="A scheme of `techflow scheme list`.")
@click.argument(
    "loans",
    type=click.Path(path_type=Path),
    help="Loans, .parquet or .csv, one row each; a message names columns that are not there.",
)
@click.option("--on", required=True, help="Legal date whose numbers count, YYYY-MM-DD.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="A new folder.")
@FROM
@LANG
@JSON
def split(
    scheme_id: str,
    loans: Path,
    *,
    on: str,
    out: Path,
    folder: Path,
    lang: Lang,
    as_json: bool,
) -> None:
    """Split the losses of LOANS by SCHEME: who pays what when, to the last fen.

    Writes to the folder: payments.parquet (loan, party, day, amount, what held it back),
    by_party.csv, bounds.csv (caps, purses and breakers that held), purses.csv, quarantine.csv (rows
    that cannot be split, with reasons) and summary.json.
    """
    day = read_day(on)
    scheme = settled_scheme(folder, scheme_id, day)
    summary = split_file(loans, scheme, on=day, out=out)
    click.echo(json.dumps(summary, ensure_ascii=False) if as_json else tell_split(summary, lang))
