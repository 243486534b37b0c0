"""The command line: `techflow <noun> <verb>`."""

import importlib
import sys
from collections.abc import Mapping

import click

from techflow import __version__
from techflow.basics import TechflowError

WRONG_INPUT, INTERRUPTED = 2, 130
OWN = (
    "backstop",
    "book",
    "capital",
    "credit",
    "disclosure",
    "firm",
    "fraud",
    "innovation",
    "jobs",
    "loan",
    "market",
    "patents",
    "policy",
    "pool",
    "product",
    "region",
    "sample",
    "scheme",
    "serve",
    "statistics",
    "store",
    "user",
)
"""Nouns whose module has their name."""
NOUNS: Mapping[str, str] = {
    **dict.fromkeys(("assess", "update", "compare"), "assess"),
    **dict.fromkeys(("import", "template"), "imports"),
    "db": "database",
    **dict(zip(OWN, OWN, strict=True)),
}
"""Noun -> the module of its commands."""


class Nouns(click.Group):
    """The nouns. Each is imported when it is said, so that none waits for the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every noun, in order."""
        return sorted(NOUNS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a noun, or None if there is no such noun."""
        if cmd_name not in NOUNS:
            return None
        module = importlib.import_module(f"techflow_service.cli.{NOUNS[cmd_name]}")
        commands: Mapping[str, click.Command] = {one.name: one for one in module.COMMANDS}
        return commands[cmd_name]


@click.group(cls=Nouns, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="techflow")
def techflow() -> None:
    """Grade, limit and price for technology firms, from what they really have."""


def main() -> None:
    """Run the command line. The only place where errors become words and exit codes."""
    try:
        techflow(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted; what was committed before is kept", err=True)
        sys.exit(INTERRUPTED)
    except (TechflowError, OSError) as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(WRONG_INPUT)
