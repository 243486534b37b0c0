"""Posts to a pool for ever and logs what it asked and what was answered: a victim of crash tests.

Run: python writer.py URL LOG NAME. Each of two threads takes claims of its own through their life;
all draw on one pool. The threads of a writer with an even name share a desk, others do not. Each
line of the log is `asked KEY`, `kept KEY HASH` or `refused KEY CODE`.
"""

import itertools
import random
import sys
import threading
from datetime import UTC, date, datetime

from techflow_service.ledger import MOVES, Books, Desk, Refused, Request
from techflow_service.ledger.claims import FILING

TENANT, POOL, THREADS = "main", "pool", 2
TRIES_MAX = 1_000
"""It never gives up: on a busy machine a server takes its time to come back."""
AT = datetime(2026, 6, 30, tzinfo=UTC)
BASE = {
    "pool_id": POOL,
    "evidence_hash": "ab" * 32,
    "rule_version": "v1",
    "on": date(2026, 6, 30),
}


def papers(route, state):
    """Role and all the evidence for the moves that a request may be; nothing without a claim."""
    kinds = [
        move.kind
        for move in (FILING, *MOVES)
        if (move.after, move.route) == (state, route) and move.kind
    ]
    wanted = {kind: "cd" * 32 for each in kinds for kind in each.evidence}
    return {"role": kinds[0].role, "evidence": wanted} if kinds else {}


def life(name, draw):
    """One claim: its requests in order, without their keys."""
    fen, part = draw.randint(2, 900), draw.random()
    paid = max(1, int(fen * part))
    who = {"firm_id": f"firm {draw.randint(1, 5)}", "bank_id": "bank", "loan_id": name}
    claim = {"claim_id": name}
    yield {"route": "deposit", "amounts": {"fund": draw.randint(1, 300)}}
    yield {"route": "file", "state": "filed", "detail": who, **claim}
    for state in ("admitted", "non_performing", "claimed"):
        yield {"route": "move", "state": state, **claim}
    yield {"route": "reserve", "state": "reviewed", "amounts": {"fund": fen}, **claim}
    if draw.random() < 0.2:
        yield {"route": "release", "state": "refused", "amounts": {"fund": fen}, **claim}
        return
    yield {"route": "move", "state": "publicised", **claim}
    yield {"route": "pay", "state": "paid", "amounts": {"fund": paid}, **claim}
    if paid < fen:
        yield {"route": "release", "state": "paid", "amounts": {"fund": fen - paid}, **claim}
    yield {
        "route": "recover",
        "state": "recovered",
        "amounts": {"fund": max(1, paid // 3)},
        **claim,
    }


def requests(name):
    """All requests of a writer, each with its key: the same for the same name."""
    draw = random.Random(name)
    for claim_n in itertools.count():
        claim = f"{name}-{claim_n}"
        for step, asked in enumerate(life(claim, draw)):
            asked |= papers(asked["route"], asked.get("state"))
            yield (
                claim,
                Request(key=f"{claim}-{step}", actor=f"{asked['route']} writer", **BASE, **asked),
            )


def write(books, log, name):
    lost_claims = set()
    for claim, request in requests(name):
        if claim in lost_claims:
            continue
        log.write(f"asked {request.key}\n")
        try:
            entry = books.post_surely(request, AT, TRIES_MAX)
            log.write(f"kept {request.key} {entry.entry_hash}\n")
        except Refused as refused:
            log.write(f"refused {request.key} {refused.code}\n")
            lost_claims.add(claim)


def main(url, path, name):
    books = [Books(url, TENANT) for _ in range(THREADS)]
    if int(name[-1]) % 2 == 0:
        books = [Desk(url, TENANT)] * THREADS
    with open(path, "a", buffering=1, encoding="utf8") as log:
        threads = [
            threading.Thread(target=write, args=(own, log, f"{name}.{n}"))
            for n, own in enumerate(books)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
