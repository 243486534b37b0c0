"""What goes to the server and comes back: requests and entries as JSON."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from techflow_service.ledger.chain import Entry
from techflow_service.ledger.claims import Move, terms_of
from techflow_service.ledger.request import Request

Ask = tuple[Request, datetime]
"""A request and the moment it came, with zone."""


def pack_asks(tenant: str, moves: Iterable[Move], asks: Iterable[Ask]) -> str:
    """Requests as the procedure `post_and_settle` takes them.

    Args:
        tenant: Whose pools and keys.
        moves: Moves of a claim that are allowed.
        asks: The requests.
    """
    table = tuple(moves)
    told = [_told(tenant, table, request, at) for request, at in asks]
    return json.dumps(told, ensure_ascii=False)


def _told(tenant: str, moves: tuple[Move, ...], request: Request, at: datetime) -> dict[str, Any]:
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


def read_entry(tenant: str, request: Request, told: list[Any]) -> Entry:
    """The entry of a request.

    Args:
        tenant: Whose pool.
        request: The request. The same fingerprint is the same content, but for the order of the
            parties and the time: only these are told, with what the server added.
        told: What `post_and_settle` told of it.
    """
    n, source, target, parties, fen, recorded, before, own = told
    return Entry(
        request.pool_id,
        n,
        tenant,
        request.key,
        request.fingerprint(),
        request.route,
        source,
        target,
        parties,
        fen,
        request.claim_id,
        request.state,
        request.actor,
        request.evidence_hash,
        request.rule_version,
        request.on,
        datetime.fromisoformat(recorded),
        request.detail_text(),
        before,
        own,
    )
