"""An entry of the books and its fingerprint, which covers the entry before."""

import hashlib
import json
from datetime import UTC, date, datetime
from typing import NamedTuple

FIRST = "0" * 64
"""What the first entry of a pool holds in place of a hash."""


class Entry(NamedTuple):
    """One entry, in the order of the columns of the table `entry`."""

    pool_id: str
    entry_n: int
    tenant: str
    request_key: str
    fingerprint: str
    route: str
    source: str | None
    target: str | None
    parties: list[str]
    amounts_fen: list[int]
    claim_id: str | None
    state: str | None
    actor: str
    evidence_hash: str
    rule_version: str
    happened_on: date
    recorded_at: datetime
    detail: str
    previous_hash: str
    entry_hash: str


COLUMNS = ", ".join(Entry._fields)


def hash_entry(entry: Entry) -> str:
    """SHA-256 of an entry and of the hash before it, worked out apart from the database.

    Args:
        entry: The entry; its own `entry_hash` is not looked at.

    Source:
        Hash chain: Haber and Stornetta 1991, How to time-stamp a digital document, Journal of
        Cryptology 3.
    """
    moment = entry.recorded_at.astimezone(UTC).replace(tzinfo=None)
    parts = [
        entry.previous_hash,
        entry.pool_id,
        str(entry.entry_n),
        *entry[2:8],
        _packed(entry.parties),
        _packed(entry.amounts_fen),
        *entry[10:15],
        entry.happened_on.isoformat(),
        moment.isoformat(timespec="microseconds"),
        entry.detail,
    ]
    return hashlib.sha256(_packed(parts).encode()).hexdigest()


def _packed(values: object) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))
