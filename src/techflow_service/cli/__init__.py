"""The command line: `techflow <noun> <verb>`."""

import sys

import click

from techflow import __version__
from techflow.basics import TechflowError
from techflow_service.cli import (
    assess,
    book,
    credit,
    database,
    disclosure,
    firm,
    fraud,
    imports,
    innovation,
    loan,
    market,
    patents,
    policy,
    pool,
    pool_backtest,
    pool_optimise,
    pool_simulate,
    product,
    region,
    sample,
    scheme,
    store,
)

WRONG_INPUT, INTERRUPTED = 2, 130


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="techflow")
def techflow() -> None:
    """Grade, limit and price for technology firms, from what they really have."""


for module in (
    sample,
    imports,
    store,
    pool,
    pool_backtest,
    pool_optimise,
    pool_simulate,
    database,
    credit,
    patents,
    innovation,
    disclosure,
    assess,
    policy,
    product,
    book,
    scheme,
    loan,
    market,
    region,
    fraud,
    firm,
):
    for command in module.COMMANDS:
        techflow.add_command(command)


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
