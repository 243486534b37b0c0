"""Commands `techflow loan ...`: the price of a loan and of what comes with it."""

import click

from techflow_service.cli.loan_price import price
from techflow_service.cli.loan_tools import SUBCOMMANDS


@click.group("loan")
def loan() -> None:
    """Price loans and what comes with them: protection, warrants, insurance."""


for command in (price, *SUBCOMMANDS):
    loan.add_command(command)

COMMANDS: tuple[click.Command, ...] = (loan,)
