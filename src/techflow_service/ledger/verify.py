"""Proving the books: every entry hashed and replayed from zero, then held against the tables."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from techflow.basics import InvalidInput
from techflow_service.ledger.chain import COLUMNS, Entry
from techflow_service.ledger.claims import MOVES, Move
from techflow_service.ledger.durable import settle
from techflow_service.ledger.replay import Fault, Replay

if TYPE_CHECKING:
    from psycopg import Connection

BATCH = 5_000
TABLES = {
    "accounts": "SELECT kind, claim_id, party, balance_fen FROM account",
    "caps": "SELECT scope, limit_fen FROM cap",
    "cap_use": "SELECT scope, subject, used_fen FROM cap_use",
    "claims": "SELECT claim_id, state, firm_id, bank_id, loan_id, reserved_on, actors, moved_on "
    "FROM claim",
    "charged": "SELECT route, name, loan_id, until FROM charged",
}
ORDERED = {"accounts": 3, "caps": 1, "cap_use": 2, "claims": 1, "charged": 3}
"""How many columns of each table name the row."""


class Proof(NamedTuple):
    """What was found of one pool."""

    pool_id: str
    entries_n: int
    head_hash: str
    """Note it elsewhere: held against it, entries cut off or all written anew show too."""
    faults: list[Fault]


def verify(
    connection: "Connection[Any]",
    *,
    tenant: str,
    pools: Iterable[str] | None = None,
    heads: Mapping[str, tuple[int, str]] | None = None,
    moves: Iterable[Move] = MOVES,
) -> list[Proof]:
    """Replay pools from zero and compare.

    Args:
        connection: An open connection.
        tenant: Whose pools.
        pools: Which; all if left out.
        heads: Number and hash of an entry, as noted before, by pool.
        moves: Moves of a claim that are allowed.

    Returns:
        One proof per pool; its books are right if it holds no fault.

    Raises:
        InvalidInput: A pool does not exist and has no entry.
    """
    table = tuple(moves)
    settle(connection)
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        rows = connection.execute(
            "SELECT pool_id FROM pool WHERE tenant = %(tenant)s "
            "UNION SELECT pool_id FROM entry WHERE tenant = %(tenant)s ORDER BY 1",
            {"tenant": tenant},
        ).fetchall()
        known = [row[0] for row in rows]
        asked = known if pools is None else list(pools)
        if strange := [pool for pool in asked if pool not in known]:
            raise InvalidInput(f"there is no pool {strange[0]}; there are {', '.join(known)}")
        noted = heads or {}
        return [prove_pool(connection, Replay(pool, table), noted.get(pool)) for pool in asked]


def prove_pool(
    connection: "Connection[Any]", replay: Replay, noted: tuple[int, str] | None = None
) -> Proof:
    """Replay one pool within the connection's transaction and compare.

    Args:
        connection: A connection inside a transaction, which should see one moment.
        replay: A fresh replay of the pool.
        noted: Number and hash of an entry, as noted before.
    """
    faults: list[Fault] = []
    seen = None
    for entry in read_entries(connection, replay.pool_id):
        faults += replay.add(entry)
        if noted and entry.entry_n == noted[0]:
            seen = entry.entry_hash
    if noted and seen != noted[1]:
        text = f"entry {noted[0]} was noted as {noted[1]}; it is {seen or 'gone'}"
        faults.append(Fault(replay.pool_id, 0, "head_differs", text))
    faults += _compare(connection, replay)
    return Proof(replay.pool_id, replay.entries_n, replay.head_hash, faults)


def read_entries(connection: "Connection[Any]", pool_id: str) -> Iterator[Entry]:
    """Entries of a pool in order, inside the connection's transaction.

    Args:
        connection: A connection inside a transaction.
        pool_id: The pool.
    """
    with connection.cursor("entries") as cursor:
        cursor.itersize = BATCH
        cursor.execute(
            f"SELECT {COLUMNS} FROM entry WHERE pool_id = %s ORDER BY entry_n",  # noqa: S608
            [pool_id],
        )
        yield from map(Entry._make, cursor)


def _compare(connection: "Connection[Any]", replay: Replay) -> Iterator[Fault]:
    pool = replay.pool_id
    head = connection.execute(
        "SELECT entries_n, head_hash FROM pool WHERE pool_id = %s", [pool]
    ).fetchone()
    if head != (replay.entries_n, replay.head_hash):
        text = f"the pool says {head}; the entries {replay.entries_n}, {replay.head_hash}"
        yield Fault(pool, 0, "head_differs", text)
    if not replay.whole:
        yield Fault(pool, 0, "not_proved", "balances after the broken chain cannot be told")
        return
    for name, told in _replayed(replay).items():
        rows = connection.execute(f"{TABLES[name]} WHERE pool_id = %s".encode(), [pool]).fetchall()
        width = ORDERED[name]
        stored = {row[:width]: row[width:] for row in rows}
        for place in sorted({*told, *stored}):
            # A row of zero and no row are the same.
            if told.get(place, (0,)) != stored.get(place, (0,)):
                where = " ".join(place)
                text = f"{name} {where}: stored {stored.get(place)}, replayed {told.get(place)}"
                yield Fault(pool, 0, "balance_differs", text)


def _replayed(replay: Replay) -> dict[str, dict[tuple[str, ...], tuple[Any, ...]]]:
    return {
        "accounts": {place: (fen,) for place, fen in replay.accounts.items()},
        "caps": {(scope,): (fen,) for scope, fen in replay.caps.items()},
        "cap_use": {place: (fen,) for place, fen in replay.cap_use.items()},
        "claims": {(name,): tuple(claim) for name, claim in replay.claims.items()},
        "charged": {place: (until,) for place, until in replay.charged.items()},
    }
