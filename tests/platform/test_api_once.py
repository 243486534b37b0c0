"""Writes under an idempotency key: eleven cases for forms and for JSON, one for each route.

`serve` puts the same function before every write, so a form and a body of JSON stand for all; that
each route replays its answer is tried on each.
"""

import itertools
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from tests.platform.api_scene import CALLERS, caller_of, request_of, set_scene
from tests.platform.callers import Caller, is_problem

KEYS = (f"key-{number}" for number in itertools.count(1))
CSV = b"firm_id,country,leverage_ratio\nkr:%d,KR,0.4\n"


class Score:
    """A file to be scored."""

    role = "credit_officer"

    def send(self, call, key, number=1, bad=False):
        card = "none" if bad else "korea-distress"
        return call.send(
            "jobs/score", {"card": card, "form": "csv", "file": ("a.csv", CSV % number)}, key
        )


class Import(Score):
    """A file to be imported."""

    role = "operator"

    def send(self, call, key, number=1, bad=False):
        table = "none" if bad else "firm"
        return call.send(
            "jobs/import", {"table": table, "form": "csv", "file": ("a.csv", CSV % number)}, key
        )


class Ask:
    """A request for consent: a body of JSON."""

    role = "operator"

    def send(self, call, key, number=1, bad=False):
        wish = {"asked": f"own:A-{number}", "parts": ["grade"]}
        wish |= {"parts": []} if bad else {}
        wish |= {"until_on": (date.today() + timedelta(days=9)).isoformat()}
        return call("POST", "requests", wish, **({} if key is None else {"Idempotency-Key": key}))


ROUTES = {"score": Score(), "import": Import(), "ask": Ask()}


@pytest.fixture(params=ROUTES)
def route(request):
    return ROUTES[request.param]


@pytest.fixture
def call(world, route):
    return Caller(world, world.member(route.role))


def test_every_write_of_the_schema_answers_its_repetition(world):
    """What an example makes is not made twice: the second answer is the first one's bytes."""
    told = world.client().get("/api/v1/openapi.json").json()["paths"]
    scene, tried = set_scene(world), 0
    calls = {name: Caller(world, scene[name]) for name in CALLERS}
    for address, methods in told.items():
        for method, one in methods.items():
            if method == "get" or "multipart/form-data" in str(one.get("requestBody")):
                continue
            call = calls[caller_of(one)]
            path, body = request_of(scene["known"], address, one)
            path, key = path.removeprefix("/api/v1/"), next(KEYS)
            first, second = (call("POST", path, body, **{"Idempotency-Key": key}) for _ in "12")
            assert first.status_code < 300, (path, first.content)
            assert (second.content, second["Idempotent-Replayed"]) == (first.content, "true"), path
            is_problem(call("POST", path, {"x": 1}, **{"Idempotency-Key": key}), 422)
            tried += 1
    assert tried == sum("post" in methods for methods in told.values()) - 2


def test_the_same_body_gets_the_same_bytes_and_is_done_once(route, call, world):
    key = next(KEYS)
    first, second = route.send(call, key), route.send(call, key)
    assert first.status_code < 300
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert (first.get("Idempotent-Replayed"), second["Idempotent-Replayed"]) == (None, "true")
    assert first["Content-Type"] == second["Content-Type"]
    other = route.send(call, next(KEYS), 2)
    assert other.content != first.content


def test_another_body_is_refused(route, call):
    key = next(KEYS)
    assert route.send(call, key).status_code < 300
    is_problem(route.send(call, key, 2), 422, "other_request")


@pytest.mark.parametrize("same_org", [True, False])
def test_another_account_and_another_tenant_are_independent(route, call, world, same_org):
    key, org = next(KEYS), call.member.org if same_org else None
    first = route.send(call, key)
    other = route.send(Caller(world, world.member(route.role, org)), key, 2)
    assert other.status_code == first.status_code
    assert "Idempotent-Replayed" not in other
    assert other.content != first.content


def test_another_route_is_refused(call, route, world):
    other = next(one for one in ROUTES.values() if one is not route)
    key = next(KEYS)
    both = Caller(world, world.member("operator"))
    assert route.send(both, key).status_code < 300
    is_problem(other.send(both, key), 422, "other_request")


def test_a_refused_write_is_not_kept(route, call):
    key = next(KEYS)
    is_problem(route.send(call, key, bad=True), 422)
    good = route.send(call, key)
    assert good.status_code < 300
    assert "Idempotent-Replayed" not in good


def test_while_the_first_runs_the_second_waits(route, call, owner_url):
    key = next(KEYS)
    with psycopg.connect(owner_url) as running:
        name = f"{call.member.pk}:{key}"
        running.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        answer = route.send(call, key)
    is_problem(answer, 409, "still_running")
    assert answer["Retry-After"] == "1"
    assert route.send(call, key).status_code < 300


@pytest.mark.parametrize("key", ["x" * 1024, "", " ", None, "é\x7f"])
def test_a_key_that_is_none_is_refused(route, call, key):
    is_problem(route.send(call, key), 400, "idempotency_key")


def test_it_holds_after_a_restart(route, call, world):
    from django.db import connection

    key = next(KEYS)
    first = route.send(call, key)
    connection.close()
    call.client = world.client()
    assert route.send(call, key).content == first.content


def test_it_ends_after_a_day(route, call, world):
    key = next(KEYS)
    first = route.send(call, key)
    kept = world.models.Answered.objects.using("owner").filter(key=key)
    kept.update(made_at=datetime.now(UTC) - timedelta(hours=25))
    again = route.send(call, key, 2)
    assert again.status_code == first.status_code
    assert "Idempotent-Replayed" not in again


def test_no_other_person_reads_the_kept_answer(route, call, web_url):
    key = next(KEYS)
    route.send(call, key)
    with psycopg.connect(web_url) as connection:
        words = "SELECT count(*) FROM platform_answered WHERE key = %s"
        assert connection.execute(words, [key]).fetchone() == (0,)
        someone = str(call.member.person_id + 1)
        connection.execute("SELECT set_config('app.person', %s, true)", [someone])
        assert connection.execute(words, [key]).fetchone() == (0,)
