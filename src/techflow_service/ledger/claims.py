"""Moves of a claim that the books let through: a table, judged inside the transaction."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from techflow.basics import InvalidInput
from techflow.pool import MOVES as KINDS
from techflow.pool import Move as Kind
from techflow.pool import lacking_papers
from techflow_service.ledger.request import CLAIM_ROUTES, Request


class Move(NamedTuple):
    """One allowed move: from a state, to a state, and the route it takes."""

    before: str
    after: str
    route: str
    kind: Kind | None = None
    """Role, evidence, four eyes and notice that it needs; None: nothing of these."""

    @property
    def apart(self) -> tuple[str, ...]:
        """States: whoever brought the claim to one of them may not make this move too."""
        return tuple(KINDS[past].target for past in self.kind.apart_from) if self.kind else ()


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
REST_KIND = Kind("release", "释放余额", "administrator", REST, "", ())
FILING = Move("", KINDS[FILE].target, FILE, KINDS[FILE])
MOVES = (
    *(
        Move(before, kind.target or before, MONEY.get(name, "move"), kind)
        for name, kind in KINDS.items()
        if name != FILE
        for before in kind.sources
    ),
    *(Move(state, state, "release", REST_KIND) for state in REST),
)


class Terms(NamedTuple):
    """What the books judge a request by, inside its transaction."""

    starts: list[str]
    """States from which the claim may go where the request asks."""
    apart: list[str]
    """States whose makers may not make this move."""
    lacks: list[str]
    """What the request lacks for the move from each of `starts`; empty text: nothing."""
    waits: bool
    """Whether it waits for the days of notice."""


def terms_of(moves: Iterable[Move], request: Request) -> Terms:
    """What the books judge a request by.

    Args:
        moves: The table.
        request: What is asked.

    Examples:
        >>> from datetime import date
        >>> asked = Request("k", "p", "recover", "a", "0" * 64, "v1", date(2026, 1, 1),
        ...                 amounts={"fund": 1}, claim_id="c", state="recovered", role="lender")
        >>> terms_of(MOVES, asked).starts
        ['paid', 'recovered']
        >>> terms_of(MOVES, asked).lacks[0]
        'recover needs the evidence recovery_receipt, cost_record; add it'
    """
    if request.route == "open" and "notice_days" not in request.detail:
        text = "open needs notice_days in its detail: days a claim is public before it is paid"
        return Terms([""], [], [text], False)
    if request.claim_id is None:
        return Terms([], [], [], False)
    ways = find_ways(moves, request.route, str(request.state), request.role)
    chosen = list(ways.values())
    return Terms(
        list(ways),
        sorted({past for move in chosen for past in move.apart}),
        ["; ".join(papers_lacking(move, request.role, request.evidence)) for move in chosen],
        any(move.kind.after_notice for move in chosen if move.kind),
    )


def find_ways(moves: Iterable[Move], route: str, after: str, role: str) -> dict[str, Move]:
    """The move from each state to a state; of two, the one of the role.

    Args:
        moves: The table.
        route: Route of the request.
        after: State the claim goes to.
        role: Role of the actor.
    """
    ways: dict[str, Move] = {}
    for move in (FILING, *moves):
        if (move.after, move.route) == (after, route) and (
            move.before not in ways or (move.kind and move.kind.role == role)
        ):
            ways[move.before] = move
    return dict(sorted(ways.items()))


def papers_lacking(move: Move, role: str, evidence: Mapping[str, str]) -> list[str]:
    """What a move lacks in role and evidence, see `techflow.pool.lacking_papers`."""
    return lacking_papers(move.kind, role, evidence) if move.kind else []


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
