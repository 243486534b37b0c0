"""Contests, reviews by a person, and who looked: who opens, who answers, what is kept."""

import csv
import io
import os
import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg
import pytest

from techflow.flow.contesting import answer_due_on, refusals
from techflow.schema.assessment import LIMIT_REASONS

CASH = {"statements": [{"period_end_on": "2025-12-31", "revenue_lcy": 5000000.0, "basis": None}]}
REVENUE = "statements/2025-12-31/revenue_lcy"
NO_GRADE = {"verdict": "insufficient", "limit_lcy": None, "limit_reason_code": "sales_unknown"}
GRADED = {"verdict": "graded", "limit_lcy": 5e6, "limit_reason_code": None}


@pytest.mark.parametrize(
    ("received", "due"),
    # Counted on a calendar by hand: 20 days after, the first not counted; over a leap day.
    [
        ((2026, 11, 27), (2026, 12, 17)),
        ((2026, 12, 31), (2027, 1, 20)),
        ((2028, 2, 20), (2028, 3, 11)),
    ],
)
def test_the_answer_is_due_twenty_days_after_receipt(received, due):
    assert answer_due_on(date(*received)) == date(*due)


def test_a_covered_need_is_no_refusal_and_every_other_reason_for_nothing_is():
    """Each code of the dictionary by its words: only a covered need says that none is wanted."""
    told = {
        code: refusals({"verdict": "graded", "limit_lcy": 0.0, "limit_reason_code": code})
        for code in LIMIT_REASONS
    }
    assert told == dict.fromkeys(LIMIT_REASONS, ("limit",)) | {"need_covered": ()}


def test_what_a_review_asks_of_the_grade_is_loaded_with_it(web_url):
    """The reason of a limit was not: a firm whose need is covered could ask for a review."""
    from techflow_service.platform.loading import COLUMNS
    from techflow_service.platform.reviewing import TOLD
    from techflow_service.platform.roles import Part

    assert not set(TOLD) - set(COLUMNS[Part.GRADE, "assessment"])


@pytest.fixture(scope="module")
def scene(world):
    """Two firms with figures, a bank that both agreed to, an operator."""

    def seat(role, org):
        person = world.models.Person.objects.using("owner").create(username=f"case-{role}{org.pk}")
        made = world.models.Membership.objects.using("owner").create(
            person=person, org=org, role=role
        )
        return world.client(made), made

    run, bank, other_bank = world.run(date(2099, 1, 1)), world.org(), world.org()
    made = {"run": run, "bank": bank, "other_bank": other_bank}
    for name, told in (("refused", NO_GRADE), ("graded", GRADED)):
        firm_id = world.firm(run, ())
        for part, body in (("grade", {"assessment": [told]}), ("cash", CASH)):
            world.models.Sheet.objects.using("owner").create(
                run=run, firm_id=firm_id, part=part, body=body
            )
        world.consent(firm_id, bank, parts=("identity", "grade", "cash"))
        made[f"{name}_id"] = firm_id
        made[name], made[f"{name}_seat"] = seat("firm", world.org("firm", firm_id))
    made["operator"], made["operator_seat"] = seat("operator", world.org("platform"))
    made["officer"], made["officer_seat"] = seat("credit_officer", bank)
    made["head"], made["head_seat"] = seat("branch_head", bank)
    made["other_head"], _ = seat("branch_head", other_bank)
    yield made
    # The newest run is the one that pages show: take it away again.
    world.models.Review.objects.using("owner").filter(run=run).delete()
    run.delete(using="owner")


def claim(**more):
    return {
        "part": "cash",
        "item": REVENUE,
        "claimed_value": "6000000",
        "reason": "年报附注",
    } | more


@pytest.fixture(autouse=True)
def no_open_contest(scene, world):
    """One fact is contested once at a time; each test begins without."""
    world.models.Contest.objects.using("owner").filter(state="open").delete()


def opened(world, firm_id):
    return world.models.Contest.objects.using("owner").filter(firm_id=firm_id).latest("pk")


def test_a_contest_keeps_the_value_of_the_sheet_and_its_day(scene, world):
    page = scene["refused"].get("/contests?part=cash").content.decode()
    assert REVENUE in page and "5,000,000" in page
    forged = claim(old_value="1", firm_id=scene["graded_id"], due_on="2099-01-01", state="upheld")
    assert scene["refused"].post("/contests/open", forged).status_code == 302
    kept = opened(world, scene["refused_id"])
    assert (kept.old_value, kept.state) == ("5000000.0", "open")
    assert scene["refused"].post("/contests/open", claim()).status_code == 422, "once at a time"
    china = datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai")).date()
    assert kept.due_on == china + timedelta(days=20)
    assert not world.models.Contest.objects.using("owner").filter(firm_id=scene["graded_id"])


@pytest.mark.parametrize(
    "change",
    [{"item": "statements/2025-12-31/password"}, {"part": "nothing"}, {"reason": " "},
     {"claimed_value": ""}, {"item": "x" * 5000}, {"part": ""}],
)  # fmt: skip
def test_a_wrong_contest_keeps_nothing(scene, world, change):
    before = world.models.Contest.objects.using("owner").count()
    assert scene["graded"].post("/contests/open", claim(**change)).status_code == 422
    assert world.models.Contest.objects.using("owner").count() == before


@pytest.mark.parametrize("state", ["corrected", "upheld", "unconfirmed"])
def test_the_operator_answers_once_and_the_old_value_stays(scene, world, state):
    scene["graded"].post("/contests/open", claim())
    kept = opened(world, scene["graded_id"])
    address, told = f"/contests/{kept.pk}/answer", {"state": state, "reason": "已核对"}
    assert scene["graded"].post(address, told).status_code == 403
    assert scene["operator"].post(address, told | {"state": "withdrawn"}).status_code == 422
    assert scene["operator"].post(address, told | {"reason": ""}).status_code == 422
    assert scene["operator"].post(address, told).status_code == 302
    assert scene["operator"].post(address, told).status_code == 404
    assert scene["graded"].post(f"/contests/{kept.pk}/withdraw").status_code == 404
    kept.refresh_from_db(using="owner")
    assert (kept.state, kept.old_value, kept.answer) == (state, "5000000.0", "已核对")
    assert kept.answered_by == scene["operator_seat"]
    assert "已核对" in scene["graded"].get("/contests").content.decode()
    assert "已核对" not in scene["refused"].get("/contests").content.decode()


def test_only_the_firm_withdraws_and_an_overdue_contest_is_marked(scene, world):
    scene["graded"].post("/contests/open", claim())
    kept = opened(world, scene["graded_id"])
    assert scene["refused"].post(f"/contests/{kept.pk}/withdraw").status_code == 404
    assert "已逾期" not in scene["graded"].get("/contests").content.decode()
    with psycopg.connect(os.environ["TECHFLOW_OWNER_URL"], autocommit=True) as connection:
        connection.execute(
            "SET session_replication_role = replica; UPDATE platform_contest "
            f"SET due_on = due_on - 25 WHERE id = {kept.pk}"
        )
    assert "已逾期" in scene["operator"].get("/contests").content.decode()
    assert scene["graded"].post(f"/contests/{kept.pk}/withdraw").status_code == 302
    assert "已逾期" not in scene["operator"].get("/contests").content.decode()


def test_a_look_at_a_contest_leaves_a_trace(scene, world):
    scene["refused"].post("/contests/open", claim())
    scene["operator"].get("/contests")
    traces = world.models.Reading.objects.using("owner").filter(
        firm_id=scene["refused_id"], org=scene["operator_seat"].org, route="contests"
    )
    assert ["cash"] in [one.parts for one in traces]


def test_readers_see_contests_of_granted_parts_only(scene, world, web_url):
    world.consent(scene["graded_id"], scene["other_bank"], parts=("identity",))
    scene["graded"].post("/contests/open", claim())
    for bank, seen in ((scene["bank"], True), (scene["other_bank"], False)):
        with psycopg.connect(web_url) as connection:
            for name, value in (("org", bank.pk), ("purpose", "credit")):
                connection.execute("SELECT set_config(%s, %s, true)", [f"app.{name}", str(value)])
            found = connection.execute(
                "SELECT count(*) > 0 FROM platform_contest WHERE firm_id = %s",
                [scene["graded_id"]],
            ).fetchone()
        assert found == (seen,)


def test_the_page_of_a_firm_marks_a_contested_fact_for_its_readers(scene, world):
    world.models.Contest.objects.using("owner").filter(firm_id=scene["graded_id"]).delete()
    address = f"/firms/{scene['graded_id']}"
    mark = '<section class="panel" id="contested">'
    assert mark not in scene["officer"].get(address).content.decode()
    scene["graded"].post("/contests/open", claim())
    assert mark in scene["officer"].get(address).content.decode()
    (told,) = scene["officer"].get(f"/api/v1{address}").json()["contested"]
    assert (told["part"], told["state"]) == ("cash", "open")
    assert (told["zh"], told["en"]) == ("营业收入 · 2025-12-31", "Revenue · 2025-12-31")


def asked(scene, **more):
    return {"org": scene["bank"].pk, "refused": "verdict", "reason": "已补发票"} | more


def test_a_person_of_the_asked_bank_reviews_a_refusal(scene, world):
    assert "未予评级" in scene["refused"].get("/reviews").content.decode()
    forged = asked(scene, firm_id=scene["graded_id"], told="{}", state="changed")
    assert scene["refused"].post("/reviews/open", forged).status_code == 302
    assert scene["refused"].post("/reviews/open", asked(scene)).status_code == 422, "once at a time"
    kept = world.models.Review.objects.using("owner").get(firm_id=scene["refused_id"])
    assert (kept.state, kept.told["verdict"], kept.org) == ("open", "insufficient", scene["bank"])
    address, told = f"/reviews/{kept.pk}/decide", {"state": "changed", "reason": "现场核实"}
    assert scene["other_head"].post(address, told).status_code == 404
    assert scene["officer"].post(address, told).status_code == 403
    assert scene["refused"].post(address, told).status_code == 403
    assert "已补发票" not in scene["other_head"].get("/reviews").content.decode()
    assert "已补发票" in scene["head"].get("/reviews").content.decode()
    assert scene["head"].post(address, told | {"reason": ""}).status_code == 422
    assert scene["head"].post(address, told).status_code == 302
    assert scene["head"].post(address, told).status_code == 404
    kept.refresh_from_db(using="owner")
    assert (kept.state, kept.decided_by) == ("changed", scene["head_seat"])
    assert "现场核实" in scene["refused"].get("/reviews").content.decode()


@pytest.mark.parametrize(
    ("who", "change"),
    [("graded", {}), ("graded", {"refused": "limit"}), ("refused", {"org": "other_bank"}),
     ("refused", {"org": "x"}), ("refused", {"reason": ""}), ("refused", {"refused": "limit"})],
)  # fmt: skip
def test_no_review_without_refusal_consent_and_reason(scene, world, who, change):
    sent = asked(scene, **change)
    sent["org"] = scene["other_bank"].pk if sent["org"] == "other_bank" else sent["org"]
    assert scene[who].post("/reviews/open", sent).status_code == 422


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE platform_contest SET old_value = '' WHERE id = {contest}",
        "UPDATE platform_contest SET state = 'corrected', answer = 'x' WHERE id = {contest}",
        "UPDATE platform_review SET state = 'changed' WHERE id = {review}",
        "UPDATE platform_review SET told = '{{}}', state = 'withdrawn' WHERE id = {review}",
    ],
)
def test_a_firm_cannot_answer_its_own_case_by_raw_sql(scene, world, web_url, statement):
    scene["refused"].post("/contests/open", claim())
    scene["refused"].post("/reviews/open", asked(scene))
    review = world.models.Review.objects.using("owner").get(
        firm_id=scene["refused_id"], state="open"
    )
    held = {"person": scene["refused_seat"].person_id, "org": scene["refused_seat"].org_id}
    held |= {"firm": scene["refused_id"], "role": "firm", "purpose": "own"}
    refused = (psycopg.errors.InsufficientPrivilege, psycopg.errors.CheckViolation)
    with psycopg.connect(web_url) as connection:
        for name, value in held.items():
            connection.execute("SELECT set_config(%s, %s, true)", [f"app.{name}", str(value)])
        contest = opened(world, scene["refused_id"]).pk
        with pytest.raises(refused):
            connection.execute(statement.format(contest=contest, review=review.pk))


def test_who_looked_tells_organisation_role_purpose_parts_and_how_often(scene, world):
    firm_id = world.firm(scene["run"], ("grade",))
    firm_seat = world.models.Membership.objects.using("owner").create(
        person=world.models.Person.objects.using("owner").create(username="looked-at"),
        org=world.org("firm", firm_id),
        role="firm",
    )
    firm = world.client(firm_seat)
    assert "还没有" in firm.get("/looks").content.decode()
    world.consent(firm_id, scene["bank"])
    for _ in range(3):
        scene["officer"].get(f"/firms/{firm_id}")
    scene["head"].get(f"/firms/{firm_id}")
    firm.get(f"/firms/{firm_id}")
    page = firm.get("/looks").content.decode()
    rows = [row for row in page.split("<tr>") if scene["bank"].name_zh in row]
    assert len(rows) == 2, "one by role, and none of the firm itself"
    officer = next(row for row in rows if "信贷员" in row)
    words = re.sub(r"\s*<[^>]*>\s*", "|", officer)
    assert "|信贷审批与贷后管理||工商登记、评级||3|" in words
    text = firm.get("/looks.csv").content.decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    kept = world.models.Reading.objects.using("owner").filter(firm_id=firm_id)
    assert len(lines) == 1 + kept.count()
    assert {line[1] for line in lines[1:]} == {scene["bank"].name_zh}
    assert firm.get("/looks?page=2").status_code == 200
    assert scene["officer"].get("/looks").status_code == 403
    assert firm_id not in scene["refused"].get("/looks").content.decode()
