"""Around a decision: checks of a folder, drafts, replay, long tables, windows, dates."""

from datetime import date

import polars as pl
import pytest

from techflow.basics import InvalidInput, MissingColumn, NotInForce
from techflow.policy import (
    Condition,
    Facts,
    Flag,
    Law,
    Params,
    Policy,
    Share,
    Steps,
    Version,
    all_of,
    any_of,
    check_law,
    check_staleness,
    compare_rules,
    condition_table,
    count_changes,
    decide,
    decide_one,
    decision_table,
    draft_law,
    evaluate,
    record_decision,
    replay_decision,
    rule_hash,
    statement_years,
    unverified,
)
from techflow_service.policies import load_law, load_laws

DAY = date(2024, 1, 1)
FACTS = Facts.from_data(
    {
        "rnd_cny": {"kind": "money", "zh": "研发", "en": "R&D"},
        "sales_cny": {"kind": "money", "zh": "收入", "en": "sales", "years": 2, "statement": "s"},
        "listed": {"kind": "flag", "zh": "上市", "en": "it is listed"},
    }
)


def spec(*rows, **more):
    return {"zh": "数", "en": "number", "unit": "share", "checked_on": DAY, "values": rows, **more}


def row(**more):
    return {"since": DAY, "reference": "Art. 1", "status": "text", **more}


def law_of(test, params, *versions):
    versions = versions or (Version(DAY, "No. 1", test),)
    return Law(Policy("x.y", "甲", "A", "we", versions), Params.from_data(params), FACTS)


SHARE = Condition("rnd_share", Share("rnd_cny", "sales_y0_cny"), ">=", "rnd_share_min")
LISTED = Flag("listed", "listed", "Art. 2", mark=unverified("0.8"))
GOOD = law_of(all_of("eligible", SHARE, LISTED), {"rnd_share_min": spec(row(value="4%"))})


def texts(law):
    return [str(problem) for problem in check_law(law)]


def test_a_good_folder_has_no_problems():
    assert texts(GOOD) == []
    assert [text for law in load_laws().values() for text in texts(law)] == []


@pytest.mark.parametrize(
    ("steps", "op", "word"),
    [
        ([[5, 1], [6, 2]], ">=", "leave a hole"),
        ([[5, 1], [4, 2]], "<=", "leave a hole"),
        ([[5, 1], [5, 2]], ">=", "overlap at 5"),
        ([[5, 1], ["<= 4", 2]], ">=", "brackets overlap"),
        ([], ">=", "at least one step"),
    ],
)
def test_brackets_that_overlap_or_leave_a_hole(steps, op, word):
    params = {"t": spec(row(steps=steps, otherwise=0), op=op), "m": spec(row(value=1))}
    law = law_of(Condition("c", Steps("s", "rnd_cny", "t"), ">=", "m"), params)
    assert word in texts(law)[0]


def test_zero_may_be_its_own_bracket():
    params = {"t": spec(row(steps=[["> 0", 2], [">= 0", 1]], otherwise=0), op=">=")}
    law = law_of(
        Condition("c", Steps("s", "rnd_cny", "t"), ">=", "m"), params | {"m": spec(row(value=1))}
    )
    assert texts(law) == []


def test_unknown_column_parameter_and_twice_used_name():
    wrong = law_of(Condition("c", "rnds_cny", ">=", "x"), {"y": spec(row(value=1))})
    found = texts(wrong)
    assert "parameter x: used in rule.py but not in params.toml" in found[0]
    assert "parameter y: in params.toml but not used in rule.py" in found[1]
    assert "unknown column rnds_cny" in found[2]
    other = Condition("rnd_share", "rnd_cny", ">=", "rnd_share_min")
    twice = law_of(any_of("any", SHARE, other), {"rnd_share_min": spec(row(value=1))})
    assert "2 different nodes are named rnd_share" in texts(twice)[0]


def test_gap_between_versions_and_late_parameter():
    versions = (
        Version(DAY, "No. 1", SHARE, until=date(2024, 6, 1)),
        Version(date(2024, 7, 1), "No. 2", SHARE),
    )
    gap = law_of(None, {"rnd_share_min": spec(row(value=1))}, *versions)
    assert "a gap: ends 2024-06-01, the next starts 2024-07-01" in texts(gap)[0]
    with pytest.raises(NotInForce, match="not in force on 2024-06-15"):
        gap.on(date(2024, 6, 15))
    late = law_of(SHARE, {"rnd_share_min": spec(row(value=1) | {"since": date(2024, 2, 1)})})
    assert "rnd_share_min has no value on 2024-01-01" in texts(late)[0]


def test_numbers_need_a_clause_and_a_mark():
    for bad in ({"reference": " "}, {"status": "maybe"}, {"status": "unverified 2"}):
        with pytest.raises(InvalidInput, match=r"rnd_share_min|confidence"):
            Params.from_data({"rnd_share_min": spec(row(value=1) | bad)})


def test_wrong_kind_and_too_fine_a_bound_are_found():
    kind = law_of(Flag("f", "rnd_cny", "Art. 1"), {})
    assert "fact rnd_cny is a money, not a flag" in texts(kind)[0]
    fine = law_of(SHARE, {"rnd_share_min": spec(row(value="0." + "1" * 30))})
    assert "needs more than 38 digits" in texts(fine)[0]


def test_stale_after_a_year():
    assert check_staleness(GOOD, on=date(2024, 12, 31)) == []
    assert "over a year" in str(check_staleness(GOOD, on=date(2025, 1, 2))[0])


FIRMS = {
    "firm_id": ["a", "b", "c", "d"],
    "region_code": ["11", "11", "44", "44"],
    "rnd_cny": [5.0, 3.0, 1.0, None],
    "sales_y0_cny": [100.0, 100.0, 100.0, 100.0],
    "listed": [True, True, True, True],
}


def test_a_draft_gains_and_loses(make, rows):
    draft = draft_law(GOOD, {"rnd_share_min": "3%"})
    firms, rules = make(pl.DataFrame(FIRMS)), ([GOOD.on(DAY)], [draft.on(DAY)])
    compared = compare_rules(firms, *rules, policy_id="x.y")
    changes = {row["firm_id"]: row["change"] for row in rows(compared)}
    assert changes == {"a": "keeps", "b": "gains", "c": "stays_out", "d": "open"}
    back = compare_rules(firms, *rules[::-1], policy_id="x.y")
    assert {row["firm_id"]: row["change"] for row in rows(back)}["b"] == "loses"
    counts = {r["region_code"]: r for r in rows(count_changes(compared, by=["region_code"]))}
    assert (counts["11"]["before_n"], counts["11"]["after_n"], counts["11"]["gains_n"]) == (1, 2, 1)
    assert rows(count_changes(compared))[0]["open_n"] == 1
    assert str(draft.on(DAY).weakest) == "proposal"


def test_long_tables(make, rows):
    rules = [GOOD.on(DAY)]
    judged = evaluate(make(pl.DataFrame(FIRMS)), rules)
    decisions = {row["firm_id"]: row for row in rows(decision_table(judged, rules))}
    assert decisions["b"]["answer"] is False and decisions["d"]["reason"] == "undecided"
    assert decisions["a"]["mark"] == "unverified 0.8" and decisions["a"]["document"] == "No. 1"
    found = {(r["firm_id"], r["condition"]): r["ok"] for r in rows(condition_table(judged, rules))}
    assert len(found) == 12 and found["b", "rnd_share"] is False and found["b", "listed"] is True


@pytest.mark.parametrize("rnd", [5.0, 0.1, None, 1e300])
def test_replay_gives_the_same_bytes(rnd):
    firm = {"rnd_cny": rnd, "sales_y0_cny": 123.45, "listed": True}
    record = record_decision(decide_one(firm, GOOD.on(DAY)), on=DAY)
    assert replay_decision(record) == record
    assert replay_decision(record.replace(b'"listed":true', b'"listed":false')) != record


def test_replay_of_the_real_laws_needs_no_folder():
    for law in load_laws().values():
        rule = law.timeline()[-1][2]
        answers = dict.fromkeys(rule.needs, True)
        decision = decide_one({"employees_n": 10}, rule, answers=answers)
        record = record_decision(decision, on=DAY, answers=answers)
        assert replay_decision(record) == record
    with pytest.raises(InvalidInput, match="not a recorded decision"):
        replay_decision(b"{}")


def test_hash_names_the_numbers():
    assert rule_hash(GOOD.on(DAY)) == rule_hash(GOOD.on(date(2025, 1, 1)))
    assert rule_hash(GOOD.on(DAY)) != rule_hash(draft_law(GOOD, {"rnd_share_min": 1}).on(DAY))


def test_years_from_statements(make, rows):
    frame = pl.DataFrame(
        {
            "firm_id": ["a"] * 4 + ["b"] * 2,
            "period_end_on": [date(y, 12, 31) for y in (2023, 2022, 2024, 2023, 2023, 2021)],
            "basis": ["consolidated"] * 3 + ["separate"] + ["consolidated"] * 2,
            "months_n": [12, 12, 12, 12, 12, 12],
            "currency": ["CNY"] * 6,
            "s": [3.0, 2.0, 9.0, 7.0, 5.0, 1.0],
        }
    )
    found = rows(statement_years(make(frame), FACTS, as_of=date(2024, 6, 30)))
    by_firm = {r["firm_id"]: (r["sales_y0_cny"], r["sales_y1_cny"]) for r in found}
    assert by_firm == {"a": (3.0, 2.0), "b": (5.0, None)}


def test_absent_columns_are_refused_unless_allowed(make, rows):
    frame = make(pl.DataFrame({"listed": [False, True]}))
    with pytest.raises(MissingColumn, match=r"x\.y needs the column rnd_cny"):
        evaluate(frame, [GOOD.on(DAY)])
    found = rows(evaluate(frame, [GOOD.on(DAY)], allow_absent=True))
    assert [row["x_y__answer"] for row in found] == [False, None]


RULE = """
from datetime import date
from techflow.policy import Policy, Version, holds
POLICY = Policy("my.own", "甲", "A", "we", (Version(date(2024, 1, 1), "No. 1", {test}),))
"""


def test_a_folder_outside_the_package_can_be_read(tmp_path):
    folder = tmp_path / "my" / "own"
    folder.mkdir(parents=True)
    (tmp_path / "facts.toml").write_text('[ok]\nkind = "flag"\nzh = "好"\nen = "it is well"\n')
    (folder / "rule.py").write_text(RULE.format(test='holds("ok", "Art. 1")'), "utf8")
    with pytest.raises(InvalidInput, match=r"params\.toml is missing"):
        load_law(folder, tmp_path)
    (folder / "params.toml").write_text("")
    assert decide_one({"ok": True}, load_law(folder, tmp_path).on(DAY)).answer is True
    (folder / "rule.py").write_text("x = 1", "utf8")
    with pytest.raises(InvalidInput, match="must define POLICY"):
        load_law(folder, tmp_path)


def test_a_fact_is_read_by_the_dictionary_of_each_rule():
    """One name may be a count to one law and money to a draft: 12.5 persons are none."""
    rules = []
    for number, kind in enumerate(("count", "money", "count")):
        facts = Facts.from_data({"size_n": {"kind": kind, "zh": "数", "en": "size"}})
        test = Condition("big", "size_n", ">", "size_min")
        params = Params.from_data({"size_min": spec(row(value=10))})
        policy = Policy(f"x.y{number}", "甲", "A", "we", (Version(DAY, "No. 1", test),))
        rules.append(Law(policy, params, facts).on(DAY))
    together = decide({"size_n": 12.5}, rules)
    assert [together[rule.policy_id].answer for rule in rules] == [None, True, None]
    for rule in rules:
        assert together[rule.policy_id] == decide_one({"size_n": 12.5}, rule)
