"""`techflow credit export CARD`: a card as SQL, plain Python or JSON."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import click

from techflow.credit.card_data import card_data
from techflow.credit.card_python import card_python
from techflow.credit.card_sql import card_sql
from techflow.credit.dialects import DOUBLES
from techflow_service.cards import AnyCard, load_card

PATH = click.Path(path_type=Path)
Form = Literal["sql", "python", "json"]


@click.command("export")
@click.argument("card_id", metavar="CARD", help="Id of a card; `credit cards` lists them.")
@click.option(
    "--as", "form", required=True, type=click.Choice(["sql", "python", "json"]), help="Form."
)
@click.option(
    "--dialect",
    type=click.Choice(list(DOUBLES)),
    default="duckdb",
    show_default=True,
    help="Database the SQL is for.",
)
@click.option("--table", default="firms", show_default=True, help="Table the SQL reads.")
@click.option(
    "--keep",
    multiple=True,
    default=("firm_id",),
    show_default=True,
    help="Column of the table the SQL passes on; repeatable.",
)
@click.option("--fitted", type=PATH, help="A fitted.json of your own.")
@click.option("--out", required=True, type=PATH, help="File to write.")
def export(
    card_id: str,
    *,
    form: Form,
    dialect: str,
    table: str,
    keep: tuple[str, ...],
    fitted: Path | None,
    out: Path,
) -> None:
    """Write CARD as SQL, as a Python module or as JSON that score as the card does.

    All three read the features of the card and the columns of its domain, and give the
    probability (or loss rate, or growth), or null with the reason.
    """
    card = load_card(card_id, fitted=fitted)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(_written(card, form, dialect, (table, keep)), "utf8")
    click.echo(f"{card_id} ({card.hash}) reads {', '.join(card.columns)}\nwrote {out}")


def _written(card: AnyCard, form: Form, dialect: str, source: tuple[str, Sequence[str]]) -> str:
    if form == "sql":
        return card_sql(card, table=source[0], dialect=dialect, keep=source[1])
    if form == "python":
        return card_python(card)
    content: dict[str, Any] = card_data(card)
    return json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n"
