"""Every policy folder is rule + params + cases; this file runs them all, on every engine."""

import ast
from pathlib import Path

import duckdb
import narwhals.stable.v2 as nw
import polars as pl
import pytest
import sqlglot

import techflow.basics
from techflow.policy import decide_one, evaluate, evaluate_by_date, in_order
from techflow.policy.sql import to_sql_by_date
from techflow_service.policies import ROOT, load_cases, load_laws

LAWS = load_laws()
FOLDERS = {name: ROOT.joinpath(*name.split(".")) for name in LAWS}
WORDS = {"yes": True, "no": False, "unknown": None}
DTYPES = {"flag": pl.Boolean, "code": pl.String, "count": pl.Int64}
each_law = pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)


def needed(law):
    """The law and every law whose answer it uses, on any day."""
    ids, todo = [], [law.id]
    while todo:
        name = todo.pop()
        if name not in ids:
            ids.append(name)
            todo += [used for *_, rule in LAWS[name].timeline() for used in rule.needs]
    return [LAWS[name] for name in ids]


def cases_of(law):
    return [case for case in load_cases(FOLDERS[law.id]) if "raises" not in case]


def expected_of(case):
    return {name: WORDS.get(value, value) for name, value in case["output"].items()}


def frame_of(laws, cases):
    facts = {f.name: f for law in laws for *_, rule in law.timeline() for f in rule.facts}
    schema = {name: DTYPES.get(fact.kind, pl.Float64) for name, fact in facts.items()}
    rows = [{**dict.fromkeys(schema), **case["input"], "on": case["on"]} for case in cases]
    return pl.DataFrame(rows, schema={**schema, "on": pl.Date})


def wrong(law, cases, rows):
    """Cases whose row differs from what they expect."""
    prefix = law.id.replace(".", "_")
    found = []
    for case, row in zip(cases, rows, strict=True):
        expected = expected_of(case)
        got = {name: row[f"{prefix}__{name}"] for name in expected}
        if got != expected:
            found.append((case["name"], {k: (got[k], expected[k]) for k in got}))
    return found


@each_law
def test_cases_by_the_day_of_each_row(law, make, rows):
    laws, cases = needed(law), cases_of(law)
    frame = make(frame_of(laws, cases))
    judged = rows(evaluate_by_date(frame, laws, on="on", detail="points"))
    assert not wrong(law, cases, judged)


@each_law
def test_cases_of_one_day(law, rows):
    laws = needed(law)
    for on in sorted({case["on"] for case in cases_of(law)}):
        cases = [case for case in cases_of(law) if case["on"] == on]
        frame = nw.from_native(frame_of(laws, cases).lazy())
        rules = [each.on(on) for each in laws]
        assert not wrong(law, cases, rows(evaluate(frame, rules, detail="points")))


@each_law
def test_twin_gives_the_cases_too(law):
    for case in cases_of(law):
        answers = {}
        for rule in in_order([each.on(case["on"]) for each in needed(law)]):
            decision = decide_one(case["input"], rule, answers=answers)
            answers[rule.policy_id] = decision.answer
        answers = {"answer": decision.answer, **decision.outcomes}
        got = {**answers, **{f"ok_{name}": ok for name, ok in decision.results().items()}}
        expected = {k: v for k, v in expected_of(case).items() if not k.startswith("points_")}
        assert {name: got[name] for name in expected} == expected, case["name"]


@each_law
def test_days_without_law_raise(law):
    for case in load_cases(FOLDERS[law.id]):
        if error := case.get("raises"):
            with pytest.raises(getattr(techflow.basics, error)):
                law.on(case["on"])


@each_law
def test_cases_say_who_says_so_and_cover_the_kinds(law):
    cases = load_cases(FOLDERS[law.id])
    assert all(case["name"] and case["basis"] for case in cases)
    assert len({case["name"] for case in cases}) == len(cases)
    facts = {
        fact.name for each in needed(law) for *_, rule in each.timeline() for fact in rule.facts
    }
    assert not {name for case in cases for name in case["input"]} - facts
    answers = {case["output"].get("answer") for case in cases if "output" in case}
    has_test = any(version.test for version in law.policy.versions)
    assert not has_test or answers >= {"yes", "no", "unknown"}
    assert any(case.get("raises") == "NotInForce" for case in cases)


@each_law
def test_rule_file_imports_only_the_engine(law):
    tree = ast.parse((FOLDERS[law.id] / "rule.py").read_text("utf8"))
    imported = [n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    assert set(imported) <= {"techflow.policy", "datetime"}
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import)]


@each_law
def test_sql_gives_the_cases_and_is_spark_and_postgres_too(law):
    laws, cases = needed(law), cases_of(law)
    firms = frame_of(laws, cases).with_columns(firm_id=pl.arange(len(cases)))
    how = {"on": "on", "detail": "points"}
    connection = duckdb.connect()
    connection.register("firms", firms.to_arrow())
    found = connection.sql(to_sql_by_date(laws, dialect="duckdb", **how) + " ORDER BY firm_id")
    assert not wrong(law, cases, found.pl().rows(named=True))
    for dialect in ("spark", "postgres"):
        text = to_sql_by_date(laws, dialect=dialect, **how)
        assert sqlglot.parse_one(text, dialect=dialect).named_selects


def test_folders_are_where_the_ids_say():
    assert LAWS and all((folder / "cases.toml").is_file() for folder in FOLDERS.values())
    assert isinstance(ROOT, Path)
