"""The API: who may call what, by key and by session; errors of programs; every example runs."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.platform.callers import Caller, is_problem

FIRM_ID = "sample:firm-000001"


@pytest.fixture(scope="module")
def book(world):
    run, bank = world.run(), world.org()
    firms = [world.firm(run) for _ in range(7)]
    world.models.Firm.objects.using("owner").create(firm_id=FIRM_ID, name="深圳锐维科技有限公司")
    world.models.Standing.objects.using("owner").create(
        run=run, firm_id=FIRM_ID, name="深圳锐维", search="", verdict="graded", limit_lcy=3.4e6
    )
    for firm_id in (*firms[:6], FIRM_ID):
        world.consent(firm_id, bank)
    member = world.member("credit_officer", bank)
    return {
        "bank": bank,
        "seen": {*firms[:6], FIRM_ID},
        "hidden": firms[6],
        "member": member,
        "call": Caller(world, member),
    }


def test_a_key_reads_what_its_member_may_and_leaves_the_same_trace(book, world):
    rows, after = [], ""
    while after is not None:
        page = book["call"]("GET", "firms?limit=3" + (f"&after={after}" if after else "")).json()
        rows += [row["firm_id"] for row in page["rows"]]
        after = page["after"]
    assert sorted(rows) == sorted(book["seen"])
    assert book["call"]("GET", f"firms/{FIRM_ID}").json()["parts"] == {}
    is_problem(book["call"]("GET", f"firms/{book['hidden']}"), 404, "absent")
    trace = world.models.Reading.objects.using("owner").filter(firm_id=FIRM_ID)
    assert set(trace.values_list("route", flat=True)) == {"api_firms", "api_firms_one"}


def test_a_key_is_refused_once_revoked_ended_or_its_member_gone(world):
    member = world.member("credit_officer")
    past = datetime.now(UTC) - timedelta(seconds=1)
    call = Caller(world, member)
    (told,) = call("GET", "me").json()["memberships"]
    assert (told["membership"], told["firm_id"]) == (member.pk, None)
    is_problem(Caller(world, member, ("bulk",), expires_at=past)("GET", "me"), 401, "key")
    is_problem(Caller(world, member, (), revoked_at=past)("GET", "me"), 401, "key")
    member.ended_at = past
    member.save(using="owner")
    is_problem(call("GET", "me"), 401, "key")
    call.key = "tf_nonsense"
    is_problem(call("GET", "me"), 401, "key")


def test_a_key_without_the_scope_is_refused(book, world):
    call = Caller(world, book["member"], ("read:own",))
    is_problem(call("GET", "firms"), 403, "key_scope")
    assert call("GET", "me").json()["key_scopes"] == ["read:own"]


def test_a_firm_learns_its_own_id_and_reads_itself_by_it(book, world):
    call = Caller(world, world.member("firm", world.org("firm", FIRM_ID)))
    assert [one["firm_id"] for one in call("GET", "me").json()["memberships"]] == [FIRM_ID]
    told = call("GET", f"firms/{FIRM_ID}").json()
    assert (len(told["granted"]), told["until_at"]) == (9, None)
    assert [row["limit_lcy"] for row in told["history"]] == [3.4e6]


def test_a_role_without_purpose_reads_no_firm_by_key(world):
    is_problem(Caller(world, world.member("analyst"))("GET", "firms"), 403, "forbidden")


def test_a_browser_calls_by_its_session(book, world):
    answer = world.client(book["member"]).get("/api/v1/firms?limit=1")
    assert len(answer.json()["rows"]) == 1
    is_problem(world.client().get("/api/v1/firms"), 401, "sign_in")


@pytest.mark.parametrize(
    ("address", "where"),
    [("firms?colour=red", "query.colour"), ("firms?q=a&q=b", "query.q"),
     ("firms?sort=password", "query.sort"), ("firms?as_of=0", "query.as_of"),
     ("firms?limit=1_0", "query.limit"), ("firms?limit=0", "query.limit"),
     ("seals/xyz", "path.sha256")],
)  # fmt: skip
def test_what_the_schema_does_not_allow_is_refused_with_its_place(book, address, where):
    told = is_problem(book["call"]("GET", address), 422, "invalid")
    assert [one["where"] for one in told["errors"]] == [where]


@pytest.mark.parametrize(
    "address", ["firms?after=bm9uZQ", "firms?sort=grade&after=aW5mfHg", "runs?after=eA"]
)
def test_a_place_that_no_list_gave_out_is_refused(book, address):
    is_problem(book["call"]("GET", address), 404, "cursor")


def test_other_methods_and_addresses_are_problems(book):
    answer = book["call"]("PATCH", "firms")
    is_problem(answer, 405, "method")
    assert answer["Allow"] == "GET, HEAD"
    is_problem(book["call"]("GET", "nothing"), 404, "absent")
    is_problem(book["call"]("GET", "firms/%00"), 422, "invalid")
    head = book["call"]("HEAD", "firms")
    assert (head.status_code, head.content) == (200, b"")


def test_too_many_calls_wait(book, settings_of):
    with settings_of(API_CALLS_A_MINUTE=0):
        answer = book["call"]("GET", "me")
    is_problem(answer, 429, "too_many")
    assert 1 <= int(answer["Retry-After"]) <= 60


def test_a_member_makes_a_key_on_the_page_and_revokes_it(world):
    member = world.member("credit_officer")
    client = world.client(member)
    page = client.post("/keys/make", {"name": "夜间", "scopes": ["read:firms"], "days": 30})
    key = page.content.decode().split('<code class="wrap">')[1].split("<")[0]
    row = world.models.ApiKey.objects.using("owner").get(membership=member)
    assert key.startswith(row.prefix)
    assert key not in client.get("/keys").content.decode()
    call = {"headers": {"Authorization": f"Bearer {key}"}}
    assert world.client().get("/api/v1/me", **call).json()["key_scopes"] == ["read:firms"]
    other = world.client(world.member("credit_officer"))
    assert other.post(f"/keys/{row.pk}/revoke").status_code == 404
    assert client.post(f"/keys/{row.pk}/revoke").status_code == 302
    is_problem(world.client().get("/api/v1/me", **call), 401, "key")


@pytest.mark.parametrize("change", [{"name": ""}, {"scopes": "all"}, {"days": "0"}, {"days": "x"}])
def test_a_wrong_wish_makes_no_key(world, change):
    member = world.member("credit_officer")
    told = {"name": "n", "scopes": "bulk", "days": "1"} | change
    assert world.client(member).post("/keys/make", told).status_code == 422
    assert not world.models.ApiKey.objects.using("owner").filter(membership=member).exists()
