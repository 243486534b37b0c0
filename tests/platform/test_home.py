"""The first page of each role: what changed, what needs me, how many of each grade."""

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.platform.callers import Caller, is_problem

GRADES = ("TF1", "TF2", "TF3", "TF4")
SCALE = {"scale": {"id": "s", "grades": [
    {"name": name, "pd_max": 0.1, "meaning": {"zh": "低", "en": "low"}} for name in GRADES
]}, "counts": {"grades": {"TF2": 40, "TF4": 7}}}  # fmt: skip


@pytest.fixture(scope="module")
def book(world):
    """Two runs; of eight firms, a bank may see six; three moved."""
    run = world.run(date(2027, 1, 31))
    world.models.Run.objects.using("owner").filter(pk=run.pk).update(record=SCALE)
    world.run(date(2026, 12, 31))
    bank, names = world.org(), []
    for number in range(8):
        firm_id = world.firm(run, parts=())
        steps = (0, 1, None, -2, 0, 1, 1, -1)[number]
        fields = {"grade": GRADES[number % 4], "steps_up": steps, "grade_before": "TF3"}
        rows = world.models.Standing.objects.using("owner").filter(run=run, firm_id=firm_id)
        rows.update(limit_lcy=1e6 * number, **fields)
        name = rows.get().name
        if number < 6:
            ends = timedelta(days=10 if number < 2 else 90)
            world.consent(firm_id, bank, until_at=datetime.now(UTC) + ends)
        names.append((firm_id, name))
    yield {"bank": bank, "firms": names}
    world.models.Run.objects.using("owner").filter(as_of__gt=world.TODAY).delete()


def home(world, member, language="zh"):
    client = world.client(member)
    client.cookies["language"] = language
    answer = client.get("/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_moved_firms_that_may_be_seen_largest_limit_first(book, world):
    text = home(world, world.member("credit_officer", book["bank"]))
    shown = sorted((text.index(firm_id), n) for n, (firm_id, _) in enumerate(book["firms"])
                   if f"/firms/{firm_id}\"" in text)  # fmt: skip
    assert [number for _, number in shown] == [5, 3, 1]
    assert "↑ 上调 1 档" in text and "↓ 下调 2 档" in text and "2026-12-31" in text


def test_looking_at_them_is_recorded(book, world):
    from techflow_service.platform.models import Reading

    member = world.member("credit_officer", book["bank"])
    home(world, member)
    found = Reading.objects.using("owner").filter(person_id=member.person_id, route="home")
    assert sorted(found.values_list("firm_id", flat=True)) == sorted(
        book["firms"][number][0] for number in (5, 3, 1)
    )


def test_consents_that_end_soon_need_someone(book, world):
    assert "2 项授权将在30天内到期" in home(world, world.member("credit_officer", book["bank"]))
    assert "没有待办事项" in home(world, world.member("credit_officer", world.org()))


def test_counts_are_of_firms_that_may_be_seen(book, world):
    client = world.client(world.member("credit_officer", book["bank"]))
    text = client.get("/home/counts").content.decode()
    for grade, n in (("TF1", 2), ("TF2", 2), ("TF3", 1), ("TF4", 1)):
        row = text[text.index(f"grade={grade}") :]
        assert row[row.index('"n"') :].split(">")[1].startswith(f"{n}<")


def test_programs_read_the_same_counts_and_firms_that_moved(book, world):
    call = Caller(world, world.member("credit_officer", book["bank"]))
    told = call("GET", "home/counts").json()
    assert (told["as_of"], told["over"]) == ("2027-01-31", "agreed")
    assert [(row["grade"], row["n"]) for row in told["rows"]] == [
        ("TF1", 2), ("TF2", 2), ("TF3", 1), ("TF4", 1)
    ]  # fmt: skip
    assert {(row["zh"], row["en"], row["verdict"]) for row in told["rows"]} == {
        ("低", "low", "graded")
    }
    for moved, numbers in (("any", [5, 3, 1]), ("up", [5, 1]), ("down", [3])):
        rows = call("GET", f"firms?moved={moved}").json()["rows"]
        assert [row["firm_id"] for row in rows] == [book["firms"][n][0] for n in numbers]
    assert (rows[0]["grade_before"], rows[0]["steps_up"]) == ("TF3", -2)
    files = call("GET", "firms.csv?moved=down&language=en")
    head, row, *more = files.content.decode("utf-8-sig").splitlines()
    assert head.startswith("Firm id,Firm,Grade") and row.startswith(book["firms"][3][0])
    assert not more


def test_who_reads_no_firm_counts_the_whole_book_by_program(book, world):
    told = Caller(world, world.member("analyst"))("GET", "home/counts").json()
    assert told["over"] == "whole"
    assert [(row["grade"], row["n"]) for row in told["rows"]] == [("TF2", 40), ("TF4", 7)]
    of_firm = Caller(world, world.member("firm", world.org("firm", book["firms"][0][0])))
    is_problem(of_firm("GET", "home/counts"), 403, "forbidden")


def test_a_grade_of_few_firms_is_not_counted_for_who_reads_none(book, world):
    """Three firms are few; two grades together would tell them, so the smallest other goes too."""
    runs = world.models.Run.objects.using("owner").filter(as_of=date(2027, 1, 31))
    runs.update(record=SCALE | {"counts": {"grades": {"TF1": 3, "TF2": 40, "TF4": 7}}})
    member = world.member("analyst")
    rows = Caller(world, member)("GET", "home/counts").json()["rows"]
    text = home(world, member, "en")
    runs.update(record=SCALE)
    assert [(row["grade"], row["n"]) for row in rows] == [("TF1", None), ("TF2", 40), ("TF4", None)]
    assert text.count("under 5") == 2 and ">40<" in text and ">7<" not in text


def test_the_firm_sees_itself_and_who_looked(book, world):
    firm_id, name = book["firms"][5]
    home(world, world.member("credit_officer", book["bank"]))
    text = home(world, world.member("firm", world.org("firm", firm_id)))
    assert f'href="/firms/{firm_id}"' in text and book["bank"].name_zh in text
    assert "TF2" in text and name not in home(world, world.member("firm", world.org("firm")))


@pytest.mark.parametrize("role", ["analyst", "administrator"])
def test_who_reads_no_firm_sees_counts_of_the_whole_book(book, world, role):
    text = home(world, world.member(role, world.org("analyst")), "en")
    assert "TF2 · low" in text and "40" in text
    assert not any(firm_id in text or name in text for firm_id, name in book["firms"])
