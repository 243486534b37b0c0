"""Pools: what the ledger holds, and whether it could be proved."""

from collections.abc import Iterator
from datetime import date
from itertools import count
from typing import Any

from techflow_service.clock import now
from techflow_service.ledger import MOVES, Books, Request, balances, verify
from techflow_service.ledger.claims import FILING
from techflow_service.platform.lending_books import TENANT
from techflow_service.platform.models import Organisation, Study
from techflow_service.platform.studies.storing import keep

SCHEME = "designed-layers"
POOL, PAPERS, FEN = "demo-pool", "ab" * 32, 100
DEPOSITS = {"city": 60_000_000 * FEN, "province": 40_000_000 * FEN}
STEPS = (
    ("move", "admitted"),
    ("move", "non_performing"),
    ("move", "claimed"),
    ("reserve", "reviewed"),
    ("move", "publicised"),
    ("pay", "paid"),
)
CAPS = {
    "pool": 100_000_000 * FEN,
    "year": 30_000_000 * FEN,
    "bank": 20_000_000 * FEN,
    "firm": 5_000_000 * FEN,
}


def study_pools(owner_url: str, on: date, *, every: bool = False) -> int:
    """Replay pools, compare, and keep what the ledger holds of them. The books are the operator's.

    Args:
        owner_url: The database as its owner.
        on: Today.
        every: All of them; else those with entries that no proof has seen.

    Returns:
        How many were proved; none where no operator is there to show them to.
    """
    org = Organisation.objects.using("owner").filter(kind="platform").order_by("pk").first()
    if org is None:
        return 0
    books = Books.open(owner_url, tenant=TENANT)
    try:
        proofs = verify(books.connection, tenant=TENANT, pools=None if every else _moved(books))
        for proof in proofs:
            told = {"faults_n": len(proof.faults), "proved_at": now().isoformat()}
            keep("pool", proof.pool_id, on, _holds(books, proof.pool_id) | told, org)
    finally:
        books.close()
    return len(proofs)


def _moved(books: Books) -> list[str]:
    """Pools whose last entry is not the one that was proved last."""
    kept = Study.objects.using("owner").filter(kind="pool").order_by("subject", "-made_at")
    seen = dict(kept.distinct("subject").values_list("subject", "body__head_hash"))
    rows = books.connection.execute(
        "SELECT pool_id, head_hash FROM pool WHERE tenant = %s ORDER BY 1", [TENANT]
    )
    return [pool_id for pool_id, head in rows if seen.get(pool_id) != head]


def _holds(books: Books, pool_id: str) -> dict[str, Any]:
    """Balances, claims by state, caps, and the scheme by which it was opened."""

    def ask(text: str) -> list[Any]:
        return books.connection.execute(text, [pool_id]).fetchall()

    claims = ask("SELECT state, count(*) FROM claim WHERE pool_id = %s GROUP BY 1 ORDER BY 1")
    limits = ask("SELECT scope, limit_fen FROM cap WHERE pool_id = %s ORDER BY 1")
    [(scheme,)] = ask("SELECT rule_version FROM entry WHERE pool_id = %s ORDER BY entry_n LIMIT 1")
    body = balances(books.connection, TENANT, pool_id)
    return body | {"claims": dict(claims), "limits": dict(limits), "scheme": scheme}


def open_demo_pool(owner_url: str, on: date) -> None:
    """A pool of the demo with money and caps; once.

    Args:
        owner_url: The database as its owner.
        on: Day of the deposits.
    """
    books, keys = Books.open(owner_url, tenant=TENANT), map("demo-{}".format, count())
    base: dict[str, Any] = {
        "pool_id": POOL,
        "evidence_hash": PAPERS,
        "rule_version": SCHEME,
        "on": on,
    }
    try:
        for one in _story():
            actor = f"demo {one['route']} {one.get('state', '')}".strip()
            books.post(Request(key=next(keys), actor=actor, **base, **one), now())
    finally:
        books.close()


def _story() -> Iterator[dict[str, Any]]:
    """Money in, and four claims that came to different ends."""
    yield {"route": "open", "detail": {"caps": CAPS, "notice_days": 0}}
    yield {"route": "deposit", "amounts": DEPOSITS}
    for number, steps_n in enumerate((1, 3, 4, 6)):
        fen = {"city": (6 + number) * 100_000 * FEN, "province": (4 + number) * 100_000 * FEN}
        who = {
            "firm_id": f"demo firm {number}",
            "bank_id": "demo bank",
            "loan_id": f"loan {number}",
        }
        yield _step("file", "filed", number) | {"detail": who}
        for route, state in STEPS[:steps_n]:
            step = _step(route, state, number)
            yield step | {"amounts": fen} if route in ("reserve", "pay") else step


def _step(route: str, state: str, number: int) -> dict[str, Any]:
    kinds = [m.kind for m in (FILING, *MOVES) if (m.route, m.after) == (route, state) and m.kind]
    papers = dict.fromkeys(kinds[0].evidence, PAPERS)
    return {
        "route": route,
        "state": state,
        "claim_id": f"demo-claim-{number}",
        "role": kinds[0].role,
        "evidence": papers,
    }
