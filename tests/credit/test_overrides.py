"""Overrides on every engine: each problem by hand, the latest wins, the model's grade is kept."""

from datetime import date

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from techflow.basics import InvalidInput, MissingColumn
from techflow.credit.overrides import (
    PROBLEMS,
    apply_overrides,
    count_outcomes,
    count_overrides,
    judge_overrides,
)

LADDERS = [["TF1", "TF2", "TF3", "TF4", "TF5"], ["X1", "X2", "X3"]]
AS_OF = date(2026, 6, 30)
MODEL = pl.DataFrame(
    [
        ("a", AS_OF, "card", "TF3", 0.03),
        ("b", AS_OF, "card", "TF3", 0.03),
        ("c", AS_OF, "card", "TF4", 0.05),
        ("d", AS_OF, "expert", "X2", None),
        ("e", AS_OF, None, None, None),
        ("f", AS_OF, "card", "TF1", 0.001),
    ],
    schema={
        "firm_id": pl.String,
        "as_of": pl.Date,
        "card_id": pl.String,
        "grade": pl.String,
        "pd": pl.Float64,
    },
    orient="row",
)
SCHEMA = {
    "row_n": pl.Int64,
    "firm_id": pl.String,
    "overridden_on": pl.Date,
    "card_id": pl.String,
    "grade_from": pl.String,
    "grade_to": pl.String,
    "reason_code": pl.String,
    "reason_text": pl.String,
    "by": pl.String,
    "approved_by": pl.String,
}


def override(firm_id="a", **more):
    row = {"firm_id": firm_id, "overridden_on": date(2026, 7, 15), "card_id": "card"}
    row |= {"grade_from": "TF3", "grade_to": "TF2", "reason_code": "technology"}
    return row | {"reason_text": None, "by": "Li", "approved_by": None} | more


def frame(overrides):
    return pl.DataFrame([row | {"row_n": n} for n, row in enumerate(overrides)], schema=SCHEMA)


@pytest.fixture
def judge(make, rows):
    def run(*overrides, limit=1):
        judged = judge_overrides(
            make(frame(overrides)), make(MODEL), ladders=LADDERS, notches_up_max=limit
        )
        return sorted(rows(judged), key=lambda row: row["row_n"])

    return run


@pytest.fixture
def apply(make, rows):
    def run(*overrides):
        model = make(MODEL)
        judged = judge_overrides(make(frame(overrides)), model, ladders=LADDERS, notches_up_max=1)
        return apply_overrides(model, judged)

    return run


CASES = [
    (override(), None, 1),
    (override(grade_to="TF5"), None, -2),
    (override(grade_to="TF1"), "needs_approval", 2),
    (override(grade_to="TF1", approved_by="Wang"), None, 2),
    (override(grade_to="TF1", approved_by="Li"), "own_approval", 2),
    (override(grade_to="TF3"), "same_grade", 0),
    (override(grade_to="X1"), "unknown_grade", None),
    (override(grade_to="AAA"), "unknown_grade", None),
    (override(grade_from="TF4"), "other_grade", 2),
    (override("d", card_id="expert", grade_from="X2", grade_to="X1"), None, 1),
    (override("d"), "other_card", 1),
    (override("e"), "no_grade", 1),
    (override("z"), "unknown_firm", 1),
    (override(overridden_on=date(2026, 6, 29)), "before_assessment", 1),
    (override(overridden_on=AS_OF), None, 1),
    (override(reason_code="other"), "no_reason_text", 1),
    (override(reason_code="other", reason_text="new plant"), None, 1),
]


@pytest.mark.parametrize(("row", "problem", "notches"), CASES)
def test_each_problem_by_hand(judge, row, problem, notches):
    (found,) = judge(row)
    assert (found["problem_code"], found["notches_n"]) == (problem, notches)
    assert found["in_force"] == (problem is None)
    assert {name: found[name] for name in row} == row


def test_every_problem_has_a_case_and_words():
    assert {problem for _, problem, _ in CASES} - {None} == set(PROBLEMS)
    assert all(words.zh and words.en for words in PROBLEMS.values())


def test_the_limit_is_an_argument(judge):
    up = override(grade_to="TF1")
    assert judge(up, limit=2)[0]["problem_code"] is None
    assert judge(override(), limit=0)[0]["problem_code"] == "needs_approval"


def test_the_latest_that_counts_is_in_force_and_the_models_grade_stays(judge, apply, rows):
    given = (
        override(grade_to="TF4", overridden_on=date(2026, 7, 1)),
        override(grade_to="TF2", overridden_on=date(2026, 8, 1), by="Zhao"),
        override(grade_to="TF1", overridden_on=date(2026, 9, 1)),  # refused: needs approval
    )
    assert [row["in_force"] for row in judge(*given)] == [False, True, False]
    found = {row["firm_id"]: row for row in rows(apply(*given))}
    assert len(found) == MODEL.height
    a, b, e = found["a"], found["b"], found["e"]
    assert (a["grade"], a["grade_final"], a["override_notches_n"]) == ("TF3", "TF2", 1)
    assert (a["override_by"], a["override_on"]) == ("Zhao", date(2026, 8, 1))
    assert (b["grade_final"], b["override_by"], e["grade_final"]) == ("TF3", None, None)


def test_no_override_changes_nothing(apply, rows):
    found = sorted(rows(apply()), key=lambda row: row["firm_id"])
    assert [row["grade_final"] for row in found] == MODEL["grade"].to_list()


FIVE = (
    override("a", reason_code="technology"),
    override("b", grade_to="TF5", reason_code="adverse_news", by="Zhao"),
    override("c", grade_from="TF4", grade_to="TF2", reason_code="technology", approved_by="Wang"),
    override("d", card_id="expert", grade_from="X2", grade_to="X3", reason_code="technology"),
    override("e"),
)


def test_statistics_by_hand(apply, rows):
    (whole,) = rows(count_overrides(apply(*FIVE)))
    assert whole == {
        "overridden_n": 4,
        "up_n": 2,
        "down_n": 2,
        "approved_n": 1,
        "notches_n": 1 - 2 + 2 - 1,
    }
    by = {
        row["override_reason_code"]: row
        for row in rows(count_overrides(apply(*FIVE), by=["override_reason_code"]))
    }
    assert {name: (row["up_n"], row["down_n"]) for name, row in by.items()} == {
        "technology": (2, 1),
        "adverse_news": (0, 1),
    }
    assert not rows(count_overrides(apply()))


def test_outcomes_by_hand(apply, make, rows):
    events = {"a": 1.0, "b": 0.0, "c": None, "d": 1.0, "e": 1.0, "f": 0.0, "z": 1.0}
    outcomes = make(pl.DataFrame({"firm_id": list(events), "event": list(events.values())}))
    found = {row.pop("treatment"): row for row in rows(count_outcomes(apply(*FIVE), outcomes))}
    # c has no outcome, e no grade, z is not assessed; d has no PD.
    assert {name: (row["firms_n"], row["events_n"]) for name, row in found.items()} == {
        "kept": (1, 0),
        "up": (1, 1),
        "down": (2, 1),
    }
    assert (found["down"]["with_pd_n"], found["down"]["pd_sum"]) == (1, 0.03)


GRADES = st.sampled_from([*LADDERS[0], *LADDERS[1], "AAA"])
ROWS = st.builds(
    override,
    st.sampled_from("abcdefz"),
    overridden_on=st.dates(date(2026, 6, 28), date(2026, 7, 5)),
    card_id=st.sampled_from(["card", "expert"]),
    grade_from=GRADES,
    grade_to=GRADES,
    approved_by=st.sampled_from([None, "Li", "Wang"]),
)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(ROWS, max_size=25, unique_by=lambda r: (r["firm_id"], r["overridden_on"])))
def test_no_final_grade_leaves_its_ladder_or_rises_unapproved(apply, rows, overrides):
    found = rows(apply(*overrides))
    assert sorted(row["firm_id"] for row in found) == MODEL["firm_id"].to_list()
    for row in found:
        if row["override_by"] is None:
            assert row["grade_final"] == row["grade"]
            continue
        (ladder,) = (own for own in LADDERS if row["grade"] in own)
        up = ladder.index(row["grade"]) - ladder.index(row["grade_final"])
        assert up == row["override_notches_n"] != 0
        assert up <= 1 or row["override_approved_by"] == "Wang"
        assert row["override_on"] >= AS_OF


def test_wrong_ladders_and_columns_are_refused(make):
    with pytest.raises(InvalidInput, match="TF1 twice"):
        judge_overrides(make(frame([])), make(MODEL), ladders=[["TF1"], ["TF1"]], notches_up_max=1)
    with pytest.raises(MissingColumn, match="grade_to"):
        judge_overrides(
            make(frame([]).drop("grade_to")), make(MODEL), ladders=LADDERS, notches_up_max=1
        )
