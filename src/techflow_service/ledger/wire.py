"""What goes to the server and comes back: requests and entries as JSON."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from techflow_service.ledger.chain import Entry
from techflow_service.ledger.claims import Move, terms_of
from techflow_service.ledger.request import Request

Ask = tuple[Request, datetime]
"""A request and the moment it came, with zone."""


def tell_ask(tenant: str, moves: Iterable[Move], ask: Ask) -> dict[str, Any]:
    """A request as the procedure `post_and_settle` takes it, in JSON.

    Args:
        tenant: Whose pools and keys.
        moves: Moves of a claim that are allowed.
        ask: The request and its moment.
    """
    request, at = ask
    return {
        "pool_id": request.pool_id,
        "tenant": tenant,
        "request_key": request.key,
        "fingerprint": request.fingerprint(),
        "route": request.route,
        "parties": list(request.amounts),
        "amounts_fen": list(request.amounts.values()),
        "claim_id": request.claim_id,
        "state": request.state,
        "actor": request.actor,
        "evidence_hash": request.evidence_hash,
        "rule_version": request.rule_version,
        "happened_on": request.on.isoformat(),
        "recorded_at": at.isoformat(),
        "detail": request.detail_text(),
        **terms_of(moves, request)._asdict(),
    }


def read_entry(asked: dict[str, Any], told: list[Any]) -> Entry:
    """The entry of a request.

    Args:
        asked: The request, see `tell_ask`. The same fingerprint is the same content, but for the
            order of the parties and the time: only these are told, with what the server added.
        told: What `post_and_settle` told of it.
    """
    n, source, target, parties, fen, recorded, before, own = told
    added = {
        "entry_n": n,
        "source": source,
        "target": target,
        "parties": parties,
        "amounts_fen": fen,
        "happened_on": date.fromisoformat(asked["happened_on"]),
        "recorded_at": datetime.fromisoformat(recorded),
        "previous_hash": before,
        "entry_hash": own,
    }
    kept = {name: asked[name] for name in Entry._fields if name not in added}
    return Entry(**kept, **added)
