"""`techflow policy`: the same answers on every engine, in words, and one clear line on error."""

import importlib.util
import json
import shutil
import sys
from datetime import date

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from techflow_service.cli import main
from techflow_service.policies import ROOT, load_cases

SME, STAR = "cn.tech_sme", "cn.star_attribute"
DAY = "2024-06-30"
PAIR = ("rule.py", "params.toml")
HAS_SPARK = importlib.util.find_spec("pyspark") and shutil.which("java")


def case_rows(policy_id):
    """The firms of a policy's own cases: facts and the answer its folder gives."""
    cases = load_cases(ROOT.joinpath(*policy_id.split(".")))
    kept = [case for case in cases if "output" in case and str(case["on"]) == DAY]
    return [
        {"firm_id": f"{policy_id}:{number:02}", "on": case["on"], "wanted": case["output"]}
        | {"region_code": ("110000", "440300")[number % 2], **case["input"]}
        for number, case in enumerate(kept)
    ]


CASES = case_rows(SME)
WANTED = {row["firm_id"]: row["wanted"].get("answer") for row in CASES}
WORDS = {"yes": True, "no": False, "unknown": None}


@pytest.fixture(scope="module")
def firms(tmp_path_factory):
    rows = [{name: row[name] for name in row if name != "wanted"} for row in CASES]
    frame = pl.DataFrame(rows, infer_schema_length=None)
    folder = tmp_path_factory.mktemp("firms")
    frame.write_parquet(folder / "firms.parquet")
    frame.write_csv(folder / "firms.csv")
    return folder


@pytest.fixture
def run(capsys, monkeypatch):
    """Runs `techflow policy ...` as the shell does: exit code, output, errors."""

    def call(*args):
        monkeypatch.setattr(sys, "argv", ["techflow", "policy", *map(str, args)])
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = stop.code or 0
        got = capsys.readouterr()
        return code, got.out, got.err

    return call


def answers(path, policy_id=SME):
    frame = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path)
    column = f"{policy_id.replace('.', '_')}__answer"
    return dict(frame.select("firm_id", column).iter_rows())


ENGINES = [
    "polars",
    "duckdb",
    pytest.param("spark", marks=pytest.mark.skipif(not HAS_SPARK, reason="needs pyspark, Java")),
]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_each_engine_and_file_kind_gives_the_answers_of_the_cases(
    engine, ending, firms, run, tmp_path
):
    """Expected values: the folder's own cases, by hand from the text."""
    out = tmp_path / f"out.{ending}"
    source = firms / f"firms.{ending}"
    code, told, _ = run("evaluate", SME, source, "--on", DAY, "--engine", engine, "--out", out)
    assert code == 0
    got = answers(out)
    for firm_id, answer in WANTED.items():
        assert answer is None or got[firm_id] == WORDS[answer], firm_id
    yes = sum(value is True for value in got.values())
    assert f"yes {yes}" in told and str(out) in told
    assert [path.name for path in tmp_path.iterdir()] == [out.name], "nothing is left behind"


def test_the_day_of_each_row_gives_what_the_day_for_all_gives(firms, run, tmp_path):
    out = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    source = firms / "firms.parquet"
    assert run("evaluate", SME, STAR, source, "--on", DAY, "--out", out[0])[0] == 0
    how = ("--on-column", "on", "--engine", "duckdb")
    assert run("evaluate", SME, STAR, source, *how, "--out", out[1])[0] == 0
    one, each = (pl.read_parquet(path) for path in out)
    shared = [name for name in one.columns if name in each.columns]
    assert f"{STAR.replace('.', '_')}__ok_eligible" in shared
    assert_frame_equal(one.select(shared).sort("firm_id"), each.select(shared).sort("firm_id"))


def test_a_row_before_the_law_is_not_in_force_not_wrong(firms, run, tmp_path):
    source, out = tmp_path / "old.csv", tmp_path / "out.csv"
    frame = pl.read_parquet(firms / "firms.parquet").head(3)
    frame.with_columns(on=pl.Series([date(2017, 5, 2), date(2017, 5, 3), None])).write_csv(source)
    code, told, _ = run("evaluate", SME, source, "--on-column", "on", "--out", out, "--json")
    summary = json.loads(told)["policies"][0]
    assert code == 0 and summary["not_in_force_n"] == 2 and summary["firms_n"] == 3


def test_long_tables_hold_the_same_answers(firms, run, tmp_path):
    wide, long = tmp_path / "wide.parquet", tmp_path / "long.parquet"
    source = firms / "firms.parquet"
    run("evaluate", SME, STAR, source, "--on", DAY, "--out", wide)
    assert run("evaluate", SME, STAR, source, "--on", DAY, "--out", long, "--long")[0] == 0
    decisions = pl.read_parquet(long)
    for policy_id in (SME, STAR):
        rows = decisions.filter(policy_id=policy_id)
        assert dict(rows.select("firm_id", "answer").iter_rows()) == answers(wide, policy_id)
    tests = pl.read_parquet(tmp_path / "long.conditions.parquet")
    got = tests.filter(policy_id=SME, condition="small_staff").select("firm_id", "ok")
    column = pl.read_parquet(wide)["cn_tech_sme__ok_small_staff"].to_list()
    assert got["ok"].to_list() == column


@pytest.mark.parametrize("engine", ENGINES)
def test_long_tables_with_the_day_of_each_row(engine, run, tmp_path):
    """Each text's long tables are those of its own day; nothing is said of rows without law."""
    days = [date(2019, 3, 1), date(2020, 3, 20), date(2024, 4, 29), date(2024, 4, 30), None]
    source, out = tmp_path / "firms.parquet", tmp_path / "long.parquet"
    cases = load_cases(ROOT / "cn/star_attribute")
    rows = [
        {"firm_id": f"{number:03}", "on": day, **case["input"]}
        for number, case in enumerate(cases)
        for day in days
    ]
    frame = pl.DataFrame(rows, infer_schema_length=None)
    frame.write_parquet(source)
    how = ("--on-column", "on", "--long", "--engine", engine, "--out", out)
    code, _, error = run("evaluate", STAR, SME, source, *how)
    assert code == 0, error
    decisions = pl.read_parquet(out).sort("policy_id", "firm_id")
    tests = pl.read_parquet(tmp_path / "long.conditions.parquet")
    assert decisions.height == 2 * frame.height
    outside = decisions.filter(policy_id=STAR, reason="not_in_force")
    assert set(outside["on"]) == {None, days[0]} and outside["document"].null_count() == len(
        outside
    )
    assert outside["answer"].null_count() == outside.height == 2 * frame.height // len(days)
    for day in days[1:4]:
        one = tmp_path / "one.parquet"
        frame.filter(pl.col("on") == day).drop("on").write_parquet(tmp_path / "day.parquet")
        run("evaluate", STAR, SME, tmp_path / "day.parquet", "--on", day, "--long", "--out", one)
        order = ["policy_id", "firm_id"]
        assert_frame_equal(
            decisions.filter(pl.col("on") == day).drop("on"), pl.read_parquet(one).sort(order)
        )
        assert_frame_equal(
            tests.filter(pl.col("on") == day).drop("on").sort(*order, "condition"),
            pl.read_parquet(tmp_path / "one.conditions.parquet").sort(*order, "condition"),
        )
    assert set(tests["on"]) == set(days[1:4]) | {days[0]}, "the SME policy holds in 2019 too"
    assert set(tests.filter(policy_id=STAR)["on"]) == set(days[1:4])


def test_absent_facts_and_unreadable_cells_are_unknown_and_named(run, tmp_path):
    source, out = tmp_path / "firms.csv", tmp_path / "out.parquet"
    source.write_text("firm_id,employees_n,adverse_list\n001,501,否\n002,many,是\n003,,\n", "utf8")
    code, told, _ = run("evaluate", SME, source, "--on", DAY, "--out", out)
    assert code == 0
    assert answers(out) == {"001": False, "002": False, "003": None}
    assert "tech_staff_n" in told and "column employees_n: 1 cells could not be read" in told


def test_all_means_every_policy_in_force(firms, run, tmp_path):
    out = tmp_path / "out.parquet"
    code, told, _ = run(
        "evaluate", "all", firms / "firms.parquet", "--on", DAY, "--out", out, "--json"
    )
    listed = json.loads(run("list", "--on", DAY, "--json")[1])
    in_force = {entry["id"] for entry in listed if entry["in_force"]}
    assert code == 0 and {row["id"] for row in json.loads(told)["policies"]} == in_force


def test_list_says_title_version_document_marks(run):
    code, told, _ = run("list", "--on", DAY)
    assert code == 0
    lines = told.splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith(STAR + " "))
    assert "科创属性评价 / STAR Market" in lines[at]
    assert "since 2024-04-30: 证监会公告〔2024〕6号 [unverified 0.97]" in lines[at + 1]


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [
        ("zh", "职工总数不高于500人（国科发政〔2017〕115号 第六条（二））"),
        ("en", "Employees at most 500 persons (国科发政〔2017〕115号 第六条（二）)"),
    ],
)
def test_show_says_each_condition_with_bound_and_clause(lang, sentence, run):
    code, told, _ = run("show", SME, "--on", DAY, "--lang", lang)
    assert code == 0 and sentence in told


def firm_named(name):
    cases = [c for c in load_cases(ROOT / "cn/tech_sme") if "output" in c and str(c["on"]) == DAY]
    return f"{SME}:{[case['name'] for case in cases].index(name):02}"


@pytest.mark.parametrize(
    ("lang", "why", "todo"),
    [
        ("zh", "得分为58分，要求不低于60分 — 不满足", "提高到"),
        (
            "en",
            "Points: 58 points; at least 60 points required — not met",
            "Points sure so far: 58 points; 60 points needed",
        ),
    ],
)
def test_explain_and_gaps_of_a_firm_two_points_short(lang, why, todo, firms, run):
    how = ("--firm", firm_named("58 points are not"), "--on", DAY, "--lang", lang)
    assert why in run("explain", SME, firms / "firms.csv", *how)[1]
    code, told, _ = run("gaps", SME, firms / "firms.parquet", *how)
    assert code == 0 and todo in told


def test_gaps_of_a_firm_that_qualifies_says_so(firms, run):
    how = ("--firm", firm_named("62 points: 4 + 40 + 18"), "--on", DAY)
    assert "Nothing is missing" in run("gaps", SME, firms / "firms.parquet", *how)[1]


def draft_of(folder, old, new):
    """A copy of the folder in force with one text replaced."""
    for name in PAIR:
        text = (ROOT / "cn/tech_sme" / name).read_text("utf8")
        (folder / name).write_text(text.replace(old, new), "utf8")
    return folder


def test_what_if_counts_by_group_who_loses(firms, run, tmp_path):
    """Only the case with 500 employees passes today and has more than 499."""
    draft = draft_of(tmp_path, "value = 500,", "value = 499,")
    out = tmp_path / "changes.csv"
    how = ("--on", DAY, "--by", "region_code", "--out", out, "--json")
    code, told, _ = run("what-if", SME, draft, firms / "firms.parquet", *how)
    found = json.loads(told)
    assert code == 0 and found["total"]["loses_n"] == 1 and found["total"]["gains_n"] == 0
    assert found["total"]["firms_n"] == len(CASES) == sum(g["firms_n"] for g in found["groups"])
    lost = pl.read_csv(out).filter(pl.col("change") == "loses")
    assert lost["firm_id"].to_list() == [firm_named("size at its upper bounds is inside")]
    assert "1 lose" in run("what-if", SME, draft, firms / "firms.csv", "--on", DAY)[1]


def test_a_draft_that_begins_later_counts_as_it_will_stand(firms, run, tmp_path):
    new = (
        "value = 1, reference = 'draft', status = 'proposal' }, { since = 2017-05-03, value = 500,"
    )
    draft = draft_of(tmp_path, "since = 2017-05-03, value = 500,", f"since = 2030-01-01, {new}")
    told = run("what-if", SME, draft, firms / "firms.parquet", "--on", DAY, "--json")[1]
    assert json.loads(told)["total"]["after_n"] == 0


def test_sql_runs_and_gives_the_same_answers(firms, run, tmp_path):
    out = tmp_path / "out.parquet"
    run("evaluate", SME, firms / "firms.parquet", "--on", DAY, "--out", out)
    code, text, _ = run("sql", SME, "--dialect", "duckdb", "--on", DAY)
    connection = duckdb.connect()
    connection.register("firms", pl.read_parquet(firms / "firms.parquet").to_arrow())
    found = connection.sql(text.strip().rstrip(";")).pl()
    assert code == 0
    assert dict(found.select("firm_id", "cn_tech_sme__answer").iter_rows()) == answers(out)


ERRORS = {
    "unknown id": (("show", "cn.tech_sem"), "nearest: cn.tech_sme"),
    "not in force": (("show", SME, "--on", "2010-01-01"), "from 2017-05-03"),
    "bad date": (("show", SME, "--on", "2010-13-01"), "must be a day such as"),
    "no file": (("explain", SME, "{dir}/no.csv", "--firm", "x", "--on", DAY), "is missing"),
    "other file": (("explain", SME, "{dir}/rule.py", "--firm", "x", "--on", DAY), ".parquet or"),
    "no firm": (("gaps", SME, "{firms}", "--firm", "x", "--on", DAY), "firm x is not in"),
    "no draft": (("what-if", SME, "{dir}/none", "{firms}", "--on", DAY), "is not a folder"),
    "half a draft": (("what-if", SME, "{dir}", "{firms}", "--on", DAY), "also holds params.toml"),
    "bad column": (
        ("evaluate", SME, "{firms}", "--on-column", "when", "--out", "{dir}/o.csv"),
        "has no column when",
    ),
    "no dates": (
        ("evaluate", SME, "{firms}", "--on-column", "region_code", "--out", "{dir}/o.csv"),
        "must hold dates",
    ),
    "two days": (
        ("evaluate", SME, "{firms}", "--on", DAY, "--on-column", "on", "--out", "{dir}/o.csv"),
        "either --on",
    ),
    "wrong ending": (
        ("evaluate", SME, "{firms}", "--on", DAY, "--out", "{dir}/o.xlsx"),
        ".parquet or .csv",
    ),
    "no facts": (
        ("evaluate", SME, "{dir}/other.csv", "--on", DAY, "--out", "{dir}/o.csv"),
        "none of the",
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_wrong_input_is_one_line_and_exit_2(name, firms, run, tmp_path):
    (tmp_path / "rule.py").write_text("POLICY = None\n", "utf8")
    (tmp_path / "other.csv").write_text("firm_id,colour\n1,red\n", "utf8")
    args, expected = ERRORS[name]
    places = {"dir": tmp_path, "firms": firms / "firms.parquet"}
    code, told, error = run(*(arg.format(**places) for arg in args))
    assert code == 2 and told == "" and expected in error
    assert error.startswith("error: ") and error.count("\n") == 1


def test_a_draft_whose_rule_cannot_be_read_is_one_line(firms, run, tmp_path):
    draft = draft_of(tmp_path, "Policy(", "Polcy(")
    code, _, error = run("what-if", SME, draft, firms / "firms.parquet", "--on", DAY)
    assert code == 2 and "cannot be read" in error and error.count("\n") == 1


@pytest.mark.skipif(bool(HAS_SPARK), reason="pyspark and Java are here")
def test_without_spark_the_message_says_what_to_install(firms, run, tmp_path):
    how = ("--on", DAY, "--engine", "spark", "--out", tmp_path / "o.parquet")
    code, _, error = run("evaluate", SME, firms / "firms.parquet", *how)
    assert code == 2 and ("techflow[spark]" in error or "Java" in error)
    assert list(tmp_path.iterdir()) == []


BROKEN = {
    "unknown column": (
        '"rnd_y0_cny", "revenue_y0_cny"',
        '"rnd_y0_yuan", "revenue_y0_cny"',
        "version 2017-05-03: unknown column rnd_y0_yuan: not in any facts.toml",
    ),
    "hole": ('["30%", 20]', '["5%", 20]', "parameter staff_points from 2017-05-03: brackets leave"),
    "overlap": ('["25%", 16]', '["30%", 16]', "staff_points from 2017-05-03: brackets overlap at"),
    "no clause": (
        'value = 500, reference = "国科发政〔2017〕115号 第六条（二）"',
        "value = 500",
        "params.toml: a value of parameter employees_n_max lacks reference",
    ),
    "empty clause": (
        'value = 500, reference = "国科发政〔2017〕115号 第六条（二）"',
        'value = 500, reference = " "',
        "parameter employees_n_max lacks its reference: name document and clause",
    ),
    "version gap": (
        "since=date(2017, 5, 3),",
        "since=date(2017, 5, 3), until=date(2020, 1, 1), document='A', mark=unverified('0.9'),"
        " test=BY_SCORE), Version(since=date(2021, 1, 1),",
        "version 2017-05-03: a gap: ends 2020-01-01, the next starts 2021-01-01",
    ),
    "quoted day": (
        "since = 2017-05-03, value = 500",
        "since = '2017-05-03', value = 500",
        "employees_n_max: since must be a day without quotes, such as 2024-04-30; got '2017-05-03'",
    ),
    "day checked": (
        "checked_on = 2026-11-23",
        "checked_on = 'soon'",
        "employees_n_max: checked_on must be a day without quotes",
    ),
    "no number": (
        "value = 500,",
        "value = 'many',",
        "params.toml: parameter employees_n_max: a number of law must be a number; got 'many'",
    ),
    "lone step": ('["30%", 20]', "30", "parameter staff_points: steps must be pairs"),
    "loose value": ("[employees_n_max]", "limit = 3\n[employees_n_max]", "limit must be a table"),
    "rule fails": ("POLICY = ", "1 / 0\nPOLICY = ", "rule.py cannot be read: ZeroDivisionError"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_folder_says_what_is_wrong_and_where(name, firms, run, tmp_path):
    old, new, expected = BROKEN[name]
    in_force = [(ROOT / "cn/tech_sme" / file).read_text("utf8") for file in PAIR]
    assert any(old in text for text in in_force), "the folder no longer has what is broken here"
    draft = draft_of(tmp_path, old, new)
    code, told, error = run("what-if", SME, draft, firms / "firms.parquet", "--on", DAY)
    assert code == 2 and told == "" and expected in error
    assert error.startswith("error: ") and error.count("\n") == 1


def test_list_names_numbers_nobody_checked_for_a_year(run):
    """Every number of a folder carries the day it was last held against its source."""
    fresh = json.loads(run("list", "--on", DAY, "--json")[1])
    assert not any(entry["unchecked"] for entry in fresh)
    code, told, _ = run("list", "--on", "2040-01-01")
    assert code == 0 and "check again: cn.tech_sme: parameter employees_n_max: checked_on" in told
    assert "over a year before 2040-01-01; read the source again" in told
