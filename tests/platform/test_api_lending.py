"""Lending by key: from application to claim as on the pages; nothing skips, nobody is alone."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from tests.platform.api_scene import set_scene
from tests.platform.callers import Caller, is_problem

from techflow.credit.lending_moves import MOVES

KEYS = (f"loan-{number}" for number in itertools.count(1))
OFFER = {"amount_cny": 3_000_000, "rate_pa": 0.05, "term_months": 12}
REASON = {"reason": "已取得在手订单并追加质押"}


@pytest.fixture(scope="module")
def scene(world):
    made = set_scene(world)
    calls = {name: Caller(world, made[name]) for name in ("officer", "firm", "head")}
    small = world.member("branch_head", made["bank"], authority_cny=10**6)
    return made | calls | {"small": Caller(world, small), "other": set_scene(world, made["run"])}


def post(call, address, body, key=None):
    return call("POST", address, body, **{"Idempotency-Key": key or next(KEYS)})


def apply(scene, **change):
    wish = {"org": scene["bank"].pk, "amount_cny": 3_000_000, "term_months": 12, "purpose": "研发"}
    return post(scene["firm"], "applications", wish | change)


def body_of(name, **more):
    """A move that says all it must."""
    papers = dict.fromkeys(MOVES[name].evidence, "ab" * 32)
    told = {"move": name} | ({"evidence": papers} if papers else {})
    told |= REASON if MOVES[name].reason else {}
    told |= {"propose": OFFER, "file": {"pool_id": "sample-pool"}}.get(name, {})
    told |= {"override": {"limit_cny": 4_000_000, "rate_pa": 0.045}}.get(name, {})
    return told | {"receive": {"amount_fen": 1_000_000}}.get(name, {}) | more


def move(scene, number, name, who=None, **more):
    caller = {"firm": "firm", "credit_officer": "officer", "branch_head": "head"}
    call = scene[who or caller[MOVES[name].role]]
    return post(call, f"applications/{number}/moves", body_of(name, **more))


def through(scene, *names):
    number = apply(scene).json()["application"]
    for name in names:
        answer = move(scene, number, name)
        assert answer.status_code == 200, (name, answer.content.decode())
    return number


def test_a_loan_from_application_to_arrears_by_key(scene, world):
    number = through(scene, "qualify", "assess", "propose", "approve", "accept")
    start = (datetime.now(UTC) - timedelta(days=1)).date()
    told = move(scene, number, "lend").json()
    assert told["state"] == "lent"
    assert told["loan"]["amount_fen"] == 300_000_000
    assert move(scene, number, "file").json()["state"] == "filed"
    paid = move(scene, number, "receive").json()
    assert paid["loan"]["owed_fen"] == told["loan"]["owed_fen"] - 1_000_000
    assert [step["move"] for step in paid["steps"]][-3:] == ["lend", "file", "receive"]
    assert is_problem(move(scene, number, "default"), 409, "refused")["errors"][0]["where"] == (
        "performing"
    )
    watched = scene["officer"]("GET", "loans/watch").json()
    assert number in [row["application"] for row in watched["rows"]]
    assert start < datetime.fromisoformat(watched["on"]).date() + timedelta(days=1)
    mine = scene["firm"]("GET", f"applications/{number}").json()
    assert (mine["assessment"], mine["postings"], mine["loan"]["warned"]) == (None, [], None)
    assert all(step["person"] is None for step in mine["steps"] if step["role"] != "firm")
    filed = scene["firm"]("GET", "applications?state=filed&limit=1").json()
    assert [row["application"] for row in filed["rows"]] == [number]


@pytest.mark.parametrize(
    ("names", "whose"),
    [((), "officer"), (("qualify", "assess", "propose"), "head"),
     (("qualify", "assess", "propose", "approve"), "firm")],
)  # fmt: skip
def test_a_list_says_whose_turn_it_is(scene, names, whose):
    number = through(scene, *names)
    for who in ("officer", "head", "firm"):
        rows = scene[who]("GET", "applications").json()["rows"]
        (row,) = [one for one in rows if one["application"] == number]
        assert row["waits"] is (who == whose), who


def test_no_move_skips_by_key(scene):
    """From each state of the line every move that may not follow is refused, and none is kept."""
    for names in ((), ("qualify",), ("qualify", "assess", "propose")):
        number = through(scene, *names)
        state = MOVES[names[-1] if names else "apply"].target
        before = scene["officer"]("GET", f"applications/{number}").json()["steps"]
        for name, one in MOVES.items():
            if name != "apply" and state not in one.sources:
                told = is_problem(move(scene, number, name), 409, "refused")
                assert [wrong["where"] for wrong in told["errors"]] == ["state"], name
        after = scene["officer"]("GET", f"applications/{number}").json()["steps"]
        assert after == before


def test_authority_and_four_eyes_hold_by_key(scene, world):
    number = through(scene, "qualify", "assess", "override", "propose")
    told = is_problem(move(scene, number, "approve", "small"), 409, "refused")
    assert [one["where"] for one in told["errors"]] == ["authority"]
    told = is_problem(move(scene, number, "approve"), 409, "refused")
    assert [one["where"] for one in told["errors"]] == ["same_person"], "the head overrode it"
    ways = scene["head"]("GET", f"applications/{number}").json()["moves"]
    assert {"approve": ["same_person"], "refuse": []}.items() <= {
        way["move"]: way["against"] for way in ways
    }.items()
    (way,) = [one for one in ways if one["move"] == "approve"]
    assert way["against_zh"] == ["须由另一人执行：您已参与前序步骤"]
    assert way["against_en"] == ["Another person must do this: you made an earlier step of it"]
    second = Caller(world, world.member("branch_head", scene["bank"], authority_cny=10**7))
    done = post(second, f"applications/{number}/moves", {"move": "approve"})
    assert done.json()["state"] == "offered"


def test_an_override_needs_a_reason_and_a_role(scene):
    number = through(scene, "qualify", "assess")
    bare = body_of("override")
    del bare["reason"]
    is_problem(post(scene["head"], f"applications/{number}/moves", bare), 422, "invalid")
    told = is_problem(move(scene, number, "override", "officer"), 409, "refused")
    assert [one["where"] for one in told["errors"]] == ["role"]


def test_without_consent_the_bank_takes_no_assessment_by_key(scene, world):
    number = through(scene, "qualify")
    rows = world.models.Consent.objects.using("owner")
    mine = rows.get(firm_id=scene["firm_id"], org=scene["bank"], revoked_at=None)
    world.revoke(mine)
    told = is_problem(move(scene, number, "assess"), 409, "refused")
    assert [one["where"] for one in told["errors"]] == ["no_consent"]
    world.consent(scene["firm_id"], scene["bank"])
    assert move(scene, number, "assess").status_code == 200


@pytest.mark.parametrize(
    ("name", "more", "where"),
    [("propose", {"amount_cny": -1}, "amount_cny"),
     ("propose", {"amount_cny": 10**400}, "amount_cny"),
     ("propose", {"amount_cny": 0.5}, "amount_cny"), ("propose", {"rate_pa": -0.01}, "rate_pa"),
     ("propose", {"rate_pa": "0.05"}, "rate_pa"), ("propose", {"limit_cny": 9}, "limit_cny"),
     ("assess", {"limit_cny": 10**9}, "limit_cny"), ("assess", {"pd": 0.0}, "pd"),
     ("qualify", {"role": "branch_head"}, "role"),
     ("qualify", {"authority_cny": 1}, "authority_cny"), ("qualify", {"token": "a" * 32}, "token"),
     ("file", {"evidence": {}}, "evidence.loan_contract"),
     ("file", {"evidence": {"loan_contract": "x", "disbursement_record": "ab" * 32}},
      "evidence.loan_contract"), ("default", {"class_at_least_n": 5}, "class_at_least_n"),
     ("settle", {"owed_fen": 0}, "owed_fen"), ("lend", {"start_on": "never"}, "start_on")],
)  # fmt: skip
def test_facts_and_seats_are_not_the_callers_to_say(scene, name, more, where):
    number = scene["known"]["application", 81]
    told = is_problem(move(scene, number, name, **more), 422, "invalid")
    assert f"body.{name}.{where}" in [one["where"] for one in told["errors"]]


@pytest.mark.parametrize(
    "change",
    [{"amount_cny": 0}, {"amount_cny": -5}, {"amount_cny": 10**13}, {"term_months": 361},
     {"term_months": 1.5}, {"purpose": ""}, {"purpose": "a\0"}, {"firm_id": "own:x"},
     {"state": "offered"}, {"org": [1]}, {"org": {"id": 1}}],
)  # fmt: skip
def test_a_wrong_application_keeps_nothing(scene, world, change):
    rows = world.models.LoanApplication.objects.using("owner")
    before = rows.count()
    is_problem(apply(scene, **change), 422, "invalid")
    assert rows.count() == before


def test_a_move_sent_again_is_one_move_and_another_under_its_key_is_refused(scene):
    number, key = through(scene), next(KEYS)
    address = f"applications/{number}/moves"
    first = post(scene["officer"], address, {"move": "qualify"}, key)
    again = post(scene["officer"], address, {"move": "qualify"}, key)
    assert (again.content, again["Idempotent-Replayed"]) == (first.content, "true")
    is_problem(post(scene["officer"], address, {"move": "assess"}, key), 422, "other_request")
    steps = scene["officer"]("GET", f"applications/{number}").json()["steps"]
    assert [step["move"] for step in steps] == ["apply", "qualify"]


def test_others_learn_nothing_by_key(scene, world):
    number = scene["other"]["known"]["application", 81]
    for name in ("officer", "firm", "head"):
        is_problem(scene[name]("GET", f"applications/{number}"), 404, "absent")
        told = scene[name]("GET", "applications?limit=200").content.decode()
        assert scene["other"]["firm_id"] not in told
    assert scene["other"]["firm_id"] not in scene["officer"]("GET", "loans/watch").content.decode()
