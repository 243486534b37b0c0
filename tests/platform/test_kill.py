"""Kill -9 of web, worker and database in turn under load: what was answered was kept.

The oracle is what people remember of the answers they got (`writers`), held against the database,
read as its owner after the last kill: each page that was answered has its reading; each consent
that was granted or revoked is there once, with its trail, and one holds; each loan has just the
steps that were answered, from application to claim, and the pool's books have them once and prove
right; each file that was taken is scored; a book ordered often is there once.
"""

import gzip
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest
from tests.platform.killed import HASH, POOL
from tests.platform.writers import WAIT_SECONDS, Site, Unknown, crew

from techflow_service.ledger import Books, Request, verify
from techflow_service.ledger.embedded import find_server, stop_server
from techflow_service.platform.processes import CALM_SECONDS

CHINA = ZoneInfo("Asia/Shanghai")
KINDS = ("web", "worker", "database")
TELL_BOOKS = """
INSERT INTO procrastinate_jobs (queue_name, task_name, args)
VALUES ('checks', 'lending_books', '{"timestamp": 0}') RETURNING id
"""


@pytest.fixture
def served(write_run):
    """A platform of its own with its people."""
    home = Path(tempfile.mkdtemp(prefix="tfk"))
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    program = [sys.executable, "-m", "tests.platform.killed", str(home), str(port)]
    with subprocess.Popen(program) as server:
        try:
            until(lambda: (home / "cast.json").exists() or server.poll() is not None)
            cast = json.loads((home / "cast.json").read_text())
            write_run(home / "run")
            url = find_server(home / "db")
            until(lambda: answers(Site(port), "/health"))
            yield server, (home, url, port), cast
        finally:
            server.terminate()
            server.wait()
            stop_server(home / "db")


def until(holds):
    """Wait for something, with an end."""
    end = time.monotonic() + WAIT_SECONDS
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


def answers(site, address):
    try:
        return site.get(address)[0] == 200
    except Unknown:
        return False


def children(pid):
    """Processes that a process started."""
    return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def victim(kind, server, home):
    """Process to kill: one that answers pages, the worker, or the database."""
    if kind == "database":
        return int((home / "db" / "postmaster.pid").read_text().split()[0])
    words = {one: Path(f"/proc/{one}/cmdline").read_text() for one in children(server.pid)}
    name = "granian" if kind == "web" else "platform.jobs"
    found = next((one for one, text in words.items() if name in text), None)
    return (children(found) or [found])[-1] if found and kind == "web" else found


def kill(number, server, home, people):
    """One kill in the middle of work; then everyone gets on."""
    # `serve` gives up what dies quickly eight times in a row: a rest makes the next the first.
    time.sleep(CALM_SECONDS + 1 if number % 9 == 8 else 0.5)
    while not (pid := victim(KINDS[number % 3], server, home)):
        time.sleep(0.1)  # it was killed before and is not yet back
    os.kill(pid, signal.SIGKILL)
    before = {name: one.kept_n for name, one in people.items()}
    time.sleep(0.5)
    until(lambda: all(one.error or one.kept_n > before[name] for name, one in people.items()))


@pytest.mark.parametrize(
    "cycles", [3, pytest.param(50, marks=pytest.mark.soak)], ids=["three", "fifty"]
)
def test_what_was_answered_outlives_kills(served, cycles):
    server, place, cast = served
    people, stop = crew(stop := threading.Event(), place, cast), stop
    for one in people.values():
        one.start()
    try:
        for number in range(cycles):
            kill(number, server, place[0], people)
    finally:
        stop.set()
    for one in people.values():
        one.join()
    assert [one.error for one in people.values() if one.error] == []
    assert all(one.kept_n for one in people.values())
    with psycopg.connect(place[1], autocommit=True) as owner:
        jobs_are_done(owner, people)
        readings_are_there(owner, people["reads"])
        for n in range(2):
            consents_are_there(owner, f"test:grants-{n}", people[f"grants-{n}"].sent)
        loans_are_there(owner, people["lends"].made)
        books_are_right(owner, place[1])


def jobs_are_done(owner, people):
    """Every accepted job ended well: the loading of one book, and each file, scored once."""
    orders, files = people["orders"].jobs, people["scores"].jobs
    until(lambda: done(owner, orders) == len(orders))
    rows = owner.execute("SELECT count(*) FROM platform_run WHERE as_of = '2001-01-31'").fetchone()
    assert rows == (1,)
    waiting = "SELECT count(*) FROM platform_filejob WHERE state IN ('waiting', 'running')"
    until(lambda: owner.execute(waiting).fetchone() == (0,))
    rows = owner.execute("SELECT id::text, state, result FROM platform_filejob").fetchall()
    scored = {job: gzip.decompress(result).decode().split("\n")[1] for job, _, result in rows}
    assert {job: state for job, state, _ in rows} == dict.fromkeys(files, "done")
    assert all(scored[job].startswith(firm_id + ",") for job, firm_id in files.items())


def done(owner, jobs):
    """How many of the accepted jobs are done; all must be there."""
    states = dict(
        owner.execute(
            "SELECT status::text, count(*) FROM procrastinate_jobs WHERE id = ANY(%s) GROUP BY 1",
            [jobs],
        ).fetchall()
    )
    assert sum(states.values()) == len(jobs)
    assert not states.keys() & {"failed", "cancelled", "aborted"}
    return states.get("succeeded", 0)


def readings_are_there(owner, reads):
    kept = dict(
        owner.execute(
            "SELECT firm_id, count(*) FROM platform_reading "
            "WHERE 'identity' = ANY (parts) GROUP BY 1"
        ).fetchall()
    )
    assert not {one: n for one, n in reads.answered.items() if kept.get(one, 0) < n}


def consents_are_there(owner, firm_id, sent):
    """Once what was answered, at most once what was not; one holds; each change has its trail."""
    rows = owner.execute(
        "SELECT one.id, (until_at AT TIME ZONE 'Asia/Shanghai')::date - 1, parts, revoked_at, "
        "(SELECT array_agg(pgh_label::text ORDER BY pgh_id) FROM platform_consentevent "
        "WHERE pgh_obj_id = one.id AND pgh_context_id IS NOT NULL) FROM platform_consent one "
        "JOIN platform_person person ON person.id = granted_by_id WHERE firm_id = %s",
        [firm_id],
    ).fetchall()
    places = [(until_on, tuple(parts)) for _, until_on, parts, *_ in rows]
    assert len(set(places)) == len(places)
    grants = {what: kept for move, what, kept in sent if move == "grant"}
    assert set(places) <= set(grants)
    assert {one for one, kept in grants.items() if kept} <= set(places)
    for number, *_, revoked_at, trail in rows:
        assert trail == ["insert"] + ["update"] * bool(revoked_at), number
    live = [row[0] for row in rows if row[3] is None]
    numbers = {place: row[0] for place, row in zip(places, rows, strict=True)}
    assert len(live) <= 1
    assert (live or [None])[0] in may_hold(sent, numbers)


def may_hold(sent, numbers):
    """Which consent may hold after all this; None for none."""
    held = {None}
    for move, what, kept in sent:
        now = None if move == "revoke" else numbers.get(what)
        held = {now} if kept else held | ({now} if move == "revoke" or now else set())
    return held


def loans_are_there(owner, made):
    """Just the steps that were answered, and each with what it brings about."""
    steps = {}
    for number, n, move, token in owner.execute(
        "SELECT application_id, n, move, token FROM platform_loanstep ORDER BY 1, 2"
    ):
        steps.setdefault(number, []).append((move, token))
        assert n == len(steps[number])
    assert steps == made
    assert {one[-1][0] for one in made.values()} == {"claim"}
    for words, wanted in (
        ("id, amount_cny FROM platform_loanapplication", 1_000_000),
        ("application_id, amount_fen FROM platform_loan", 100_000_000),
        ("application_id, r.amount_fen FROM platform_loanrepayment r JOIN platform_loan l "
         "ON l.id = loan_id", 123_456),
    ):  # fmt: skip
        rows = owner.execute(f"SELECT {words}").fetchall()
        assert sorted(rows) == [(number, wanted) for number in sorted(made)]
    rows = owner.execute("SELECT request->>'claim_id', request->>'state' FROM platform_loanposting")
    told = [(f"loan-{n}", state) for n in made for state in ("filed", "non_performing", "claimed")]
    assert sorted(rows) == sorted(told)


def books_are_right(owner, url):
    """Every filing, default and claim is in the books once, and they prove."""
    tell_books(owner)
    loans = [row[0] for row in owner.execute("SELECT 'loan-' || application_id FROM platform_loan")]
    books, at = Books.open(url, tenant="main"), datetime.now(UTC)
    for claim_id in loans:  # as the pool's administrator does
        request = Request(
            f"admit-{claim_id}", route="move", actor="admin", claim_id=claim_id, state="admitted",
            role="administrator", evidence={"eligibility_check": HASH}, pool_id=POOL,
            evidence_hash=HASH, rule_version="v1", on=at.astimezone(CHINA).date(),
        )  # fmt: skip
        books.post(request, at)
    tell_books(owner)
    rows = owner.execute("SELECT entry_n, refused FROM platform_loanposting ORDER BY id").fetchall()
    assert [refused for entry_n, refused in rows if entry_n is None] == []
    assert len({entry_n for entry_n, _ in rows}) == 3 * len(loans)
    (proof,) = verify(books.connection, tenant="main")
    assert (proof.faults, proof.entries_n) == ([], 1 + 4 * len(loans))
    books.close()


def tell_books(owner):
    job = owner.execute(TELL_BOOKS).fetchone()
    until(lambda: done(owner, list(job)) == 1)
