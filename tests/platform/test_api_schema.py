"""The schema of the API, kept by the API: every example runs, and requests made from it."""

import re
from datetime import UTC, datetime, timedelta

import jsonschema_rs
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode, openapi

FIRM_ID = "sample:firm-000001"
CASES_N = 500
SOAK_CASES_N = 20_000
KEY = "tf_schema_{}"


@pytest.fixture(scope="module")
def told(world):
    return world.client().get("/api/v1/openapi.json").json()


@pytest.fixture(scope="module")
def members(world):
    """A bank officer and a firm, each with a key of every scope."""
    from techflow_service.platform.api.keys import SCOPES, digest_of

    run, bank = world.run(), world.org()
    firm_id = f"{FIRM_ID}-{run.pk}"
    row = {
        "search": "锐维",
        "limit_lcy": 3.4e6,
        "grade": "TF4",
        "grade_rank": 4,
        "verdict": "graded",
    }
    world.models.Firm.objects.using("owner").create(firm_id=firm_id, name="深圳锐维科技有限公司")
    world.models.Standing.objects.using("owner").create(
        run=run, firm_id=firm_id, name="深圳锐维", **row
    )
    world.models.Sheet.objects.using("owner").create(
        run=run, firm_id=firm_id, part="grade", body={"assessment": [{"grade": "TF4", "pd": 0.01}]}
    )
    world.consent(firm_id, bank)
    found = {
        "firm_id": firm_id,
        "officer": world.member("credit_officer", bank),
        "firm": world.member("firm", world.org("firm", firm_id)),
        "operator": world.member("operator"),
    }
    for name in ("officer", "firm", "operator"):
        world.models.ApiKey.objects.using("owner").create(
            person_id=found[name].person_id,
            membership=found[name],
            digest=digest_of(KEY.format(name)),
            scopes=list(SCOPES),
            expires_at=datetime.now(UTC) + timedelta(days=1),
        )
    return found


def caller_of(one):
    """Whose key an operation's example is run with."""
    roles = one["x-roles"]
    wanted = {"officer": "credit_officer", "firm": "firm", "operator": "operator"}
    return next(name for name, role in wanted.items() if not roles or role in roles)


def examples(told):
    return [
        (address, method, one)
        for address, methods in told["paths"].items()
        for method, one in methods.items()
    ]


def test_every_example_runs_and_looks_as_it_says(told, members, world):
    known = {FIRM_ID: members["firm_id"]}
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
    for (place, name), value in asked.items():
        if place == "path":
            address = address.replace(f"{{{name}}}", str(known.get(value, value)))
    assert "{" not in address
    headers = {"Authorization": f"Bearer {KEY.format(caller_of(one))}"}
    if method == "get":
        return world.client().get(address, query, headers=headers)
    headers |= {"Idempotency-Key": asked["header", "Idempotency-Key"] + one["operationId"]}
    content = one.get("requestBody", {}).get("content", {})
    body = next(iter(content.values()), {}).get("example")
    if "multipart/form-data" not in content:
        body = {name: known.get(value, value) for name, value in (body or {}).items()}
        return world.client().post(address, body, "application/json", headers=headers)
    file = SimpleUploadedFile("rows.csv", body["file"].encode())
    return world.client().post(address, body | {"file": file}, headers=headers)


def note_made(known, one, made):
    """What an example made is what later examples ask for."""
    from techflow_service.platform.jobs.bulk import work_through
    from techflow_service.platform.models import FileJob

    said = next(iter(one["responses"].values()))["content"]["application/json"]["example"]
    if "job" in made and made["kind"] == "score":
        known[said["job"]] = made["job"]
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
    for address, method, _ in examples(told):
        assert f"{method.upper()} {address}" in page
    assert not re.search(r"(src|href)=\"https?:", page)
    assert "script-src 'self'" in answer["Content-Security-Policy"]


def fuzz(told, name, cases_n):
    """Cases of every operation, right and wrong ones, as a member; each is judged."""
    from django.core.wsgi import get_wsgi_application
    from django.test import override_settings

    schema = openapi.from_dict(told)
    schema.app = get_wsgi_application()
    found = [one.ok() for one in schema.get_all_operations()]
    right = GenerationMode.POSITIVE
    each = -(-cases_n // (2 * len(found)))
    done, headers = [0], {"Authorization": f"Bearer {KEY.format(name)}"}

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
            case.call_and_validate(headers=headers | fresh)

        check()

    with override_settings(API_CALLS_A_MINUTE=10**9, ALLOWED_HOSTS=["*"]):
        for one in found:
            for mode in (right, GenerationMode.NEGATIVE):
                run(one, mode)
    return done[0]


@pytest.mark.parametrize("name", ["officer", "firm"])
def test_no_request_made_from_the_schema_breaks_it(told, members, name):
    assert fuzz(told, name, CASES_N // 2) > CASES_N // 4


@pytest.mark.soak
@pytest.mark.parametrize("name", ["officer", "firm"])
def test_no_request_of_many_breaks_it(told, members, name):
    assert fuzz(told, name, SOAK_CASES_N // 2) > SOAK_CASES_N // 4
