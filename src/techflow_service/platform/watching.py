"""How the platform does: a number for each request, one line of log an answer, figures to scrape.

Nothing here names a person or a firm: routes by their names and never by address, people and
organisations as keyed hashes, faults as the place in the program and never as their words.
"""

import hashlib
import hmac
import logging
import re
import time
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import JsonResponse
from prometheus_client import CollectorRegistry, Counter, Histogram

LIVE = "/health/live"
LOG = logging.getLogger("techflow.answers")
OWN = CollectorRegistry()
ANSWERS = Counter(
    "techflow_answers", "Answers by route and status.", ["route", "status"], registry=OWN
)
SECONDS = Histogram(
    "techflow_answer_seconds",
    "Time to an answer.",
    ["route"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
    registry=OWN,
)
WORDS = re.compile(r"[A-Za-z0-9-]{8,64}")


def watching(get_response: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Middleware: number, time and log every answer; answers `/health/live` without a database."""

    def answer(request: Any) -> Any:
        begun = time.perf_counter()
        told = request.headers.get("X-Request-ID", "")
        request.number = told if WORDS.fullmatch(told) else uuid.uuid4().hex
        alive = request.path == LIVE and request.method in ("GET", "HEAD")
        response = JsonResponse({"status": "ok"}) if alive else get_response(request)
        response.headers["X-Request-ID"] = request.number
        if not request.path.startswith("/assets/"):
            _note(request, response.status_code, time.perf_counter() - begun)
        return response

    return answer


def _note(request: Any, status: int, seconds: float) -> None:
    found = request.resolver_match
    route = (found.view_name if found else None) or "none"
    ANSWERS.labels(route, str(status)).inc()
    SECONDS.labels(route).observe(seconds)
    member = getattr(request, "membership", None)
    told = {
        "request": request.number,
        "route": route,
        "method": request.method if request.method in ("GET", "HEAD", "POST") else "other",
        "status": status,
        "ms": round(1000 * seconds, 1),
        "person": hashed("person", member.person_id) if member else None,
        "org": hashed("org", member.org_id) if member else None,
    }
    LOG.info("answer", extra={"told": told})


def hashed(kind: str, number: int) -> str:
    """Stands for a person or an organisation in a log; only who holds the secret can tell.

    Args:
        kind: `person` or `org`.
        number: Its key.
    """
    words = f"{kind}:{number}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), words, hashlib.sha256).hexdigest()[:16]
