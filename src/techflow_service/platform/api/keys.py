"""Keys of the API: made, found, narrowed."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now

from techflow_service.clock import now
from techflow_service.platform.models import ApiKey, Membership

SCOPES = ("read:firms", "read:own", "write:consent", "write:lending", "bulk")
MARK = "tf_"
"""A key begins so: scanners of leaked secrets can know it."""
DAYS_MAX = 366
KEYS_MAX = 20
SCHEME = "bearer "
SHOWN_CHARACTERS = 8


class Bearer(NamedTuple):
    """Who a valid key speaks for.

    Attributes:
        key_id: Its row.
        membership: Whose it is.
        scopes: What it may do of what the membership may do.
    """

    key_id: int
    membership: Any
    scopes: frozenset[str]


def make_key(membership: Any, name: str, scopes: Iterable[str], days: int) -> str:
    """Make a key of a membership.

    Args:
        membership: Whose.
        name: What its maker calls it.
        scopes: Of `SCOPES`.
        days: Until it ends, 1 to `DAYS_MAX`.

    Returns:
        The key; it cannot be had again.
    """
    key = MARK + secrets.token_urlsafe(32)
    ApiKey.objects.create(
        person_id=membership.person_id,
        membership=membership,
        name=name,
        prefix=key[: len(MARK) + SHOWN_CHARACTERS],
        digest=digest_of(key),
        scopes=sorted(set(scopes)),
        expires_at=now() + timedelta(days=days),
    )
    return key


def digest_of(key: str) -> str:
    """What is kept of a key. It holds 256 random bits, so one plain hash is enough."""
    return hashlib.sha256(key.encode()).hexdigest()


def find_bearer(request: Any) -> Bearer | None:
    """Whom the request's key speaks for; None if it is unknown, ended or revoked."""
    told = request.headers.get("Authorization", "")
    if told[: len(SCHEME)].lower() != SCHEME:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM find_api_key(%s)", [digest_of(told[len(SCHEME) :].strip())])
        found = cursor.fetchone()
    if found is None:
        return None
    key_id, membership_id, scopes = found
    membership = Membership.objects.select_related("org", "person").get(pk=membership_id)
    return Bearer(key_id, membership, frozenset(scopes))


def note_use(bearer: Bearer) -> None:
    """Keep when a key was last used, to the minute: not every call needs a write."""
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=Now() - timedelta(minutes=1))
    ApiKey.objects.filter(stale, pk=bearer.key_id).update(last_used_at=Now())
