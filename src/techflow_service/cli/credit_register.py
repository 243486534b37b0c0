"""`techflow credit register`: every card with its owner, approval, limits and status on a day."""

import json
from pathlib import Path

import click

from techflow_service.cards import load_register
from techflow_service.cli.options import read_day
from techflow_service.registering import describe_register, tell_register

on_option = click.option("--on", help="Day the register is read on, such as 2026-12-31; today.")
register_option = click.option(
    "--register",
    "own",
    type=click.Path(path_type=Path),
    help="Folder with register entries of your own, CARD.toml each.",
)


@click.command("register")
@on_option
@register_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list, for machines.")
def register(on: str | None, own: Path | None, as_json: bool) -> None:
    """List every card with owner, approval, use limits, review and retirement on a day.

    Status: draft (nobody has approved this content), approved, review overdue, retired.
    """
    day = read_day(on)
    found = describe_register(day, entries=load_register(own))
    click.echo(json.dumps(found, ensure_ascii=False) if as_json else tell_register(found, day))
