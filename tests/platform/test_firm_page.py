"""The page of a firm against the files that `techflow assess` wrote, read here with Polars."""

import html
import re
from datetime import UTC, date, datetime

import polars as pl
import pytest
from tests.platform.callers import Caller

from techflow.economy import CONFIGS
from techflow.schema import TABLES
from techflow_service.assessing import Job, assess_store, load_content
from techflow_service.sampling import write_region
from techflow_service.store import Store

DAYS = (date(2025, 6, 30), date(2026, 6, 30))
ALL = ("identity", "grade", "technology", "patents", "cash", "network", "qualification", "plan",
       "evidence")  # fmt: skip
TAG = re.compile(r"<script.*?</script>|<[^>]*translate=\"no\"[^>]*>[^<]*|<[^>]+>", re.S)
CITED = re.compile(r'<div class="lines">.*?</div>|<td data-label="Clause">.*?</td>', re.S)
"""Titles and clauses of Chinese law keep their own language."""


@pytest.fixture(scope="session")
def assessed(tmp_path_factory):
    """A made-up book of 60 firms, assessed on two days."""
    home = tmp_path_factory.mktemp("book")
    write_region(home / "store", CONFIGS["demo"], firms_n=60, seed=11, loaded_at=datetime.now(UTC))
    for day in DAYS:
        content = load_content().in_use(day)
        book = Store.open(home / "store").snapshot()
        assess_store(Job(book, day, None, content, home / day.isoformat()))
    return [home / day.isoformat() for day in DAYS]


@pytest.fixture(scope="module")
def book(world, owner_url, assessed):
    """The book loaded; a bank that every firm lets read everything."""
    from techflow_service.platform.loading import load_run

    for folder in assessed:
        load_run(folder, owner_url)
    rows = pl.read_parquet(assessed[-1] / "assessment.parquet").sort(
        "limit_lcy", "firm_id", descending=[True, False], nulls_last=True
    )
    bank = world.org()
    for firm_id in rows["firm_id"]:
        world.consent(firm_id, bank, parts=ALL)
    client = world.client(world.member("credit_officer", bank))
    firms = {row["verdict"]: row for row in reversed(rows.rows(named=True))}
    return {"client": client, "firms": firms, "folder": assessed[-1], "bank": bank}


def page(client, firm_id, language="zh", query="?as_of=2026-06-30"):
    client.cookies["language"] = language
    answer = client.get(f"/firms/{firm_id}{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def words(text):
    """What a person reads of a page, without names."""
    main = text[text.index("<main") :]
    return html.unescape(TAG.sub(" ", main))


def rows_of(book, file, firm_id):
    return (
        pl.read_parquet(book["folder"] / f"{file}.parquet").filter(firm_id=firm_id).rows(named=True)
    )


@pytest.mark.parametrize("verdict", ["graded", "expert", "insufficient"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_says_what_the_assessment_says(book, verdict, language):
    row = book["firms"][verdict]
    whole = page(book["client"], row["firm_id"], language)
    text = words(whole)
    if row["pd"] is not None:
        assert f"{100 * row['pd']:.2f}%" in text
    if row["grade"]:
        assert row["grade"] in text
    else:
        assert {"zh": "证据不足", "en": "Insufficient evidence"}[language] in text
    if row["rate_pa"] is not None:
        assert f"{100 * row['rate_pa']:.2f}%" in text
    for name in ("reason_1", "reason_2", "reason_3"):
        assert (row[f"{name}_{language}"] or "") in text
    for item in re.split("[;；] ?", row[f"missing_{language}"] or ""):
        assert item in text
    (flow,) = rows_of(book, "technology", row["firm_id"])
    if flow["flow_score"] is not None:
        assert f"{flow['flow_score']:.1f}" in text
    for statement in rows_of(book, "statements", row["firm_id"])[-1:]:
        assert str(statement["period_end_on"]) in text
    for patent in rows_of(book, "patents", row["firm_id"])[:3]:
        assert patent["patent_id"] in whole
    assert "2026-06-30" in text


@pytest.mark.parametrize("verdict", ["graded", "expert", "insufficient"])
def test_each_language_alone(book, verdict):
    firm_id = book["firms"][verdict]["firm_id"]
    chinese = words(page(book["client"], firm_id, "zh"))
    known = {"techflow", "store", "sample", "demo", "cn", "sme", "default", "expert", "TechFlow"}
    found = set(re.findall(r"(?<![\w.:/-])[A-Za-z]{3,}(?![\w.:/-])", chinese)) - known
    assert found <= {"CNY", "HHI", "EBITDA", "PDF", "KRW"}
    english = words(CITED.sub("", page(book["client"], firm_id, "en")))
    assert not re.search(r"[\u4e00-\u9fff]", english), english


def test_a_part_that_is_not_granted_is_not_there(book, world):
    bank = world.org()
    firm_id = next(
        row["firm_id"] for row in rows_all(book) if rows_of(book, "patents", row["firm_id"])
    )
    world.consent(firm_id, bank, parts=("identity", "grade"))
    text = page(world.client(world.member("credit_officer", bank)), firm_id)
    patent = rows_of(book, "patents", firm_id)[0]["patent_id"]
    assert patent in page(book["client"], firm_id) and patent not in text
    assert words(text).count("企业未授权") == 8
    columns = {name: TABLES[name].column for name in ("statement", "invoice_month")}
    for table, column in (("statement", "total_assets_lcy"), ("invoice_month", "purchases_lcy")):
        assert columns[table](column).zh not in text
    assert "el_rate_pa" not in text and "flow_score" not in text


def rows_all(book):
    return pl.read_parquet(book["folder"] / "assessment.parquet").rows(named=True)


def test_a_number_opens_its_card_its_parameters_and_their_marks(book):
    row = book["firms"]["graded"]
    text = words(page(book["client"], row["firm_id"]))
    assert row["card_id"] in text and row["card_hash"] in text
    assert "assessment.limit_lcy" in text and "未核实" in text and "建议值" in text


def test_a_program_reads_the_page_with_the_source_of_each_number(book, world):
    row = book["firms"]["graded"]
    call = Caller(world, world.member("credit_officer", book["bank"]))
    told = call("GET", f"firms/{row['firm_id']}/memo?language=en&as_of=2026-06-30").json()
    sections = {one["name"]: one for one in told["sections"]}
    assert len(sections) == 9 and all(one["told"] for one in sections.values())
    grade, pd = (cell for cell, _ in sections["verdict"]["told"]["facts"][:2])
    assert (grade["text"], pd["text"]) == (row["grade"], f"{100 * row['pd']:.2f}%")
    assert row["card_hash"] in [value for _, value in pd["lines"]]
    limit = sections["verdict"]["told"]["facts"][2][0]
    assert limit["terms"] and {one["name"] for one in limit["terms"]} <= {
        one["name"] for one in told["terms"]
    }
    assert told["as_of"] == "2026-06-30" and told["age_days"] > 0


def test_a_program_is_told_what_it_may_not_read_and_what_was_said_before(book, world):
    firm_id, bank = book["firms"]["graded"]["firm_id"], world.org()
    until_at = datetime(2099, 1, 1, tzinfo=UTC)
    world.consent(firm_id, bank, parts=("identity", "grade"), until_at=until_at)
    call = Caller(world, world.member("credit_officer", bank))
    told = call("GET", f"firms/{firm_id}/memo").json()["sections"]
    assert {one["name"] for one in told if one["told"] is None} == {
        *("flow", "patents", "cash", "accounts", "network", "qualification", "plan", "evidence")
    }
    firm = call("GET", f"firms/{firm_id}").json()
    assert firm["granted"] == ["grade", "identity"] and list(firm["parts"]) == ["grade"]
    assert datetime.fromisoformat(firm["until_at"]) == until_at
    for day, row in zip(DAYS, firm["history"], strict=True):
        every = pl.read_parquet(book["folder"].parent / str(day) / "assessment.parquet")
        (one,) = every.filter(firm_id=firm_id).rows(named=True)
        assert row["as_of"] == str(day) and row["limit_lcy"] == one["limit_lcy"]
        assert (row["grade"], row["pd"]) == (one["grade"], one["pd"])
    earlier = call("GET", f"firms/{firm_id}?as_of=2025-12-31").json()
    assert earlier["history"] == firm["history"][:1]


def test_another_day_and_a_day_before_all(book):
    firm_id = book["firms"]["graded"]["firm_id"]
    early = pl.read_parquet(book["folder"].parent / "2025-06-30" / "assessment.parquet")
    (row,) = early.filter(firm_id=firm_id).rows(named=True)
    text = words(page(book["client"], firm_id, "zh", "?as_of=2025-12-31"))
    assert "数据截至 2025-06-30" in re.sub(r"\s+", " ", text)
    assert (row["grade"] or "证据不足") in text
    assert "显示最早的一次" in page(book["client"], firm_id, "zh", "?as_of=2001-01-01")
    assert page(book["client"], firm_id, "zh", "?as_of=nonsense")


def test_a_look_is_one_record_and_the_firm_sees_it_on_its_own_page(book, world):
    from techflow_service.platform.models import Reading

    firm_id = book["firms"]["graded"]["firm_id"]
    readings = Reading.objects.using("owner").filter(firm_id=firm_id, route="firm")
    before = readings.count()
    page(book["client"], firm_id)
    assert readings.count() == before + 1
    assert set(readings.latest("pk").parts) >= {"identity", "grade", "cash"}
    owner = world.client(world.member("firm", world.org("firm", firm_id)))
    text = words(page(owner, firm_id))
    assert "谁查阅过本企业" in text and book["bank"].name_zh in text
    assert readings.count() == before + 1
    other = book["firms"]["expert"]["firm_id"]
    assert owner.get(f"/firms/{other}").status_code == 404
    assert "谁查阅过本企业" not in page(book["client"], firm_id)
