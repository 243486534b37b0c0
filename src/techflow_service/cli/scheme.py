"""Commands `techflow scheme list | show`."""

import json
from pathlib import Path

import click

from techflow_service.cli.options import LANG, read_day
from techflow_service.mark_words import tag_mark
from techflow_service.policies import load_laws
from techflow_service.scheme_telling import Lang, describe_scheme, tell_scheme
from techflow_service.schemes import SCHEMES, describe_schemes, load_schemes, settled_scheme

FROM = click.option(
    "--from",
    "folder",
    type=click.Path(path_type=Path),
    default=SCHEMES,
    help="A folder of scheme folders of your own, instead of those that come along.",
)
ON = click.option("--on", help="Legal date, YYYY-MM-DD; today if left out.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON, for machines.")

STATES = {
    True: {"zh": "有效", "en": "in force"},
    False: {"zh": "不在有效期", "en": "not in force"},
}


@click.group("scheme")
def scheme() -> None:
    """Risk-sharing schemes: who bears which part of a loss, with source and mark."""


@scheme.command("list")
@FROM
@ON
@LANG
@JSON
def list_schemes(folder: Path, on: str | None, lang: Lang, as_json: bool) -> None:
    """List schemes: id, whether in force on a day, parties, name."""
    rows = describe_schemes(load_schemes(folder), load_laws(), read_day(on))
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        state = STATES[row["in_force"]][lang]
        click.echo(f"{row['id']:<24}[{tag_mark(row['mark'], lang)}] {row[lang]}: {state}")
        click.echo(f"{'':<24}{', '.join(party[lang] for party in row['parties'])}")


@scheme.command("show")
@click.argument("scheme_id", metavar="ID", help="A scheme of `techflow scheme list`.")
@FROM
@ON
@LANG
@JSON
def show_scheme(scheme_id: str, *, folder: Path, on: str | None, lang: Lang, as_json: bool) -> None:
    """Show one scheme on a day: shares, caps, breakers, purse, recoveries."""
    settled = settled_scheme(folder, scheme_id, read_day(on))
    if as_json:
        click.echo(json.dumps(describe_scheme(settled), ensure_ascii=False))
        return
    click.echo(tell_scheme(settled, lang))


COMMANDS: tuple[click.Command, ...] = (scheme,)
