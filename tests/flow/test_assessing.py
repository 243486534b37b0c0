"""Composition: every firm comes out once, by one authority, the same on every engine."""

from datetime import date

import duckdb
import narwhals.stable.v2 as nw
import polars as pl
import pytest
from tests.service.small_book import AS_OF, EXPERT, KOREAN, LENT, TRADER, UNKNOWN, fill

from techflow import flow
from techflow.basics import InvalidInput
from techflow.flow import assess_firms, judge_firms, month_rows, part_names, profile_firms
from techflow.schema import DERIVED, EVIDENCE
from techflow_service.assessing import load_content

CONTENT = load_content()
TERMS = CONTENT.terms.at(AS_OF)


class Collected(dict):
    """Takes the rows a transaction would, and keeps them as raw tables."""

    def add(self, table, frame):
        self[table] = frame.with_columns(
            loaded_at=pl.lit(date(2021, 1, 1)).cast(pl.Datetime("us", "UTC"))
        )


@pytest.fixture(scope="module")
def book():
    found = Collected()
    fill(found)
    return found


def lazy(tables):
    return {name: nw.from_native(frame.lazy()) for name, frame in tables.items()}


def assessed(profiles, **changed):
    given = {
        "cards": CONTENT.cards,
        "scale": CONTENT.scale,
        "expert": CONTENT.expert,
        "terms": TERMS,
        "expert_pd": 0.02,
    }
    return assess_firms(profiles, **(given | changed))


@pytest.fixture(scope="module")
def profiles(book):
    return profile_firms(lazy(book), as_of=AS_OF).collect().lazy()


def test_each_firm_once_with_every_column_of_the_dictionary(profiles, rows):
    names = profiles.collect_schema().names()
    assert set(DERIVED["profile"].names) <= set(names)
    assert not set(names) & {column.name for column in EVIDENCE}
    judged = assessed(profiles)
    assert set(judged.collect_schema().names()) == {*DERIVED["assessment"].names, *flow.LENT}
    found = {row["firm_id"]: row["verdict"] for row in rows(judged)}
    assert found == {
        KOREAN: "graded",
        TRADER: "graded",
        LENT: "graded",
        EXPERT: "expert",
        UNKNOWN: "insufficient",
    }


def test_parts_and_intercept_make_the_log_odds_and_the_pd(profiles, rows):
    """The plain logistic formula, over the card's horizon."""
    given = {"cards": CONTENT.cards, "scale": CONTENT.scale, "expert": CONTENT.expert}
    judged = {row["firm_id"]: row for row in rows(judge_firms(profiles, **given))}
    for firm_id, card_id in ((KOREAN, "korea-distress"), (LENT, "cn-sme-default")):
        card = next(card for card in CONTENT.cards if card.id == card_id)
        row = judged[firm_id]
        odds = card.intercept + sum(row[f"part_{item.name}"] for item in card.features)
        years = card.horizon_days / 365 if card.horizon_days else 1
        assert row["pd"] == pytest.approx(1 - (1 + 2.718281828459045**odds) ** (-1 / years))
        mine = {f"part_{item.name}" for item in card.features}
        others = set(part_names(CONTENT.cards)) - mine
        assert all(row[name] is None for name in others)


def test_without_loan_outcomes_an_expert_grade_has_no_pd_limit_or_price(profiles, rows):
    judged = {row["firm_id"]: row for row in rows(assessed(profiles, expert_pd=None))}
    row = judged[EXPERT]
    assert (row["verdict"], row["pd"], row["pd_basis"]) == ("expert", None, None)
    assert row["grade"] is not None
    assert row["rate_pa"] is None and row["limit_lcy"] is None


def test_without_an_expert_scorecard_it_is_insufficient(profiles, rows):
    judged = {row["firm_id"]: row for row in rows(assessed(profiles, expert=None))}
    assert judged[EXPERT]["verdict"] == "insufficient"
    assert judged[EXPERT]["grade"] is None


def test_a_card_for_another_country_is_not_given_as_the_reason(profiles, rows):
    row = next(row for row in rows(assessed(profiles)) if row["firm_id"] == UNKNOWN)
    assert "Korean" not in row["reason_1_en"]
    assert "12 months" in row["reason_1_en"]
    assert row["reason_2_en"] is None


def test_engines_agree(book, profiles, rows):
    """Collected between the two steps: as one query DuckDB plans for longer than it works."""
    connection = duckdb.connect()

    def on_duckdb(frame):
        return nw.from_native(connection.from_arrow(frame.to_arrow()))

    other = profile_firms({name: on_duckdb(f) for name, f in book.items()}, as_of=AS_OF)
    collected = other.collect("polars").to_native()
    agree(rows(profiles), collected.rows(named=True))
    agree(rows(assessed(profiles)), rows(assessed(on_duckdb(collected))))


def agree(left, right):
    for one, two in zip(
        *(sorted(x, key=lambda row: row["firm_id"]) for x in (left, right)), strict=True
    ):
        for name, value in one.items():
            near = pytest.approx(value, rel=1e-9, abs=1e-12) if isinstance(value, float) else value
            assert two[name] == near, name


def test_a_profile_needs_firms(book):
    tables = {name: frame for name, frame in lazy(book).items() if name != "firm"}
    with pytest.raises(InvalidInput, match="firm"):
        profile_firms(tables, as_of=AS_OF)


def test_single_invoices_go_before_a_total_of_the_same_month(make, rows):
    invoice = {
        "firm_id": "cumcm:E1",
        "direction": "sale",
        "invoice_number": "1",
        "issued_on": date(2020, 6, 3),
        "partner_id": "p",
        "currency": "CNY",
        "net_lcy": 70.0,
        "status": "valid",
    }
    total = {
        "firm_id": "cumcm:E1",
        "currency": "CNY",
        "sales_lcy": 999.0,
        "purchases_lcy": None,
        "credit_notes_lcy": 0.0,
        "sale_n": 1,
        "purchase_n": 0,
        "void_n": 0,
        "credit_note_n": 0,
    }
    stored = [total | {"month_on": date(2020, month, 1)} for month in (5, 6)]
    schema = {"purchases_lcy": pl.Float64}
    frame = pl.DataFrame(stored, schema_overrides=schema)
    seen = {"invoice": make([invoice]), "invoice_month": make(frame)}
    months = month_rows(seen)
    assert {row["month_on"].month: row["sales_lcy"] for row in rows(months)} == {5: 999.0, 6: 70.0}
