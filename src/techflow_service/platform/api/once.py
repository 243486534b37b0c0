"""Writes under an idempotency key: the same request twice is done once and answered alike."""

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models.functions import Now
from django.http import HttpResponse

from techflow_service.platform.models import Answered
from techflow_service.platform.pages import failures

HEADER = "Idempotency-Key"
KEY_PATTERN, KEY_CHARACTERS_MAX = "^[!-~]+$", 255
KEPT = timedelta(hours=24)
REPLAYED = "Idempotent-Replayed"


def once(request: Any, act: Callable[[], HttpResponse]) -> HttpResponse:
    """Do a write once for a key, and answer its repetition with the same bytes.

    The answer is kept in the transaction of the write: both stand or neither. A refused write is
    not kept, so its key may be used again.

    Args:
        request: The request, of a member.
        act: What answers it.
    """
    key = request.headers.get(HEADER, "")
    if len(key) > KEY_CHARACTERS_MAX or not re.fullmatch(KEY_PATTERN, key):
        return failures.fail(request, 400, "idempotency_key")
    member = request.membership
    if not _taken(f"{member.pk}:{key}"):
        response = failures.fail(request, 409, "still_running")
        response.headers["Retry-After"] = "1"
        return response
    mine, fingerprint = Answered.objects.filter(membership_id=member.pk), fingerprint_of(request)
    mine.filter(made_at__lt=Now() - KEPT).delete()
    kept = mine.filter(key=key).first()
    if kept:
        same = kept.fingerprint == fingerprint
        return _again(kept) if same else failures.fail(request, 422, "other_request")
    response = act()
    if response.status_code < 400:
        Answered.objects.create(
            person_id=member.person_id,
            membership_id=member.pk,
            key=key,
            fingerprint=fingerprint,
            status=response.status_code,
            content_type=response.headers["Content-Type"],
            body=response.content,
        )
    return response


def fingerprint_of(request: Any) -> str:
    """SHA-256 of method, address and content; of a form its fields and files, not its boundary."""
    told = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if request.content_type == "multipart/form-data":
        for name, values in sorted(request.POST.lists()):
            told.update(repr((name, values)).encode("utf8", "replace"))
        for name, file in sorted(request.FILES.items()):
            told.update(repr((name, file.name, file.size)).encode("utf8", "replace"))
            for chunk in file.chunks():
                told.update(chunk)
            file.seek(0)
    else:
        told.update(request.body)
    return told.hexdigest()


def _taken(name: str) -> bool:
    """Whether this transaction now holds the key; another that holds it still runs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        return bool(cursor.fetchone()[0])


def _again(kept: Answered) -> HttpResponse:
    response = HttpResponse(bytes(kept.body), status=kept.status, content_type=kept.content_type)
    response.headers[REPLAYED] = "true"
    return response
