"""The books of pools: requests go in, entries stay."""

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from techflow.basics import InvalidInput, TechflowError
from techflow_service.ledger.chain import Entry
from techflow_service.ledger.claims import MOVES, Move, check_moves
from techflow_service.ledger.driver import connect, load_driver
from techflow_service.ledger.durable import settle
from techflow_service.ledger.migrate import migrate
from techflow_service.ledger.request import Request, check_text
from techflow_service.ledger.wire import Ask, read_entry, tell_ask

if TYPE_CHECKING:
    from psycopg import Connection

POST = "CALL post_and_settle(%s::json, NULL)"
CODES = {
    "TF001": "key_reused",
    "TF002": "unknown",
    "TF003": "overdraft",
    "TF004": "cap",
    "TF005": "state",
    "TF006": "same_actor",
    "TF007": "lacks",
    "TF008": "day",
}
KEY_TAKEN = "23505", "entry_tenant_request_key_key"
"""What PostgreSQL says of a key that another pool took at the same moment."""
USED = "the key was used for another request"
INSIDE = "2D000"
"""What PostgreSQL calls the end of a transaction inside another."""
TRIES_MAX = 10
PAUSE_SECONDS, PAUSE_SECONDS_MAX = 0.025, 5.0


class Refused(InvalidInput):
    """The books said no; nothing of the request was kept and its key is free.

    Attributes:
        code: `key_reused` (this key belongs to another request and is not free), `unknown`,
            `overdraft`, `cap`, `state`, `same_actor`, `lacks` (role, evidence or terms) or `day`.
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class Books:
    """An open ledger.

    Attributes:
        connection: The connection to its database.
        tenant: Whose pools and keys.
    """

    def __init__(self, url: str, tenant: str, moves: Iterable[Move] = MOVES) -> None:
        check_text("tenant", tenant)
        self.tenant = tenant
        self._url = url
        self._moves = check_moves(moves)
        self._error: type[Exception] = load_driver().Error
        self.connection = connect(url)

    @classmethod
    def open(cls, url: str, *, tenant: str, moves: Iterable[Move] = MOVES) -> "Books":
        """Connect, and bring the structure up to date.

        Args:
            url: Where the server is.
            tenant: Whose pools and keys.
            moves: Moves of a claim that are allowed.

        Raises:
            InvalidInput: The driver is not installed, or a move is none.
            TechflowError: No server there, or books of a newer techflow.
        """
        books = cls(url, tenant, moves)
        migrate(books.connection)
        return books

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def post(self, request: Request, at: datetime) -> Entry:
        """Post one request: all of it, or nothing.

        Args:
            request: What is asked.
            at: Now, with zone.

        Returns:
            The entry; the first one, if the same request was posted before under its key.

        Raises:
            Refused: The books said no.
            TechflowError: The server failed. The request may have been kept: send it again under
                the same key.
        """
        return self.post_together([(request, at)])[0]

    def post_together(self, asks: Sequence[Ask]) -> list[Entry]:
        """Post requests of one pool as one: all of them, or nothing.

        Each is judged as if posted by itself, after those before it. Together they cost less: one
        call, one wait for the disk.

        Args:
            asks: Requests of one pool, at least one, each with its moment, with zone. Opening a
                pool goes first.

        Returns:
            Their entries.

        Raises:
            Refused: The books said no to one of them.
            InvalidInput: They are of several pools.
            TechflowError: The server failed. All may have been kept: send them again.
        """
        _check_asks(asks)
        asked = [tell_ask(self.tenant, self._moves, ask) for ask in asks]
        try:
            told = self.connection.execute(
                POST, [json.dumps(asked, ensure_ascii=False)]
            ).fetchall()[0][0]
        except self._error as error:
            raise _explain(asks, error) from error
        return list(map(read_entry, asked, told))

    def post_surely(self, request: Request, at: datetime, tries_max: int = TRIES_MAX) -> Entry:
        """Post through failures of the server: again, under the same key, on a new connection.

        Args:
            request: What is asked.
            at: Now, with zone.
            tries_max: After so many failures it gives up; the pauses between them double.

        Returns:
            The entry, kept once however often it was sent.

        Raises:
            Refused: The books said no.
            TechflowError: The last failure.
        """
        return keep_trying(self._post_anew, request, at, tries_max)

    def revive(self) -> "Books":
        """Connect again if the connection is gone.

        Raises:
            TechflowError: The server cannot be reached.
        """
        if self.connection.closed:
            self.connection = connect(self._url)
        return self

    def _post_anew(self, request: Request, at: datetime) -> Entry:
        try:
            return self.revive().post(request, at)
        except InvalidInput:
            raise
        except TechflowError:
            self.connection.close()
            raise


def keep_trying(
    post: Callable[[Request, datetime], Entry], request: Request, at: datetime, tries_max: int
) -> Entry:
    """Post again, under the same key, until the server answers.

    Args:
        post: Posts once.
        request: What is asked.
        at: Now, with zone.
        tries_max: After so many failures it gives up; the pauses between them double.

    Raises:
        Refused: The books said no.
        TechflowError: The last failure.
    """
    for attempt in range(1, tries_max):
        try:
            return post(request, at)
        except InvalidInput:
            raise
        except TechflowError:
            time.sleep(min(PAUSE_SECONDS * 2**attempt, PAUSE_SECONDS_MAX))
    return post(request, at)


def answer(entry: Entry) -> dict[str, Any]:
    """What a caller is told of an entry: always the same for the same entry.

    Args:
        entry: The entry.
    """
    names = ("pool_id", "entry_n", "entry_hash", "request_key", "route", "claim_id", "state")
    told = {name: getattr(entry, name) for name in names}
    return told | {"amounts_fen": dict(zip(entry.parties, entry.amounts_fen, strict=True))}


def _check_asks(asks: Sequence[Ask]) -> None:
    for _, at in asks:
        if at.tzinfo is None:
            raise InvalidInput(f"at must carry a zone, such as +00:00; got {at}")
    if len(pools := sorted({request.pool_id for request, _ in asks})) != 1:
        raise InvalidInput(f"requests posted together are of one pool; got {pools or 'none'}")


def _explain(asks: Sequence[Ask], error: Exception) -> TechflowError:
    state = getattr(error, "sqlstate", None) or ""
    text = str(error).partition("\n")[0]
    request = asks[0][0]
    what = f"key {request.key}" if len(asks) == 1 else f"one of {len(asks)} requests"
    if state in CODES:
        return Refused(CODES[state], f"{request.pool_id}, {what}: {text}")
    if (state, getattr(getattr(error, "diag", None), "constraint_name", "")) == KEY_TAKEN:
        return Refused("key_reused", f"{request.pool_id}, {what}: {USED}")
    if state == INSIDE:
        return InvalidInput("post ends its own transaction; call it outside of any transaction")
    return TechflowError(
        f"the ledger's server failed ({text}); the request may have been kept: send it again "
        f"under the same key, {what}"
    )


def balances(connection: "Connection[Any]", tenant: str, pool_id: str) -> dict[str, Any]:
    """Money of a pool by account and party, and the use of its caps.

    Args:
        connection: An open connection.
        tenant: Whose pool.
        pool_id: The pool.

    Returns:
        `pool_id entries_n head_hash`, `accounts_fen` (kind, party, fen), `caps` (scope, subject,
        used and limit).

    Raises:
        InvalidInput: There is no such pool.
    """
    settle(connection)
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        asked: Mapping[str, str] = {"pool": pool_id, "tenant": tenant}
        head = connection.execute(
            "SELECT entries_n, head_hash FROM pool WHERE pool_id = %(pool)s "
            "AND tenant = %(tenant)s",
            asked,
        ).fetchone()
        if head is None:
            raise InvalidInput(f"there is no pool {pool_id}; `techflow pool post` opens one")
        accounts = connection.execute(
            "SELECT kind, party, sum(balance_fen)::bigint FROM account WHERE pool_id = %(pool)s "
            "GROUP BY kind, party ORDER BY kind, party",
            asked,
        ).fetchall()
        caps = connection.execute(
            "SELECT scope, subject, used_fen, limit_fen FROM cap JOIN cap_use "
            "USING (pool_id, scope) WHERE pool_id = %(pool)s ORDER BY scope, subject",
            asked,
        ).fetchall()
    return {
        "pool_id": pool_id,
        "entries_n": head[0],
        "head_hash": head[1],
        "accounts_fen": [dict(zip(("kind", "party", "fen"), row, strict=True)) for row in accounts],
        "caps": [
            dict(zip(("scope", "subject", "used_fen", "limit_fen"), row, strict=True))
            for row in caps
        ],
    }
