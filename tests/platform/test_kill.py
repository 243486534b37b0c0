"""Kill -9 of web, worker and database in turn under load: what was answered was kept.

The oracle is the database itself, read as its owner after the last kill: each page that was
answered has its reading, each job that was accepted ends, and a book ordered often is there once.
"""

import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import psycopg
import pytest

from techflow_service.ledger.embedded import find_server, stop_server

WAIT_SECONDS = 240


@pytest.fixture
def served(write_run):
    """A platform of its own with one bank, one officer and firms that agreed."""
    home = Path(tempfile.mkdtemp(prefix="tfk"))
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    program = [sys.executable, "-m", "tests.platform.killed", str(home), str(port)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as server:
        try:
            cookie = server.stdout.readline().strip()
            assert cookie
            write_run(home / "run")
            url = find_server(home / "db")
            until(lambda: ask(port, "/health") == 200)
            yield server, home, url, port, cookie
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


def ask(port, address, cookie=""):
    """Status of a page; 0 if there was no whole answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", address, headers={"Cookie": cookie})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def children(pid):
    """Processes that a process started."""
    return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def victims(server, home):
    """Process to kill, by kind: one that answers pages, the worker, the database."""
    below = children(server.pid)
    words = {one: Path(f"/proc/{one}/cmdline").read_text() for one in below}
    web = next(one for one, text in words.items() if "granian" in text)
    served = children(web)
    return {
        "web": served[-1] if served else web,
        "worker": next(one for one, text in words.items() if "platform.jobs" in text),
        "database": int((home / "db" / "postmaster.pid").read_text().split()[0]),
    }


def cycle(place, number, answered, ordered):
    """One kill in the middle of pages and orders."""
    server, home, url, port, cookie = place
    stop = threading.Event()

    def load():
        while not stop.is_set():
            firm_id = f"test:kill-{number % 20}"
            if ask(port, f"/firms/{firm_id}", cookie) == 200:
                answered[firm_id] += 1
            time.sleep(0.2)
            try:
                with psycopg.connect(url, autocommit=True, connect_timeout=3) as connection:
                    ordered.append(connection.execute(ORDER, [str(home / "run")]).fetchone()[0])
            except psycopg.Error:
                time.sleep(0.05)

    thread = threading.Thread(target=load)
    thread.start()
    time.sleep(0.5)
    os.kill(victims(server, home)[KINDS[number % 3]], signal.SIGKILL)
    time.sleep(0.5)
    until(lambda: ask(port, f"/firms/test:kill-{number % 20}", cookie) in (200, 302))
    stop.set()
    thread.join()


KINDS = ("web", "worker", "database")
ORDER = """
INSERT INTO procrastinate_jobs (queue_name, task_name, args)
VALUES ('owner', 'load', jsonb_build_object('folder', %s::text)) RETURNING id
"""


@pytest.mark.parametrize(
    "cycles", [3, pytest.param(50, marks=pytest.mark.soak)], ids=["three", "fifty"]
)
def test_what_was_answered_outlives_kills(served, cycles):
    answered, ordered = Counter(), []
    for number in range(cycles):
        cycle(served, number, answered, ordered)
    assert answered and ordered
    with psycopg.connect(served[2]) as connection:
        until(lambda: ended(connection, ordered) == len(ordered))
        kept = dict(
            connection.execute(
                "SELECT firm_id, count(*) FROM platform_reading WHERE 'identity' = ANY (parts)"
                " GROUP BY 1"
            ).fetchall()
        )
        loaded = connection.execute(
            "SELECT count(*) FROM platform_run WHERE as_of = '2001-01-31'"
        ).fetchone()
    assert not {one: n for one, n in answered.items() if kept.get(one, 0) < n}
    assert loaded == (1,)


def ended(connection, ordered):
    """How many of the accepted jobs are done; all must be there."""
    states = connection.execute(
        "SELECT status::text, count(*) FROM procrastinate_jobs WHERE id = ANY(%s) GROUP BY 1",
        [ordered],
    ).fetchall()
    connection.rollback()
    assert sum(number for _, number in states) == len(ordered)
    assert not {state for state, _ in states} & {"failed", "cancelled", "aborted"}
    return dict(states).get("succeeded", 0)
