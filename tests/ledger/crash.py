"""SIGKILL of writers and of their server, again and again, and a count of what went wrong.

Only processes started here are killed, by their ids: the writers, and the server of the folder.
"""

import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psutil
from tests.ledger.writer import AT, BASE, TENANT, THREADS, requests

from techflow_service.ledger import Books, Request, verify
from techflow_service.ledger.embedded import start_server

WRITER = Path(__file__).with_name("writer.py")
WRITERS, START_SECONDS, WORK_SECONDS = 2, 300.0, 0.4
CAPS = {"firm": 500_000, "pool": 2_000_000}


def open_pool(url):
    books = Books.open(url, tenant=TENANT)
    terms = {"caps": CAPS, "notice_days": 0}
    books.post(Request(key="open", actor="opener", route="open", detail=terms, **BASE), AT)
    books.post(
        Request(key="first", actor="opener", route="deposit", amounts={"fund": 2_000}, **BASE), AT
    )
    books.close()


def kill_server(folder):
    """SIGKILL to the postmaster and then to each of its children."""
    postmaster = psutil.Process(int((folder / "postmaster.pid").read_text().split()[0]))
    family = [postmaster, *postmaster.children(recursive=True)]
    for process in family:
        if process.is_running():
            process.kill()
    psutil.wait_procs(family, timeout=10)


def kept_n(logs):
    return sum(log.read_text("utf8").count("kept ") for log in logs if log.exists())


def wait_for_more(logs, before, what):
    deadline = time.monotonic() + START_SECONDS
    while kept_n(logs) <= before:
        assert time.monotonic() < deadline, f"nothing was posted {what}"
        time.sleep(0.01)


def crash_once(folder, logs, name, draw, server_too):
    """One cycle: writers start; the server dies under them or not; then they die."""
    url = start_server(folder)
    mine = [logs / f"{name}-{n}.log" for n in range(WRITERS)]
    writers = [
        subprocess.Popen([sys.executable, str(WRITER), url, str(log), log.stem]) for log in mine
    ]
    try:
        for log in mine:
            wait_for_more([log], THREADS, "by a new writer")
        time.sleep(draw.uniform(0, WORK_SECONDS))
        if server_too:
            kill_server(folder)
            before = kept_n(mine)
            start_server(folder)
            wait_for_more(mine, before, "after the server came back")
            time.sleep(draw.uniform(0, WORK_SECONDS / 2))
        assert all(writer.poll() is None for writer in writers), "a writer ended by itself"
    finally:
        for writer in writers:
            writer.kill()
        for writer in writers:
            writer.wait()


def read_logs(logs):
    asked, kept = set(), {}
    for log in logs.glob("*.log"):
        for line in log.read_text("utf8").splitlines():
            word, key, *rest = line.split()
            asked.add(key) if word == "asked" else None
            if word == "kept" and rest and len(rest[0]) == 64:
                kept[key] = rest[0]
    return asked, kept


def count_wrongs(url, logs):
    """What the logs and the books say of each other; every count should be 0."""
    asked, kept = read_logs(logs)
    books = Books(url, TENANT)
    rows = books.connection.execute("SELECT request_key, entry_hash FROM entry").fetchall()
    found = dict(rows)
    (proof,) = verify(books.connection, tenant=TENANT)
    low = books.connection.execute(
        "SELECT coalesce(sum(-balance_fen), 0)::bigint FROM account "
        "WHERE kind <> 'capital' AND balance_fen < 0"
    ).fetchone()[0]
    books.close()
    return {
        "lost": sum(found.get(key) != entry_hash for key, entry_hash in kept.items()),
        "doubled": sum(times - 1 for times in Counter(key for key, _ in rows).values()),
        "ghosts": len(set(found) - asked - {"open", "first"}),
        "faults": len(proof.faults),
        "overdrawn_fen": low,
    }, {"kept": len(kept), "asked": len(asked), "entries": proof.entries_n}


def resend_open_ends(url, logs):
    """What was asked and never answered is asked again: kept once, and only once."""
    asked, kept = read_logs(logs)
    answered = {
        line.split()[1]
        for log in logs.glob("*.log")
        for line in log.read_text("utf8").splitlines()
        if line.startswith("refused ")
    }
    books, again = Books(url, TENANT), 0
    for key in sorted(asked - set(kept) - answered):
        name = key.rsplit("-", 2)[0]
        request = next(each for _, each in requests(name) if each.key == key)
        before = books.connection.execute(
            "SELECT entry_hash FROM entry WHERE request_key = %s", [key]
        ).fetchone()
        try:
            entry = books.post(request, AT)
        except ValueError:
            assert before is None, f"{key} was kept, and is refused now"
            continue
        assert before is None or before[0] == entry.entry_hash
        again += before is not None
    books.close()
    return again


def kill_cycles(folder, logs, cycles, seed):
    """The whole torture; returns the counts of wrongs, and how much was done."""
    draw = random.Random(seed)
    open_pool(start_server(folder))
    totals = Counter()
    for cycle in range(cycles):
        crash_once(folder, logs, f"c{cycle}", draw, server_too=cycle % 2 == 0)
        if cycle % 10 == 4 or cycle == cycles - 1:
            wrongs, done = count_wrongs(start_server(folder), logs)
            totals.update(wrongs)
            assert done["kept"] > cycle
    kept_unknown = resend_open_ends(start_server(folder), logs)
    wrongs, done = count_wrongs(start_server(folder), logs)
    totals.update(wrongs)
    return {name: totals[name] for name in wrongs}, done | {"kept_unanswered": kept_unknown}
