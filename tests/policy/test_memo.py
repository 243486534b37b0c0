"""What is kept with a rule never answers for another node, and travels with a copy of the rule."""

import pickle
from dataclasses import replace
from datetime import date, timedelta

import pytest

from techflow.basics import NotInForce
from techflow.policy import decide, explain, explain_gaps, gaps_of
from techflow.policy.memo import Memo
from techflow_service.policies import load_laws

DAY = date(2026, 6, 30)
FIRM = {"employees_n": 40, "revenue_y0_cny": 3e7, "rnd_y0_cny": 1e5, "rnd_staff_n": 2}


def words(rules):
    """Everything that is said of one firm."""
    lines = []
    for decision in decide(FIRM, rules).values():
        for lang in ("zh", "en"):
            lines += explain(decision, lang)
            lines += explain_gaps(gaps_of(decision), decision, lang)
    return lines


def test_equal_nodes_are_told_apart_and_each_is_worked_out_once():
    memo, made = Memo(), []
    nodes = [["a"], ["a"], ["a"]]
    for node in (*nodes, *nodes):
        assert memo.of("kind", node, lambda node=node: made.append(node) or id(node)) == id(node)
    assert len(made) == 3
    assert memo.of("other kind", nodes[0], lambda: "its own") == "its own"


def test_a_copied_rule_says_the_same_and_stays_equal():
    laws = load_laws()
    rules = [laws[name].on(DAY) for name in ("cn.tech_sme", "cn.hnte", "cn.star_attribute")]
    told = words(rules)
    copies = pickle.loads(pickle.dumps(rules))
    assert copies == rules and words(copies) == told == words(rules)


def test_a_law_fills_in_a_rule_once_between_two_changes():
    law = load_laws()["cn.tech_sme"]
    days = sorted({since for since, _, _ in law.timeline()})
    for since in days:
        day_after = since + timedelta(days=1)
        assert law.on(day_after) == replace(law).on(day_after)
        assert law.on(since) == replace(law).on(since)
    assert law.on(DAY) is law.on(DAY + timedelta(days=1))
    for day in (days[0] - timedelta(days=1), date(1990, 1, 1)):
        with pytest.raises(NotInForce, match=str(day)):
            law.on(day)
