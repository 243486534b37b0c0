"""Commands of this noun."""

import click

COMMANDS: tuple[click.Command, ...] = ()
