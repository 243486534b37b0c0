"""Moves of a claim that the books let through: a table, judged inside the transaction."""

from collections.abc import Iterable
from typing import NamedTuple

from techflow.basics import InvalidInput
from techflow.pool.claim_moves import MOVES as KINDS
from techflow_service.ledger.request import CLAIM_ROUTES, Request


class Move(NamedTuple):
    """One allowed move: from a state, to a state, and the route it takes."""

    before: str
    after: str
    route: str
    apart: tuple[str, ...] = ()
    """States: whoever brought the claim to one of them may not make this move too."""


FILE = "file"
MONEY = {
    "review": "reserve",
    "refuse": "release",
    "pay": "pay",
    "recover": "recover",
    "write_off": "write_off",
    "recover_later": "recover_late",
}
"""What the kinds of move in `techflow.pool` do to the money of a pool; the others do nothing."""
REST = ("refused", "paid", "recovered", "written_off")
"""States in which the rest of a reserve can still be released."""
MOVES = (
    *(
        Move(
            before,
            kind.target or before,
            MONEY.get(name, "move"),
            tuple(KINDS[past].target for past in kind.apart_from),
        )
        for name, kind in KINDS.items()
        if name != FILE
        for before in kind.sources
    ),
    *(Move(state, state, "release") for state in REST),
)


def starts_of(moves: Iterable[Move], request: Request) -> list[str]:
    """States from which the claim of a request may go to the state it asks for.

    Args:
        moves: The table.
        request: What is asked.

    Examples:
        >>> from datetime import date
        >>> asked = Request("k", "p", "recover", "a", "0" * 64, "v1", date(2026, 1, 1),
        ...                 amounts={"fund": 1}, claim_id="c", state="recovered")
        >>> starts_of(MOVES, asked)
        ['paid', 'recovered']
    """
    wanted = (request.state, request.route)
    return sorted({move.before for move in moves if (move.after, move.route) == wanted})


def apart_of(moves: Iterable[Move], request: Request) -> list[str]:
    """States whose makers may not make the move that a request asks for.

    Args:
        moves: The table.
        request: What is asked.
    """
    wanted = (request.state, request.route)
    return sorted(
        {past for move in moves if (move.after, move.route) == wanted for past in move.apart}
    )


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
