"""Pools: what the ledger holds, whether it could be proved, and whether the purse lasts."""

import tempfile
from collections.abc import Iterator
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import polars as pl

from techflow.flow.solvency_book import Run as Draws
from techflow_service.clock import now
from techflow_service.ledger import MOVES, Books, Request, balances, verify
from techflow_service.ledger.claims import FILING
from techflow_service.platform.models import Organisation, Run
from techflow_service.platform.studies.storing import has, keep
from techflow_service.schemes import SCHEMES, settled_scheme
from techflow_service.solvency.running import Asked, simulate_file

SCHEME, LGD, LOAN_CNY_MAX = "designed-layers", 0.40, 10_000_000.0
DRAWS = Draws(3, 2_000, 7)
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


def tenant_of(org: Organisation) -> str:
    """The tenant under which an organisation keeps books in the ledger."""
    return f"org-{org.pk}"


def study_pools(owner_url: str, as_of: date) -> None:
    """Keep what the ledger holds of the pools of each platform's operator, replayed and compared.

    Args:
        owner_url: The database as its owner.
        as_of: Day of the figures beside it.
    """
    for org in Organisation.objects.using("owner").filter(kind="platform"):
        books = Books.open(owner_url, tenant=tenant_of(org))
        try:
            for proof in verify(books.connection, tenant=books.tenant):
                body = balances(books.connection, books.tenant, proof.pool_id)
                claims = books.connection.execute(
                    "SELECT state, count(*) FROM claim WHERE pool_id = %s GROUP BY 1 ORDER BY 1",
                    [proof.pool_id],
                ).fetchall()
                limits = books.connection.execute(
                    "SELECT scope, limit_fen FROM cap WHERE pool_id = %s ORDER BY 1",
                    [proof.pool_id],
                ).fetchall()
                body |= {"faults_n": len(proof.faults), "proved_at": now().isoformat()}
                body |= {"claims": dict(claims), "limits": dict(limits)}
                keep("pool", proof.pool_id, as_of, body, org)
        finally:
            books.close()


def open_demo_pool(owner_url: str, on: date) -> None:
    """A pool of the demo's operator with money and caps; once.

    Args:
        owner_url: The database as its owner.
        on: Day of the deposits.
    """
    org = Organisation.objects.using("owner").filter(kind="platform").first()
    if org is None:
        return
    books, keys = Books.open(owner_url, tenant=tenant_of(org)), map("demo-{}".format, count())
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


def study_solvency(folder: Path, run: Run) -> None:
    """Keep whether a pool over the limits of a run would last, once a day.

    Args:
        folder: Folder of `techflow assess`.
        run: The run.
    """
    if has("solvency", run.as_of):
        return
    assessed = pl.read_parquet(folder / "assessment.parquet")
    scheme = settled_scheme(SCHEMES, SCHEME, run.as_of)
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "book.parquet"
        lay_book(assessed).write_parquet(path)
        told, _ = simulate_file(path, scheme, Asked(run.as_of, DRAWS, renew=True, given={}))
    told.pop("firms")
    keep("solvency", SCHEME, run.as_of, told)


def lay_book(assessed: pl.DataFrame) -> pl.DataFrame:
    """A loan of its limit for each firm with a limit and a PD, one bank, none a first loan.

    Args:
        assessed: The assessment.
    """
    return assessed.filter(
        pl.col("currency") == "CNY", pl.col("limit_lcy") > 0, pl.col("pd").is_not_null()
    ).select(
        "firm_id",
        "pd",
        "sector",
        lgd=pl.lit(LGD),
        loan_cny=pl.min_horizontal("limit_lcy", pl.lit(LOAN_CNY_MAX)),
        first_loan=pl.lit(value=False),
        region="region_code",
        bank_id=pl.lit("bank"),
    )
