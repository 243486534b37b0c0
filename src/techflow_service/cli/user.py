"""Commands `techflow user add | list | end | password | link`: who may sign in, and as what."""

import json
from pathlib import Path

import click

from techflow_service.cli.database import FOLDER, URL, find_database
from techflow_service.cli.options import JSON
from techflow_service.platform.people import KINDS, Seat, add, end, everyone, link, set_password
from techflow_service.platform.roles import Role
from techflow_service.platform.starting import KEPT, Platform

ROLE = click.Choice([role.value for role in Role])
NAME = click.argument("username", help="Name to sign in with.")


@click.group("user")
def user() -> None:
    """People who may sign in, each with a role in an organisation."""


@user.command("add")
@NAME
@click.option("--role", type=ROLE, required=True, help="What the person is there.")
@click.option("--org", required=True, help="The organisation's Chinese name; made if it is new.")
@click.option("--org-en", help="Its English name; needed if it is new.")
@click.option("--kind", type=click.Choice(KINDS), help="What it is; needed if it is new.")
@click.option("--firm", default="", help="Of an organisation that is a firm: its id in the book.")
@click.option("--name", "shown", default="", help="The name that others see.")
@click.option("--authority-cny", type=int, help="Largest amount the person approves alone.")
@FOLDER
@URL
def add_user(*, username: str, folder: Path, url: str | None, **seat: str) -> None:
    """Add a person, or give one who is there a further role. Asks for the password."""
    _open(folder, url)
    wanted = Seat(username=username, **seat)  # type: ignore[arg-type]
    password = None if wanted.known else _ask()
    add(wanted, password)
    click.echo(f"{username}: {wanted.role} of {wanted.org}")


@user.command("list")
@FOLDER
@URL
@JSON
def list_users(*, folder: Path, url: str | None, as_json: bool) -> None:
    """Everyone with a role, and those whose roles have ended."""
    _open(folder, url)
    rows = everyone()
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        ended = f"  ended {row['ended_at'][:10]}" if row["ended_at"] else ""
        click.echo(f"{row['username']:<20} {row['role']:<16} {row['org']}{ended}")


@user.command("end")
@NAME
@click.option("--role", type=ROLE, help="Only this role; all of them if not given.")
@FOLDER
@URL
def end_user(*, username: str, role: str | None, folder: Path, url: str | None) -> None:
    """End a person's roles. It bites at the person's next page; what they did stays on record."""
    _open(folder, url)
    click.echo(f"{username}: {end(username, role)} role(s) ended")


@user.command("password")
@NAME
@FOLDER
@URL
def password_of(*, username: str, folder: Path, url: str | None) -> None:
    """Give a person a new password, which it asks for; sessions of the old one end."""
    _open(folder, url)
    set_password(username, _ask())
    click.echo(f"{username}: new password")


@user.command("link")
@NAME
@click.option("--server", required=True, help="Sign-on server: its `provider_id`.")
@click.option("--subject", required=True, help="Whom it means: its claim `sub`.")
@FOLDER
@URL
def link_user(*, username: str, server: str, subject: str, folder: Path, url: str | None) -> None:
    """Let a person sign in by a sign-on server; their roles stay those given here."""
    _open(folder, url)
    link(username, server, subject)
    click.echo(f"{username}: {subject} of {server}")


def _open(folder: Path, url: str | None) -> None:
    Platform.prepare(find_database(url, folder), folder.resolve() / KEPT, pages=False)


def _ask() -> str:
    return str(click.prompt("password", hide_input=True, confirmation_prompt=True))


COMMANDS: tuple[click.Command, ...] = (user,)
