"""Options and arguments that several commands share."""

from datetime import date

import click

from techflow.basics import InvalidInput
from techflow_service import clock

JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for machines.")
LANG = click.option(
    "--lang", type=click.Choice(["zh", "en"]), default="en", show_default=True, help="Language."
)


def read_day(text: str | None, option: str = "--on") -> date:
    """A day from the command line; today if none was given.

    Raises:
        InvalidInput: It is no day.
    """
    if text is None:
        return clock.now().date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"{option} must be a day such as 2024-06-30; got {text!r}") from None
