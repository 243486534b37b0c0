"""Moves of a claim that the books let through: a table handed in, judged inside the transaction."""

from collections.abc import Iterable
from typing import NamedTuple

from techflow.basics import InvalidInput
from techflow_service.ledger.request import CLAIM_ROUTES, Request


class Move(NamedTuple):
    """One allowed move: from a state, to a state, and the route it takes."""

    before: str
    after: str
    route: str


MOVES = (
    Move("filed", "admitted", "move"),
    Move("admitted", "non_performing", "move"),
    Move("non_performing", "claimed", "move"),
    Move("claimed", "reviewed", "reserve"),
    Move("reviewed", "claimed", "release"),
    Move("reviewed", "publicised", "move"),
    Move("publicised", "claimed", "release"),
    Move("publicised", "paid", "pay"),
    Move("paid", "paid", "pay"),
    Move("paid", "paid", "release"),
    Move("paid", "recovered", "recover"),
    Move("recovered", "recovered", "recover"),
    Move("paid", "written_off", "write_off"),
    Move("recovered", "written_off", "write_off"),
    Move("written_off", "written_off", "write_off"),
    Move("written_off", "written_off", "recover_late"),
)
"""Filing makes the claim `filed`; a review that grants money reserves it; an objection while it is
publicised releases it. What the layers leave to the bank is not money of the pool."""


def starts_of(moves: Iterable[Move], request: Request) -> list[str]:
    """States from which the claim of a request may go to the state it asks for.

    Args:
        moves: The table.
        request: What is asked.

    Examples:
        >>> from datetime import date
        >>> asked = Request("k", "p", "pay", "a", "0" * 64, "v1", date(2026, 1, 1),
        ...                 amounts={"fund": 1}, claim_id="c", state="paid")
        >>> starts_of(MOVES, asked)
        ['paid', 'publicised']
    """
    wanted = (request.state, request.route)
    return sorted({move.before for move in moves if (move.after, move.route) == wanted})


def check_moves(moves: Iterable[Move]) -> tuple[Move, ...]:
    """The table, if each of its routes is one that moves claims.

    Args:
        moves: The table.

    Raises:
        InvalidInput: A route is none of them.
    """
    known = ("move", *CLAIM_ROUTES)
    table = tuple(moves)
    for move in table:
        if move.route not in known:
            raise InvalidInput(
                f"move {move.before} -> {move.after}: route must be one of {', '.join(known)}; "
                f"got {move.route!r}"
            )
    return table
