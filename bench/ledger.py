"""`make bench-ledger`: postings a second beside raw guarded updates, and what crashes cost.

Four threads post to one pool, each posting on the disk before it is answered and before the thread
asks for the next; the raw side runs four threads that do nothing but `UPDATE ... WHERE balance >=
amount` on one row, a connection and a transaction for each. Turns alternate; the ratio is that of
the medians. The four that post share a `Desk`, which posts those together that wait for it;
`apart_*` is the same with a connection for each. `spread_*` has a pool, or a row, and a connection
for each writer: there the raw side shares its waits for the disk, and the work of a posting shows
in full.
Then clients and server are killed with SIGKILL under writers (`TECHFLOW_CYCLES`, 5 if not set), and
64 claimants fall on a nearly empty pool. Last line: one JSON object; `lost`, `doubled` and
`overdrawn_fen` should be 0.
"""

import json
import os
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from tests.ledger.crash import kill_cycles
from tests.ledger.writer import papers

from bench.policy import say
from techflow_service.ledger import MOVES, Books, Desk, Move, Refused, Request, verify
from techflow_service.ledger.driver import connect
from techflow_service.ledger.embedded import start_server, stop_server

TENANT, AT = "bench", datetime(2026, 6, 30, tzinfo=UTC)
WRITERS, TURNS, SECONDS, CLAIMANTS = 4, 7, 2.0, 64
BASE: dict[str, Any] = {
    "actor": "bench",
    "evidence_hash": "ab" * 32,
    "rule_version": "v1",
    "on": date(2026, 6, 30),
}
# A claim can be reserved for again after a release, so that one claim is enough for a writer.
TABLE = (*MOVES, Move("reviewed", "claimed", "release"))
RAW = "UPDATE raw SET balance = balance - %s WHERE id = %s AND balance >= %s"


def together(works: list[Callable[[], int]]) -> float:
    """Works run side by side for a while; how much of them a second got done."""
    counts, gate = [0] * len(works), threading.Barrier(len(works) + 1)

    def run(place: int) -> None:
        gate.wait()
        stop = time.perf_counter() + SECONDS
        while time.perf_counter() < stop:
            counts[place] += works[place]()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(works))]
    for thread in threads:
        thread.start()
    gate.wait()
    start = time.perf_counter()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - start)


def open_claim(books: Books, pool: str, claim: str, first: bool) -> None:
    """A claim ready for its reserve."""
    base = BASE | {"pool_id": pool}
    if first:
        caps = {"caps": {"pool": 10**9, "firm": 10**9}, "notice_days": 0}
        books.post(Request(key=f"{pool} open", route="open", detail=caps, **base), AT)
        money = {"fund": 10**9}
        books.post(Request(key=f"{pool} in", route="deposit", amounts=money, **base), AT)
    who = {"firm_id": claim, "bank_id": "b", "loan_id": claim}
    for state in ("filed", "admitted", "non_performing", "claimed"):
        way = {"route": "file", "detail": who} if state == "filed" else {"route": "move"}
        way |= papers(way["route"], state)
        key = f"{pool} {claim} {state}"
        books.post(Request(key=key, claim_id=claim, state=state, **way, **base), AT)


def poster(books: Books | Desk, pool: str, claim: str, name: str = "") -> Callable[[], int]:
    """Reserves for the claim and releases, in turn: two guarded postings with caps."""
    base, turn = (
        BASE | {"pool_id": pool, "claim_id": claim, "amounts": {"fund": 100}},
        iter(range(10**9)),
    )

    shown = {"reserve": papers("reserve", "reviewed"), "release": {}}

    def work() -> int:
        n = next(turn)
        for route, state in (("reserve", "reviewed"), ("release", "claimed")):
            key = f"{name}{pool} {claim} {n} {route}"
            actor = {"actor": f"{route} officer", **shown[route]}
            books.post(Request(key=key, route=route, state=state, **base | actor), AT)
        return 2

    return work


def updater(url: str, row: int) -> Callable[[], int]:
    connection = connect(url)

    def work() -> int:
        assert connection.execute(RAW, [1, row, 1]).rowcount == 1
        return 1

    return work


def measure_speed(url: str) -> dict[str, float]:
    books = [Books.open(url, tenant=TENANT, moves=TABLE) for _ in range(WRITERS)]
    books[0].connection.execute(
        "CREATE TABLE raw (id integer PRIMARY KEY, balance bigint) WITH (fillfactor = 50)"
    )
    books[0].connection.execute("INSERT INTO raw SELECT n, 1000000000 FROM generate_series(0, 9) n")
    for n, book in enumerate(books):
        open_claim(book, f"own {n}", "c", True)
        open_claim(book, "shared", f"c{n}", n == 0)
    desk = Desk(url, TENANT, TABLE)
    sides = {
        "spread_postings": [poster(book, f"own {n}", "c") for n, book in enumerate(books)],
        "spread_raw": [updater(url, n) for n in range(WRITERS)],
        "apart_postings": [poster(book, "shared", f"c{n}", "a ") for n, book in enumerate(books)],
        "postings": [poster(desk, "shared", f"c{n}") for n in range(WRITERS)],
        "raw": [updater(url, 9) for _ in range(WRITERS)],
    }
    speeds: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(TURNS):
        for name, works in sides.items():
            speeds[name].append(together(works))
        say(", ".join(f"{name} {each[-1]:,.0f}/s" for name, each in speeds.items()))
    start = time.perf_counter()
    proofs = verify(books[0].connection, tenant=TENANT, moves=TABLE)
    seconds = time.perf_counter() - start
    assert not [fault for proof in proofs for fault in proof.faults]
    middle = {name: statistics.median(each) for name, each in speeds.items()}
    return {
        "postings_per_s": middle["postings"],
        "raw_per_s": middle["raw"],
        "ratio_to_raw": middle["postings"] / middle["raw"],
        "apart_postings_per_s": middle["apart_postings"],
        "apart_ratio_to_raw": middle["apart_postings"] / middle["raw"],
        "spread_postings_per_s": middle["spread_postings"],
        "spread_ratio_to_raw": middle["spread_postings"] / middle["spread_raw"],
        "verified_per_s": sum(proof.entries_n for proof in proofs) / seconds,
    }


def crowd(url: str) -> dict[str, int]:
    """64 claimants at once on a pool that pays nine of them."""
    base = BASE | {"pool_id": "crowd"}
    books = [Books.open(url, tenant=TENANT, moves=TABLE) for _ in range(CLAIMANTS)]
    for n in range(CLAIMANTS):
        open_claim(books[0], "crowd", f"c{n}", n == 0)
    rest = {"fund": 10**9 - 1_059}
    books[0].post(Request(key="crowd out", route="withdraw", amounts=rest, **base), AT)
    gate, kept = threading.Barrier(CLAIMANTS), []

    def claim(n: int) -> None:
        ask = {"claim_id": f"c{n}", "state": "reviewed", "amounts": {"fund": 106}}
        ask |= {"key": f"crowd {n}", "route": "reserve", "actor": "reviewer"}
        ask |= papers("reserve", "reviewed")
        gate.wait()
        try:
            kept.append(books[n].post(Request(**base | ask), AT))
        except Refused:
            return

    threads = [threading.Thread(target=claim, args=(n,)) for n in range(CLAIMANTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    free = (
        books[0]
        .connection.execute(
            "SELECT balance_fen FROM account WHERE pool_id = 'crowd' AND kind = 'available'"
        )
        .fetchall()[0][0]
    )
    (proof,) = verify(books[0].connection, tenant=TENANT, pools=["crowd"])
    for book in books:
        book.close()
    return {
        "crowd_n": CLAIMANTS,
        "crowd_kept": len(kept),
        "crowd_left_fen": free,
        "crowd_faults": len(proof.faults),
    }


def main() -> None:
    cycles = int(os.environ.get("TECHFLOW_CYCLES", "5"))
    with ExitStack() as after:
        folders = [Path(tempfile.mkdtemp(prefix="tfdb")) for _ in range(2)]
        logs = Path(after.enter_context(tempfile.TemporaryDirectory()))
        for folder in folders:
            after.callback(shutil.rmtree, folder)
            after.callback(stop_server, folder)
        url = start_server(folders[0])
        found: dict[str, Any] = measure_speed(url) | crowd(url)
        say(json.dumps(found))
        wrongs, done = kill_cycles(folders[1], logs, cycles=cycles, seed=7)
        found |= {"kill_cycles": cycles} | wrongs | {f"crash_{name}": n for name, n in done.items()}
    print(json.dumps({name: round(each, 3) for name, each in found.items()}))


if __name__ == "__main__":
    main()
