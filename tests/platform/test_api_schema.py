"""The schema of the API, kept by the API: every example runs, and requests made from it."""

import re
from datetime import UTC, datetime, timedelta

import jsonschema_rs
import pytest
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
    for address, _, one in examples(told):
        given_ = {(p["in"], p["name"]): p.get("example") for p in one["parameters"]}
        for (place, name), value in given_.items():
            value = members["firm_id"] if value == FIRM_ID else value
            address = address.replace(f"{{{name}}}", str(value)) if place == "path" else address
        query = {n: v for (place, n), v in given_.items() if place == "query" and v is not None}
        assert "{" not in address
        answer = world.client().get(
            address, query, headers={"Authorization": f"Bearer {KEY.format(caller_of(one))}"}
        )
        status, said = next(iter(one["responses"].items()))
        assert str(answer.status_code) == status, (address, answer.content[:300])
        looks_as_said(told, answer, said["content"])


def looks_as_said(told, answer, content):
    kind, body = next(iter(content.items()))
    assert answer["Content-Type"].split(";")[0] == kind
    if "example" in body:
        whole = {"components": told["components"], **body["schema"]}
        judge = jsonschema_rs.validator_for(whole)
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
            case.call_and_validate(headers=headers)

        check()

    with override_settings(API_CALLS_A_MINUTE=10**9, ALLOWED_HOSTS=["*"]):
        for one in found:
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                run(one, mode)
    return done[0]


@pytest.mark.parametrize("name", ["officer", "firm"])
def test_no_request_made_from_the_schema_breaks_it(told, members, name):
    assert fuzz(told, name, CASES_N // 2) > CASES_N // 4


@pytest.mark.soak
@pytest.mark.parametrize("name", ["officer", "firm"])
def test_no_request_of_many_breaks_it(told, members, name):
    assert fuzz(told, name, SOAK_CASES_N // 2) > SOAK_CASES_N // 4
