"""What is due on a loan: the amount of an entry must follow from its own detail."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from techflow.basics import InvalidInput
from techflow.pool import Rate, due_fen


def check_due(route: str, detail: Mapping[str, Any], amounts_fen: Sequence[int]) -> None:
    """Check an amount that is due; it is one party's.

    Args:
        route: `fee`, `discount` or `relend`.
        detail: Base, rate and days, see `Request`.
        amounts_fen: Amounts of the entry.

    Raises:
        InvalidInput: A part of the detail cannot be read, or the amount is another.
    """
    try:
        start, since, until = (
            date.fromisoformat(detail[name]) for name in ("start", "since", "until")
        )
        share, base = Fraction(detail["rate_share"]), detail["base_fen"]
        rate = Rate(detail["name"], share, detail["per"], detail["year_days"], down=is_down(route))
    except (ValueError, TypeError, KeyError, ZeroDivisionError) as error:
        raise InvalidInput(f"detail of route {route} cannot be read: {error}") from error
    if type(base) is not int or base <= 0 or not start <= since < until:
        raise InvalidInput(
            f"{route} needs base_fen above 0 in whole fen and start, since, until in order; got "
            f"{base!r}, {start}, {since}, {until}"
        )
    fen = due_fen(rate, base, start, since, until)
    if list(amounts_fen) != [fen]:
        raise InvalidInput(
            f"{route} of loan {detail['loan_id']} for {since} to {until} is {fen} fen to one "
            f"party; got {list(amounts_fen)}"
        )


def is_down(route: str) -> bool:
    """Whether fen are cut off: relending never passes its share of the principal."""
    return route == "relend"
