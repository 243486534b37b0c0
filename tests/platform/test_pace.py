"""The pace of a caller is one for all web processes: each thread has a connection of its own."""

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

MOST, CALLS_N = 20, 15
ASK = "SELECT seconds_to_wait(%s, %s)"


def count(web_url, who, most=MOST, calls_n=CALLS_N):
    with psycopg.connect(web_url, autocommit=True) as connection:
        told = [connection.execute(ASK, [who, most]).fetchone() for _ in range(calls_n)]
        return [one for (one,) in told]


@pytest.fixture
def early():
    """No minute ends while the test counts."""
    if time.time() % 60 > 45:
        time.sleep(60.5 - time.time() % 60)


@pytest.mark.usefixtures("early")
def test_processes_count_together(web_url):
    with ThreadPoolExecutor(4) as pool:
        told = [one for part in pool.map(lambda _: count(web_url, "one"), range(4)) for one in part]
    assert told.count(0) == MOST
    assert all(0 <= one <= 60 for one in told)
    assert count(web_url, "another", calls_n=1) == [0]


@pytest.mark.usefixtures("early")
def test_a_call_that_is_refused_counts_and_a_minute_ends(world, web_url, owner_url):
    client = world.client(world.member("credit_officer"))
    caller = [f"person:{client.session['_auth_user_id']}"]
    for _ in range(3):
        assert client.get("/api/v1/firms?strange=1").status_code == 422
    with psycopg.connect(owner_url, autocommit=True) as connection:
        asked = "SELECT n FROM platform_pace WHERE caller = %s"
        assert connection.execute(asked, caller).fetchone() == (3,)
        connection.execute("UPDATE platform_pace SET n = 10000 WHERE caller = %s", caller)
        told = client.get("/api/v1/firms")
        assert told.status_code == 429 and 0 < int(told["Retry-After"]) <= 60
        connection.execute("UPDATE platform_pace SET minute = minute - 1")
        assert client.get("/api/v1/firms").status_code == 200
    with psycopg.connect(web_url) as connection:
        assert connection.execute("SELECT count(*) FROM platform_pace").fetchone() == (0,)
