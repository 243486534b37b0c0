"""Facts of policies from records: what is known, what stays unknown, and answers that follow.

Expected facts are worked by hand from the records below; answers are those of the plain-Python
twin of each rule, which shares no code with the columns.
"""

from datetime import UTC, date, datetime

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from tests.service.small_book import firm, rows, statement

from techflow.flow import (
    QUALIFICATIONS,
    Qualifying,
    judge_qualifications,
    list_qualifications,
    meets_groups,
    policy_facts,
    profile_records,
    see_records,
    source_table,
    tell_firm_gaps,
)
from techflow.policy import decide
from techflow.schema import DERIVED
from techflow_service.policies import load_laws, titles_of

ON = date(2020, 6, 30)
LAWS = load_laws()
QUALIFYING = Qualifying.at(LAWS, ON)
A, B, FOREIGN = "cumcm:E1", "cumcm:E2", "kr.stock:000001"
THEN = datetime(2020, 5, 1, tzinfo=UTC)


def records():
    """A knows a lot of itself; of B only the register speaks; the third is abroad."""
    said = {"firm_id": A, "known_at": THEN, "declared_on": date(2020, 5, 1)}
    flags = ("prohibited_products", "serious_incident_2y", "adverse_list")
    patent = {"firm_id": A, "patent_kind": "invention", "known_at": THEN}
    granted = patent | {"filed_on": date(2015, 1, 1), "granted_on": date(2017, 1, 1)}
    tables = {
        "firm": [
            firm(A, industry_code="C3911", founded_on=date(2010, 6, 30), region_code="440300"),
            firm(B, industry_code="I6513"),
            firm(FOREIGN, "KR"),
        ],
        "statement": [
            statement(A, rnd_expense_lcy=0.72e6),
            statement(A, "USD", basis="consolidated", revenue_lcy=1.0),
            statement(FOREIGN, "KRW"),
        ],
        "staff": [
            {
                "firm_id": A,
                "counted_on": date(2019, 12, 31),
                "employees_n": 40,
                "rnd_staff_n": 12,
                "known_at": THEN,
            }
        ],
        "patent": [
            granted | {"patent_id": "CN201510000001.X"},
            granted | {"patent_id": "CN201510000002.X"},
            granted | {"patent_id": "CN199910000003.X", "filed_on": date(1999, 1, 1)},
            patent | {"patent_id": "CN201910000004.X", "filed_on": date(2019, 1, 1)},
        ],
        "patent_event": [
            {
                "patent_id": "CN201510000002.X",
                "firm_id": A,
                "patent_event": "lapsed",
                "event_on": date(2019, 1, 1),
                "known_at": THEN,
            }
        ],
        "credential": [
            {
                "firm_id": A,
                "credential": "hnte",
                "since": date(2019, 1, 1),
                "until": date(2022, 1, 1),
                "known_at": THEN,
            },
            {
                "firm_id": B,
                "credential": "hnte",
                "since": date(2016, 1, 1),
                "until": date(2019, 1, 1),
                "known_at": THEN,
            },
        ],
        "declaration": [
            *(said | {"fact": name, "holds": False} for name in flags),
            said | {"fact": "tech_staff_n", "stated_n": 30.0, "declared_on": date(2020, 4, 1)},
            said | {"fact": "tech_staff_n", "stated_n": 14.0},
            said | {"fact": "employees_n", "stated_n": 999.0},
            said | {"fact": "class2_ip_n", "stated_n": 3.0, "declared_on": date(2018, 1, 1)},
            said | {"fact": "cost_expense_y0_cny", "stated_cny": 5e6},
            said
            | {"fact": "hightech_revenue_y0_cny", "stated_cny": 5e6}
            | {"declared_on": date(2019, 12, 1)},
        ],
    }
    loaded = pl.lit(THEN).alias("loaded_at")
    return {name: rows(name, *items).with_columns(loaded) for name, items in tables.items()}


@pytest.fixture(scope="module")
def tables():
    return records()


def judge(tables, make):
    seen = see_records({name: make(frame) for name, frame in tables.items()}, as_of=ON)
    profiles = profile_records(seen, as_of=ON)
    found = policy_facts(seen, profiles, QUALIFYING.facts, as_of=ON).collect(backend="polars")
    facts = make(found.to_native())  # the whole way on both engines is held in test_assessing
    return facts, judge_qualifications(facts, QUALIFYING)


def test_facts_are_those_the_records_know(tables, make, rows):
    facts, _ = judge(tables, make)
    found = {row["firm_id"]: row for row in rows(facts)}
    known = {
        "mainland_resident": True,
        "region_code": "440300",
        "size_industry": "industry",
        "software_firm": False,
        "registered_days": 3653.0,
        "revenue_y0_cny": 7.2e6,
        "rnd_y0_cny": 0.72e6,
        "employees_n": 40.0,
        "rnd_staff_n": 12.0,
        "class1_ip_n": 1.0,  # one lapsed, one past twenty years, one not granted
        "hnte_certificate": True,
        "tech_staff_n": 14.0,  # the later declaration
        "cost_expense_y0_cny": 5e6,
        "prohibited_products": False,
        # declared too long ago, about an earlier fiscal year, or never: unknown, not false
        "class2_ip_n": None,
        "hightech_revenue_y0_cny": None,
        "tech_sme_registered": None,
        "revenue_y1_cny": None,
    }
    known = {name: value for name, value in known.items() if name in QUALIFYING.facts}
    assert len(known) > 12
    assert {name: found[A][name] for name in known} == known
    said_of_b = {n for n, v in found[B].items() if v is not None} - {"firm_id", "country"}
    assert said_of_b == {
        "mainland_resident",
        "size_industry",
        "software_firm",
    } & set(QUALIFYING.facts)
    assert found[B]["size_industry"] == "software"


def test_answers_are_those_of_the_twin(tables, make, rows):
    facts, judged = judge(tables, make)
    told = {
        (row["firm_id"], row["policy_id"]): row
        for row in rows(list_qualifications(judged, QUALIFYING))
    }
    assert {firm_id for firm_id, _ in told} == {A, B}, "a firm abroad is not judged"
    assert len(told) == 2 * len(QUALIFYING.ids)
    words = {True: "yes", False: "no", None: "unknown"}
    for firm_facts in (row for row in rows(facts) if row["country"] == "CN"):
        decisions = decide(firm_facts, QUALIFYING.rules)
        for rule in QUALIFYING.asked:
            row = told[firm_facts["firm_id"], rule.policy_id]
            decision = decisions[rule.policy_id]
            expected = words[decision.answer] if rule.test is not None else None
            assert row["answer"] == expected, rule.policy_id
            assert (row["since"], row["document"]) == (rule.since, rule.document)
    assert told[A, "cn.tech_sme"]["answer"] == "yes"
    assert told[B, "cn.tech_sme"]["answer"] == "unknown"
    assert told[A, "cn.sme_size"]["outcome"] == "small"


def test_a_firm_is_told_what_it_lacks_for_what_it_does_not_meet(tables, make, rows):
    facts, _ = judge(tables, make)
    firm_facts = next(row for row in rows(facts) if row["firm_id"] == A)
    told = tell_firm_gaps(firm_facts, QUALIFYING, titles=titles_of(LAWS))
    answers = {name: one.answer for name, one in decide(firm_facts, QUALIFYING.rules).items()}
    assert {row["policy_id"] for row in told} <= {n for n, yes in answers.items() if not yes}
    hnte = next(row for row in told if row["policy_id"] == "cn.hnte")
    # Article 11 (6): the share of high-tech revenue is not known of this firm.
    assert "高新技术产品（服务）收入" in hnte["gaps_zh"]
    assert "high-tech product and service revenue" in hnte["gaps_en"]
    assert all(set(row) == set(DERIVED["gaps"].names) for row in told)


def test_groups_of_policies_are_met_open_or_not(make, rows):
    """The best of a group and the worst of the groups decide, worked by hand."""
    said = [
        ("yes and yes", "a1", "no"),
        ("yes and yes", "a2", "yes"),
        ("yes and yes", "b", "yes"),
        ("yes and open", "a1", "yes"),
        ("yes and open", "b", "unknown"),
        ("open and no", "a1", "unknown"),
        ("open and no", "b", "no"),
        ("no word of b", "a1", "yes"),
    ]
    answers = make(pl.DataFrame(said, schema=["firm_id", "policy_id", "answer"], orient="row"))
    told = {
        row["firm_id"]: row["answer"] for row in rows(meets_groups(answers, [("a1", "a2"), ("b",)]))
    }
    assert told == {
        "yes and yes": "yes",
        "yes and open": "unknown",
        "open and no": "no",
        "no word of b": "unknown",
    }


def test_only_policies_in_force_are_asked():
    assert "cn.innovative_sme" not in QUALIFYING.ids  # from August 2022
    assert Qualifying.at(LAWS, date(2026, 6, 30)).ids == QUALIFICATIONS
    assert Qualifying.at(LAWS, date(2000, 1, 1)).ids == ()


def test_each_fact_names_the_table_that_would_settle_it():
    facts = QUALIFYING.facts
    assert source_table(facts["revenue_y0_cny"]) == "statement"
    assert source_table(facts["employees_n"]) == "staff"
    assert source_table(facts["prohibited_products"]) == "declaration"


def test_no_statement_and_no_declaration_leave_everything_unknown(make, rows):
    tables = {"firm": records()["firm"]}
    facts, judged = judge(tables, make)
    assert all(row["revenue_y0_cny"] is None for row in rows(facts))
    long = list_qualifications(judged, QUALIFYING)
    assert set(DERIVED["qualification"].names) <= set(long.collect_schema().names())
    assert nw.Boolean() == long.collect_schema()["official"]
