"""Counting of technology loans: once in totals, in each category where it belongs."""

from datetime import UTC, date, datetime

import narwhals.stable.v2 as nw
import polars as pl
import pytest

from techflow.flow import COUNTED, count_loans, judge_policies
from techflow.schema import TABLES
from techflow_service.policies import load_laws
from techflow_service.statistics.content import read_spec
from techflow_service.statistics.reading import quarter_ends
from techflow_service.store.snapshot import polars_schema

SPEC, LAWS, ON = read_spec(), load_laws(), date(2026, 6, 30)
FIRMS = ("hn", "both", "giant", "plain", "unsure")
CREDENTIALS = [("hn", "hnte"), ("both", "hnte"), ("both", "tech_sme"), ("giant", "little_giant")]
USES = {"hn": "F5179", "both": "C3973", "giant": "I6513", "plain": "F5179", "unsure": None}
BASE = {
    "source_id": "s",
    "source_row_n": 1,
    "known_at": datetime(2024, 1, 1, tzinfo=UTC),
    "loaded_at": datetime(2024, 1, 1, tzinfo=UTC),
}


def frame(table, rows):
    schema = polars_schema(TABLES[table])
    return nw.from_native(pl.LazyFrame([dict.fromkeys(schema) | BASE | r for r in rows], schema))


def loan(firm, **more):
    return {
        "loan_id": f"L-{firm}",
        "firm_id": firm,
        "currency": "CNY",
        "principal_lcy": 100.0,
        "outstanding_lcy": 80.0,
        "rate_pa": 0.04,
        "drawn_on": date(2026, 5, 4),
        "due_on": date(2027, 5, 4),
        "overdue_days": 0,
        "use_industry_code": USES[firm],
        "use_emerging": None if firm == "unsure" else False,
        "use_patent_intensive": None if firm == "unsure" else False,
    } | more


def counted(**more):
    seen = {
        "firm": frame(
            "firm",
            [{"firm_id": f, "industry_code": "C3973", "region_code": "440305"} for f in FIRMS],
        ),
        "loan": frame("loan", [loan(f, **more) for f in FIRMS]),
        "credential": frame(
            "credential",
            [{"firm_id": f, "credential": c, "since": date(2025, 1, 1)} for f, c in CREDENTIALS],
        ),
        "staff": frame(
            "staff", [{"firm_id": "hn", "counted_on": date(2025, 12, 31), "employees_n": 120}]
        ),
        "statement": frame(
            "statement",
            [
                {
                    "firm_id": "hn",
                    "period_end_on": date(2025, 12, 31),
                    "basis": "separate",
                    "currency": "CNY",
                    "revenue_lcy": 9e7,
                }
            ],
        ),
    }
    assert set(seen) == set(COUNTED)
    rows = count_loans(seen, LAWS, SPEC.counting, since=date(2026, 4, 1), on=ON)
    return rows.to_native().sort("loan_id").collect()


def test_union_agrees_with_the_policy_of_the_statistics():
    """The policy cn.tech_loan_category says yes, no or unknown of each loan by other code."""
    rows = counted()
    told = rows.select(
        *("firm_id", pl.col("balance_cny").alias("loan_balance_cny")),
        hnte_certificate=pl.col("hnte") > 0,
        tech_sme_registered=pl.col("tech_sme") > 0,
        innovation_demonstration_firm=pl.col("national_demo") > 0,
        manufacturing_champion=pl.col("champion") > 0,
        specialised_sme=(pl.col("specialised_sme") > 0) | (pl.col("little_giant") > 0),
        for_hightech_manufacturing=pl.col("hightech_manufacturing") > 0,
        for_hightech_services=pl.col("hightech_services") > 0,
        for_strategic_industry=pl.col("emerging") > 0,
        for_patent_industry=pl.col("patent_intensive") > 0,
    )
    law = judge_policies(nw.from_native(told.lazy()), LAWS, ["cn.tech_loan_category"], on=ON)
    by_law = law.to_native().sort("firm_id").collect()
    ours = (
        rows.sort("firm_id")
        .select(pl.any_horizontal(pl.col(n) > 0 for n in SPEC.categories["technology"]))
        .to_series()
    )
    answers = [c for c in by_law.columns if c.endswith("tech_loan_cny")]
    amounts = by_law[answers[0]].to_list()
    assert [None if a is None else a > 0 for a in amounts] == ours.to_list()
    assert ours.to_list() == [True, True, True, False, None]


def test_amounts_places_and_terms():
    row = counted().filter(pl.col("firm_id") == "hn").row(0, named=True)
    assert (row["region"], row["size"], row["term"]) == ("440300", "small", "short")
    assert (row["balance_cny"], row["new_cny"], row["nonperforming_cny"]) == (80.0, 100.0, 0.0)
    assert row["interest_cny"] == pytest.approx(3.2)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"overdue_days": 91}, 80.0),
        ({"overdue_days": 90}, 0.0),
        ({"overdue_days": None}, None),
        ({"defaulted_on": date(2026, 6, 30)}, 80.0),
        ({"defaulted_on": date(2026, 7, 1)}, 0.0),
        ({"currency": "USD"}, None),
    ],
)
def test_nonperforming_is_overdue_above_ninety_days_or_in_default(more, expected):
    assert counted(**more)["nonperforming_cny"].to_list() == [expected] * 5


def test_new_is_of_the_period_only():
    assert set(counted(drawn_on=date(2026, 4, 1))["new_cny"]) == {100.0}
    assert set(counted(drawn_on=date(2026, 3, 31))["new_cny"]) == {0.0}


def test_quarters_end_by_the_day():
    assert quarter_ends(date(2026, 6, 30), 2) == [date(2026, 3, 31), date(2026, 6, 30)]
    assert quarter_ends(date(2026, 6, 29), 1) == [date(2026, 3, 31)]
