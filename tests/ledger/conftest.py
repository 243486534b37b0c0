"""A PostgreSQL of our own for the tests of the books, and a fresh pool for each."""

import itertools
import shutil
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from tests.ledger.writer import papers

from techflow_service.ledger import Books, Request, verify
from techflow_service.ledger.embedded import start_server, stop_server

AT = datetime(2026, 6, 30, 9, tzinfo=UTC)
DAY = date(2026, 6, 30)
PAPERS = "ab" * 32
CAPS = {"pool": 10_000, "year": 9_000, "firm": 5_000, "bank": 8_000, "loan": 4_000, "claim": 4_000}
STEPS = (("move", "admitted"), ("move", "non_performing"), ("move", "claimed"))
NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def server():
    """Its URL. The folder is not pytest's: the system user of the server must get through it."""
    folder = Path(tempfile.mkdtemp(prefix="tfdb"))
    try:
        yield start_server(folder)
    finally:
        stop_server(folder)
        shutil.rmtree(folder)


def due(fen, loan, since="2026-01-01", until="2027-01-01"):
    """Detail of an amount that is due once, all of its base."""
    who = {"firm_id": f"firm of {loan}", "bank_id": "bank1", "loan_id": loan, "name": "entry fee"}
    rate = {"base_fen": fen, "rate_share": "1", "per": "once", "year_days": 365}
    return who | rate | {"start": since, "since": since, "until": until}


class Till:
    """One fresh pool of one tenant, with short words for what tests do to it."""

    def __init__(self, url, tenant=None):
        number = next(NUMBERS)
        self.url, self.pool_id, self.tenant = url, f"pool{number}", tenant or f"tenant{number}"
        self.books = Books.open(url, tenant=self.tenant)
        self.keys = map(f"{self.pool_id} key{{}}".format, itertools.count())

    def request(self, route, **fields):
        base = {
            "actor": f"{route} officer",
            "evidence_hash": PAPERS,
            "rule_version": "v1",
            "on": DAY,
        }
        base |= {"key": fields.get("key") or next(self.keys), "pool_id": self.pool_id}
        base |= papers(route, fields.get("state"))
        return Request(route=route, **base | fields)

    def post(self, route, **fields):
        return self.books.post(self.request(route, **fields), AT)

    def open(self, caps=CAPS, notice_days=0, **deposits):
        self.post("open", detail={"caps": caps, "notice_days": notice_days})
        if deposits:
            self.post("deposit", amounts=deposits)

    def file(self, claim_id, firm="firm1", bank="bank1", loan=None, until=3):
        who = {"firm_id": firm, "bank_id": bank, "loan_id": loan or f"loan of {claim_id}"}
        self.post("file", claim_id=claim_id, state="filed", detail=who)
        for route, state in STEPS[:until]:
            self.post(route, claim_id=claim_id, state=state)

    def fen(self, kind, party="fund"):
        query = (
            "SELECT coalesce(sum(balance_fen), 0)::bigint FROM account "
            "WHERE pool_id = %s AND kind = %s AND party = %s"
        )
        return self.books.connection.execute(query, [self.pool_id, kind, party]).fetchone()[0]

    def proof(self, **how):
        (proof,) = verify(self.books.connection, tenant=self.tenant, pools=[self.pool_id], **how)
        return proof

    def sql(self, text, *values):
        return self.books.connection.execute(text, values)


@pytest.fixture
def till(server):
    """A pool that is not open yet."""
    made = Till(server)
    yield made
    made.books.close()
