"""The schema of the API, kept by the API: every example runs, and requests made from it."""

import re
from datetime import UTC, datetime, timedelta

import jsonschema_rs
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode, openapi
from tests.platform.api_scene import CALLERS, caller_of, request_of, set_scene

CASES_N = 500
SOAK_CASES_N = 20_000
KEY = "tf_schema_{}"


@pytest.fixture(scope="module")
def told(world):
    return world.client().get("/api/v1/openapi.json").json()


@pytest.fixture(scope="module")
def members(world):
    """Members of five roles, each with a key of every scope, and what examples speak of."""
    from techflow_service.platform.api.keys import SCOPES, digest_of

    found = set_scene(world)
    for name in CALLERS:
        world.models.ApiKey.objects.using("owner").create(
            person_id=found[name].person_id,
            membership=found[name],
            digest=digest_of(KEY.format(name)),
            scopes=list(SCOPES),
            expires_at=datetime.now(UTC) + timedelta(days=1),
        )
    return found


def examples(told):
    return [
        (address, method, one)
        for address, methods in told["paths"].items()
        for method, one in methods.items()
    ]


def test_every_example_runs_and_looks_as_it_says(told, members, world):
    known = dict(members["known"])
    for address, method, one in sorted(examples(told), key=lambda each: each[1] == "get"):
        answer = run_example(world, known, address, method, one)
        status, said = next(iter(one["responses"].items()))
        assert str(answer.status_code) == status, (address, answer.content[:300])
        looks_as_said(told, answer, said["content"])
        if method == "post":
            note_made(known, one, answer.json())


def run_example(world, known, address, method, one):
    """The request that the example shows, with ids of things that are there."""
    asked = {(p["in"], p["name"]): p.get("example") for p in one["parameters"]}
    query = {name: value for (place, name), value in asked.items() if place == "query" and value}
    address, body = request_of(known, address, one)
    headers = {"Authorization": f"Bearer {KEY.format(caller_of(one))}"}
    if method == "get":
        return world.client().get(address, query, headers=headers)
    headers |= {"Idempotency-Key": asked["header", "Idempotency-Key"] + one["operationId"]}
    if "multipart/form-data" not in one.get("requestBody", {}).get("content", {}):
        return world.client().post(address, body, "application/json", headers=headers)
    file = SimpleUploadedFile("rows.csv", body["file"].encode())
    return world.client().post(address, body | {"file": file}, headers=headers)


def note_made(known, one, made):
    """What an example made is what later examples ask for."""
    from techflow_service.platform.jobs.bulk import work_through
    from techflow_service.platform.models import FileJob

    said = next(iter(one["responses"].values()))["content"]["application/json"]["example"]
    if "job" in made and made["kind"] == "score":
        known["job", said["job"]] = made["job"]
        owner = FileJob.objects.using("owner").get(pk=made["job"])
        work_through.func(made["job"], owner.membership_id)


def looks_as_said(told, answer, content):
    kind, body = next(iter(content.items()))
    assert answer["Content-Type"].split(";")[0] == kind
    if "example" in body:
        judge = jsonschema_rs.validator_for({"components": told["components"], **body["schema"]})
        judge.validate(body["example"])
        judge.validate(answer.json())
        assert answer.json().keys() == body["example"].keys()


def test_every_operation_is_told_in_two_languages(told):
    for address, method, one in examples(told):
        assert one["summary"].isascii(), (address, method)
        assert not one["x-summary-zh"].isascii()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_shows_every_operation_and_asks_no_other_host(told, world, language):
    client = world.client()
    client.post("/language", {"language": language})
    answer = client.get("/api/v1/docs")
    page = answer.content.decode()
    assert f'lang="{language}' in page
    for address, method, _ in examples(told):
        assert f"{method.upper()} {address}" in page
    assert not re.search(r"(src|href)=\"https?:", page)
    assert "script-src 'self'" in answer["Content-Security-Policy"]


def fuzz(told, name, cases_n, known):
    """Cases of every operation, right and wrong ones, as a member; each is judged.

    Every other right one speaks of a row that is there: chance would never find its number.
    """
    from django.core.wsgi import get_wsgi_application
    from django.test import override_settings

    schema = openapi.from_dict(told)
    schema.app = get_wsgi_application()
    every = [one.ok() for one in schema.get_all_operations()]
    found = [one for one in every if may(one, name)]
    right = GenerationMode.POSITIVE
    each = -(-cases_n // (2 * len(found)))
    done, headers = [0], {"Authorization": f"Bearer {KEY.format(name)}"}
    there = {}
    for (place, _), value in known.items():
        there.setdefault(place, []).append(value)

    def run(one, mode):
        @settings(
            max_examples=each,
            derandomize=True,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=one.as_strategy(generation_mode=mode))
        def check(case):
            done[0] += 1
            fresh = {"Idempotency-Key": f"{name}-{done[0]}"} if mode is right else {}
            if mode is right and done[0] % 2:
                speak_of(there, case.path_parameters, done[0])
                if isinstance(case.body, dict):
                    speak_of(there, case.body, done[0])
            case.call_and_validate(headers=headers | fresh)

        check()

    with override_settings(API_CALLS_A_MINUTE=10**9, ALLOWED_HOSTS=["*"]):
        for one in found:
            for mode in (right, GenerationMode.NEGATIVE):
                run(one, mode)
    return done[0]


def may(operation, name):
    """What the role may call: that others are refused is the matrix's to say."""
    roles = operation.definition.raw["x-roles"]
    return not roles or CALLERS[name] in roles


def speak_of(there, told, number):
    """Names of rows that are there, in place of made-up ones."""
    for name in set(told or ()) & set(there):
        told[name] = there[name][number // 2 % len(there[name])]


@pytest.mark.parametrize("name", ["officer", "firm"])
def test_no_request_made_from_the_schema_breaks_it(told, members, name):
    assert fuzz(told, name, CASES_N // 2, members["known"]) > CASES_N // 4


@pytest.mark.soak
@pytest.mark.parametrize("name", CALLERS)
def test_no_request_of_many_breaks_it(told, members, name, record_property):
    done_n = fuzz(told, name, SOAK_CASES_N // len(CALLERS), members["known"])
    record_property("cases_n", done_n)
    assert done_n > SOAK_CASES_N // len(CALLERS) // 2
