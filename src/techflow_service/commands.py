"""The page of commands, made from the commands themselves."""

from collections.abc import Iterator
from pathlib import Path

import click

from techflow_service.cli import techflow

PAGE = Path("docs/commands.md")
HEAD = """# Commands

`techflow <noun> <verb>`. Made by `make docs` from the program itself; do not edit.
Exit codes: 0 done, 1 looked and found something wrong (`store check`, `pool verify`),
2 wrong input, 130 interrupted.
"""


def walk(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """Each command with its full name, groups before their verbs."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            verb = command.get_command(context, name)
            assert verb is not None, name  # noqa: S101 - it was listed
            yield from walk(verb, f"{path} {name}")


def describe(path: str, command: click.Command) -> str:
    """One command's section: its help text as the terminal shows it."""
    width, names = 100, techflow.context_settings["help_option_names"]
    with click.Context(
        command, info_name=path, max_content_width=width, help_option_names=names
    ) as context:
        return f"\n## {path}\n\n```\n{command.get_help(context).strip()}\n```\n"


def render_commands() -> str:
    """The whole page as Markdown."""
    return HEAD + "".join(describe(path, item) for path, item in walk(techflow, "techflow"))


if __name__ == "__main__":
    PAGE.write_text(render_commands(), "utf8")
