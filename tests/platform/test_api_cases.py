"""Consents, requests, contests and reviews by key: what the pages do, and nothing more."""

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.platform.api_scene import set_scene
from tests.platform.callers import Caller, is_problem

KEYS = (f"case-{number}" for number in itertools.count(1))
TODAY = datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai")).date()
LATER = (TODAY + timedelta(days=90)).isoformat()
ITEM = "statements/2025-12-31/revenue_lcy"
CLAIM = {"part": "cash", "item": ITEM, "claimed_value": "6000000", "reason": "年报附注"}


@pytest.fixture(scope="module")
def scene(world):
    """Two scenes, so that each has a foreign one."""
    here = set_scene(world)
    there = set_scene(world, here["run"])
    names = ("officer", "firm", "operator", "head")
    calls = {name: Caller(world, here[name]) for name in names}
    return here | calls | {"there": there}


def post(call, address, body=None, key=None):
    return call("POST", address, body, **{"Idempotency-Key": key or next(KEYS)})


def granted(scene, **change):
    wish = {"org": scene["bank"].pk, "purpose": "credit", "parts": ["identity", "grade"]}
    return wish | {"until_on": LATER, "text": "test"} | change


def test_a_grant_opens_a_firm_and_its_revocation_closes_it_at_the_next_call(scene):
    firm, officer, address = scene["firm"], scene["officer"], f"firms/{scene['firm_id']}"
    made = post(firm, "consents", granted(scene, parts=["identity"]))
    assert made.status_code == 201
    assert officer("GET", address).json()["parts"] == {}
    made = post(firm, "consents", granted(scene))
    assert list(officer("GET", address).json()["parts"]) == ["grade"]
    live = firm("GET", "consents?state=live").json()["rows"]
    assert [row["consent"] for row in live if row["org"] == scene["bank"].pk] == [
        made.json()["consent"]
    ]
    given = officer("GET", "consents/granted").json()
    assert [(row["firm_id"], row["basis"]) for row in given["rows"]] == [(scene["firm_id"], None)]
    told = post(firm, f"consents/{made.json()['consent']}/revoke").json()
    assert (told["live"], told["revoked_at"] is None) == (False, False)
    is_problem(officer("GET", address), 404, "absent")
    left = officer("GET", "consents/granted").json()
    assert (given["consents_n"], left["consents_n"], left["rows"]) == (1, 0, [])
    assert post(firm, "consents", granted(scene)).status_code == 201


def test_what_is_read_by_law_says_by_which_and_every_page_counts_all(scene, world):
    bank = world.org()
    for basis in ("", "某法第一条"):
        world.consent(world.firm(scene["run"], ()), bank, basis=basis)
    call = Caller(world, world.member("credit_officer", bank))
    told = call("GET", "consents/granted?limit=1").json()
    assert (told["consents_n"], told["rows"][0]["basis"]) == (2, "某法第一条")


@pytest.mark.parametrize(
    ("change", "status", "where"),
    [({"until_on": (TODAY - timedelta(days=1)).isoformat()}, 409, "until_on"),
     ({"until_on": "9999-12-31"}, 409, "until_on"), ({"text": "2020-1"}, 409, "text"),
     ({"purpose": "guarantee"}, 409, "whom"), ({"org": 2**53}, 409, "whom"),
     ({"org": -1}, 422, "body.org"), ({"org": 10**400}, 422, "body.org"),
     ({"org": "1"}, 422, "body.org"), ({"org": True}, 422, "body.org"),
     ({"parts": []}, 422, "body.parts"), ({"parts": ["all"]}, 422, "body.parts.0"),
     ({"parts": "grade"}, 422, "body.parts"), ({"firm_id": "own:other"}, 422, "body.firm_id"),
     ({"granted_by": 1}, 422, "body.granted_by"), ({"basis": "法"}, 422, "body.basis"),
     ({"text": {"a": {"b": [[[]]]}}}, 422, "body.text"), ({"text": "a\0b"}, 422, "body.text"),
     ({"text": "\ud800"}, 422, "body.text"), ({"until_on": "2026-02-30"}, 422, "body.until_on"),
     ({"until_on": 20260101}, 422, "body.until_on"), ({"purpose": "own"}, 422, "body.purpose")],
)  # fmt: skip
def test_a_wrong_grant_keeps_nothing_and_says_where(scene, world, change, status, where):
    rows = world.models.Consent.objects.using("owner")
    before = rows.count()
    answer = post(scene["firm"], "consents", granted(scene, **change))
    told = is_problem(answer, status, "refused" if status == 409 else "invalid")
    assert [one["where"] for one in told["errors"]] == [where]
    assert rows.count() == before


@pytest.mark.parametrize("body", ["[" * 100_000, "{", '{"org": NaN}', '{"a":' * 5_000, "null", "1"])
def test_a_body_that_is_none_is_refused(scene, body):
    told = {"Authorization": f"Bearer {scene['firm'].key}", "Idempotency-Key": next(KEYS)}
    answer = scene["firm"].client.post(
        "/api/v1/consents", body, content_type="application/json", headers=told
    )
    is_problem(answer, 422 if body in ("null", "1", '{"org": NaN}') else 400)


def test_the_same_key_with_another_body_is_refused_and_with_the_same_is_one_grant(scene, world):
    rows, key = world.models.Consent.objects.using("owner"), next(KEYS)
    first = post(scene["firm"], "consents", granted(scene), key)
    before = rows.count()
    again = post(scene["firm"], "consents", granted(scene), key)
    assert (again.content, again["Idempotent-Replayed"]) == (first.content, "true")
    is_problem(post(scene["firm"], "consents", granted(scene, parts=["plan"]), key), 422)
    assert rows.count() == before


def test_what_rests_on_law_is_not_the_firms_to_end(scene, world):
    agency = world.org("agency")
    kept = world.consent(scene["firm_id"], agency, "policy", basis="条例第一条")
    is_problem(post(scene["firm"], f"consents/{kept.pk}/revoke"), 403, "forbidden")
    kept.refresh_from_db(using="owner")
    assert kept.revoked_at is None


def test_an_organisation_asks_and_the_firm_accepts_just_that(scene, world):
    bank = world.org()
    officer = Caller(world, world.member("credit_officer", bank))
    wish = {"asked": scene["firm_id"], "parts": ["grade"], "until_on": LATER}
    here, nowhere = (
        post(officer, "requests", wish | {"asked": asked}).json()
        for asked in (scene["firm_id"], "sample:firm-nowhere")
    )
    same = set(here) - {"request", "asked", "asked_at"}
    assert {name: here[name] for name in same} == {name: nowhere[name] for name in same}
    told = is_problem(post(officer, "requests", wish), 409, "refused")
    assert [one["where"] for one in told["errors"]] == ["twice"]
    got = scene["firm"]("GET", "requests/received").json()["rows"]
    assert here["request"] in [row["request"] for row in got]
    assert nowhere["request"] not in [row["request"] for row in got]
    is_problem(post(scene["firm"], f"requests/{nowhere['request']}/decline"), 404, "absent")
    old = is_problem(post(scene["firm"], f"requests/{here['request']}/accept", {"text": "x"}), 409)
    assert [one["where"] for one in old["errors"]] == ["text"]
    made = post(scene["firm"], f"requests/{here['request']}/accept", {"text": "test"}).json()
    assert (made["org"], made["parts"]) == (bank.pk, ["grade"])
    mine = officer("GET", "requests?limit=1").json()
    assert mine["after"] is not None
    last = officer("GET", f"requests?after={mine['after']}").json()["rows"]
    assert [(row["state"], row["consent"]) for row in last] == [("accepted", made["consent"])]
    assert post(officer, f"requests/{nowhere['request']}/withdraw").json()["state"] == "withdrawn"


def test_a_contest_is_answered_once_by_the_operator(scene):
    firm, operator = scene["firm"], scene["operator"]
    facts = firm("GET", "contests/facts?part=cash").json()["rows"]
    assert (ITEM, "5000000.0") in [(one["item"], one["value"]) for one in facts]
    is_problem(post(firm, "contests", CLAIM | {"old_value": "1"}), 422, "invalid")
    made = post(firm, "contests", CLAIM).json()
    assert (made["old_value"], made["state"]) == ("5000000.0", "open")
    (read,) = [
        one
        for one in operator("GET", "contests?state=open").json()["rows"]
        if one["contest"] == made["contest"]
    ]
    assert read["item_zh"] == "营业收入 · 2025-12-31", "who answers cannot look the item up"
    assert made["due_on"] == (TODAY + timedelta(days=20)).isoformat()
    is_problem(post(firm, "contests", CLAIM), 409, "refused")
    address, said = f"contests/{made['contest']}/answer", {"state": "upheld", "reason": "已核对"}
    is_problem(post(firm, address, said), 403, "forbidden")
    is_problem(post(operator, address, said | {"state": "withdrawn"}), 422, "invalid")
    done = post(operator, address, said).json()
    assert (done["state"], done["answer"], done["old_value"]) == ("upheld", "已核对", "5000000.0")
    is_problem(post(operator, address, said), 404, "absent")
    is_problem(post(firm, f"contests/{made['contest']}/withdraw"), 404, "absent")
    closed = firm("GET", "contests?state=closed").json()["rows"]
    assert made["contest"] in [row["contest"] for row in closed]


def test_a_look_at_a_contest_by_key_leaves_a_trace_that_the_firm_reads_by_key(scene):
    scene["operator"]("GET", "contests?limit=200")
    looks = scene["firm"]("GET", "looks?limit=200").json()["rows"]
    person = str(scene["operator"].member.person)
    told = [(look["role"], look["person"], look["parts"]) for look in looks]
    assert ("operator", person, ["cash"]) in told
    sheet = scene["firm"]("GET", "looks.csv?language=en").content.decode("utf-8-sig")
    assert len(sheet.splitlines()) == 1 + len(looks)
    assert scene["there"]["firm_id"] not in scene["firm"]("GET", "looks").content.decode()


def test_why_a_limit_was_refused_is_told_in_words(scene, world):
    told = {"verdict": "graded", "grade": "TF4", "limit_reason_code": "sales_unknown"}
    review = world.models.Review.objects.using("owner").create(
        firm_id=scene["firm_id"], org=scene["bank"], run=scene["run"], refused="limit", told=told,
        reason="已补发票", state="withdrawn", decided_at=datetime.now(UTC),
        opened_by=scene["firm"].member.person,
    )  # fmt: skip
    rows = scene["head"]("GET", "reviews?state=closed").json()["rows"]
    (row,) = [one["told"] for one in rows if one["review"] == review.pk]
    assert (row["limit_reason_zh"], row["limit_reason_en"]) == (
        "销售额未知，无法测算额度",
        "Sales are unknown, so no limit can be sized",
    )


def test_a_head_of_the_asked_bank_decides_a_review(scene, world):
    told = scene["firm"]("GET", "reviews/refusals").json()
    assert (told["refused"], scene["bank"].pk in [one["org"] for one in told["banks"]]) == (
        ["verdict"],
        True,
    )
    wish = {"org": scene["bank"].pk, "refused": "verdict", "reason": "已补发票"}
    stranger = world.org()
    is_problem(post(scene["firm"], "reviews", wish | {"org": stranger.pk}), 409, "refused")
    made = post(scene["firm"], "reviews", wish).json()
    is_problem(post(scene["firm"], "reviews", wish), 409, "refused")
    address, said = f"reviews/{made['review']}/decide", {"state": "changed", "reason": "现场核实"}
    is_problem(post(scene["officer"], address, said), 403, "forbidden")
    other = Caller(world, world.member("branch_head", stranger))
    is_problem(post(other, address, said), 404, "absent")
    done = post(scene["head"], address, said).json()
    assert (done["state"], done["told"]["verdict"]) == ("changed", "insufficient")
    is_problem(post(scene["head"], address, said), 404, "absent")


@pytest.mark.parametrize(
    ("who", "address", "row", "body"),
    [("firm", "consents/{}/revoke", ("consent", 41), None),
     ("firm", "requests/{}/accept", ("request_id", 51), {"text": "test"}),
     ("firm", "requests/{}/decline", ("request_id", 52), None),
     ("officer", "requests/{}/withdraw", ("request_id", 53), None),
     ("firm", "contests/{}/withdraw", ("contest", 61), None),
     ("firm", "reviews/{}/withdraw", ("review", 71), None),
     ("head", "reviews/{}/decide", ("review", 72), {"state": "upheld", "reason": "维持"}),
     ("firm", "applications/{}/moves", ("application", 81), {"move": "withdraw"}),
     ("officer", "applications/{}/moves", ("application", 81), {"move": "qualify"})],
)  # fmt: skip
def test_rows_of_others_are_absent(scene, who, address, row, body):
    """Numbers that are there, but of another firm or organisation."""
    foreign = scene["there"]["known"][row]
    is_problem(post(scene[who], address.format(foreign), body), 404, "absent")


@pytest.mark.parametrize("number", ["0", "-1", "9" * 30, "1e3", "x", "٣", "1%00", "%F0%9F%98%80"])
def test_a_number_that_is_none_is_no_row(scene, number):
    for address in ("consents/{}/revoke", "contests/{}/withdraw", "requests/{}/decline"):
        answer = post(scene["firm"], address.format(number))
        assert answer.status_code in (404, 422), (address, answer.content)


def test_a_key_writes_only_within_its_scope(scene, world):
    reader = Caller(world, scene["firm"].member, ("read:own", "write:lending"))
    is_problem(post(reader, "consents", granted(scene)), 403, "key_scope")
    is_problem(post(reader, "contests", CLAIM), 403, "key_scope")
    assert reader("GET", "consents").status_code == 200
