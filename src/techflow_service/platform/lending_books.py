"""Telling the books of pools what lending did: by a job of the owner, each thing once.

Web processes have no rights on the books. A move writes what is to be told in its own
transaction; the job posts it under a key of its own, so that a job killed half-way may run again.
"""

from datetime import date, datetime
from typing import Any

from techflow_service.ledger import Books, Refused, Request
from techflow_service.platform.models import LoanPosting

TENANT = "main"


def post_to_books(url: str, at: datetime, tenant: str = TENANT) -> dict[str, int]:
    """Post what the books have not been told yet, in order; of a loan nothing before what is due.

    Args:
        url: The database as its owner; the books are in it.
        at: Now.
        tenant: Whose pools.

    Returns:
        `posted_n`, `refused_n` (tried again next time) and `waiting_n` (behind one refused).
    """
    told = {"posted_n": 0, "refused_n": 0, "waiting_n": 0}
    rows = list(LoanPosting.objects.using("owner").filter(entry_n__isnull=True).order_by("pk"))
    if not rows:
        return told
    stuck: set[str] = set()
    books = Books.open(url, tenant=tenant)
    try:
        for row in rows:
            claim = row.request["claim_id"]
            outcome = "waiting_n" if claim in stuck else _post(books, row, at)
            stuck |= {claim} if outcome != "posted_n" else set()
            told[outcome] += 1
    finally:
        books.close()
    return told


def _post(books: Books, row: Any, at: datetime) -> str:
    request = Request(**row.request | {"on": date.fromisoformat(row.request["on"])})
    try:
        entry = books.post_surely(request, at)
    except Refused as error:
        row.refused = str(error)
        row.save(using="owner", update_fields=["refused"])
        return "refused_n"
    row.entry_n, row.refused = entry.entry_n, ""
    row.save(using="owner", update_fields=["entry_n", "refused"])
    return "posted_n"
