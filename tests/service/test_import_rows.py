"""Rows against the dictionary: rows in = kept + refused, whatever the cells say."""

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from techflow.basics.identifiers import CHECKERS
from techflow.schema import TABLES
from techflow_service.imports import reasons
from techflow_service.imports.headers import importable_tables
from techflow_service.imports.judge import judge_rows, readable_columns
from techflow_service.imports.load import complete
from techflow_service.store.snapshot import polars_schema

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
LIKELY = {
    "text": ["甲", "A-1", "91350100M000100Y43", "CNY", "CN", "H01L", "CN95115608.X"],
    "int": ["1", "0", "-1", "1.5", "1,000"],
    "float": ["1", "-1", "0.5", "5%", "12万元", "1,000.5"],
    "bool": ["是", "no"],
    "date": ["2020-01-05", "2020年1月5日", "2999-01-01", "1899-01-01", "5/1/2020"],
    "timestamp": ["2020-01-05", "2020-01-05T01:00:00Z", "2999-01-01"],
}
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


def cells_of(column):
    likely = [*column.codes, *(labels[0] for labels in column.codes.values())]
    return st.none() | st.sampled_from(likely or LIKELY[column.kind]) | ANY_TEXT


@st.composite
def tables_of_text(draw):
    table = draw(st.sampled_from(list(importable_tables().values())))
    columns = [c for c in readable_columns(table) if c.required or draw(st.booleans())]
    rows_n = draw(st.integers(0, 6))
    cells = {
        c.name: pl.Series(
            draw(st.lists(cells_of(c), min_size=rows_n, max_size=rows_n)), dtype=pl.String
        )
        for c in columns
    }
    rows = pl.DataFrame(cells).with_row_index("source_row_n", 1)
    doubled = pl.concat([rows, rows]) if draw(st.booleans()) else rows
    return table, doubled.drop("source_row_n").with_row_index("source_row_n", 1)


@settings(max_examples=25, deadline=None)
@given(tables_of_text())
def test_any_table_of_text_is_parted_without_loss(case):
    table, texts = case
    judged = judge_rows(texts, table, moment=NOW)
    numbers = [*judged.kept["source_row_n"], *judged.refused["source_row_n"]]
    assert sorted(numbers) == list(range(1, texts.height + 1))
    assert_fits(complete(judged.kept, table, source_id="test"), table)
    for row in judged.refused.iter_rows(named=True):
        assert row["reason_code"] and row["reason_zh"] and row["reason_en"] and row["row_json"]


def assert_fits(kept, table):
    """What the dictionary says of a kept row, said again without the importer's code."""
    wanted = polars_schema(table)
    wanted.pop("loaded_at")
    assert kept.schema == wanted
    for column in table.columns:
        if column.name == "loaded_at":
            continue
        values = kept[column.name].drop_nulls().to_list()
        assert not column.required or len(values) == kept.height
        assert not column.codes or set(values) <= set(column.codes)
        assert column.low is None or all(value >= column.low for value in values)
        assert column.high is None or all(value <= column.high for value in values)
        assert not column.check or all(CHECKERS[column.check](value) is None for value in values)
    assert (kept["known_at"] <= NOW).all()
    assert kept.select(pl.struct(*table.key, "known_at").is_duplicated().any()).item() in (
        False,
        None,
    )


def invoices(*rows):
    names = ("firm_id", "direction", "invoice_number", "issued_on", "partner_id", "net_lcy")
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    more = {"currency": pl.lit("CNY"), "status": pl.lit("valid")}
    return frame.with_columns(**more).with_row_index("source_row_n", 1)


REPEATS = (
    ("a", "sale", "1", "2020-01-05", "p", "10"),
    ("a", "sale", "1", "2020/1/5", "p", "10.0"),  # the same in other letters
    ("a", "sale", "1", "2020-01-05", "p", "11"),  # other content
    ("a", "purchase", "1", "2020-01-05", "p", "10"),  # other direction
    ("b", "sale", "1", "2020-01-05", "p", "10"),  # other firm
    ("a", "sale", "2", "2020-01-05", "p", "10"),
)


def test_repeated_invoice_numbers():
    judged = judge_rows(invoices(*REPEATS), TABLES["invoice"], moment=NOW)
    kept = judged.kept.sort("source_row_n")
    assert kept["source_row_n"].to_list() == [1, 3, 4, 5, 6]
    assert kept["line_n"].to_list() == [1, 2, 1, 1, 1]
    assert kept["number_repeated"].to_list() == [True, True, False, False, False]
    assert judged.refused["reason_code"].to_list() == ["exact_duplicate"]
    assert judged.refused["source_row_n"].to_list() == [2]


@given(st.permutations(REPEATS))
def test_the_order_of_the_file_does_not_matter(rows):
    """Else a re-sorted export would look like a correction of every repeated number."""
    content = ["firm_id", "direction", "invoice_number", "line_n", "net_lcy", "number_repeated"]
    judged = judge_rows(invoices(*rows), TABLES["invoice"], moment=NOW)
    again = judge_rows(invoices(*REPEATS), TABLES["invoice"], moment=NOW)
    assert (
        judged.kept.select(content).sort(content).equals(again.kept.select(content).sort(content))
    )


def test_the_same_firm_twice():
    texts = pl.DataFrame(
        {"firm_id": ["a", "a", "a"], "country": ["CN", "CN", "CN"], "name": ["甲", "甲", "乙"]}
    ).with_row_index("source_row_n", 1)
    judged = judge_rows(texts, TABLES["firm"], moment=NOW)
    assert judged.kept["name"].to_list() == ["甲"]
    refused = judged.refused.select("source_row_n", "reason_code").sort("source_row_n").rows()
    assert refused == [(2, "exact_duplicate"), (3, "duplicate_record")]


def test_versions_of_a_record_are_no_duplicates():
    """The same staff count with two dates of knowledge is a correction, not a mistake."""
    texts = pl.DataFrame(
        {
            "firm_id": ["a", "a"],
            "counted_on": ["2020-01-05", "2020-01-05"],
            "employees_n": ["10", "12"],
            "known_at": ["2020-01-06", "2020-03-01"],
        }
    ).with_row_index("source_row_n", 1)
    assert judge_rows(texts, TABLES["staff"], moment=NOW).kept["employees_n"].to_list() == [10, 12]


def test_all_problems_of_a_row_are_named_and_it_counts_once():
    texts = invoices(("a", "sale", None, "2999-01-01", "p", "12万元"))
    judged = judge_rows(texts, TABLES["invoice"], moment=NOW)
    row = judged.refused.row(0, named=True)
    assert (row["column_name"], row["reason_code"]) == ("invoice_number", "missing_value")
    assert row["reason_en"].startswith("a required value is missing; issued_on: the date lies")
    assert "net_lcy: a unit follows the number" in row["reason_en"]
    assert '"net_lcy":"12万元"' in row["row_json"]


@pytest.mark.parametrize(
    ("table", "cells", "known"),
    [
        ("invoice", {"issued_on": "2020-01-05"}, date(2020, 1, 5)),
        ("invoice_month", {"month_on": "2020-01-01"}, date(2020, 2, 1)),
        ("statement", {"period_end_on": "2019-12-31"}, date(2020, 4, 29)),  # 120 days, leap year
        ("statement", {"period_end_on": "2025-12-31"}, NOW.date()),  # before the lag is over
        ("patent", {"granted_on": "2020-01-05", "filed_on": "2017-01-05"}, date(2020, 1, 5)),
        ("patent", {"filed_on": "2017-01-05"}, date(2018, 7, 5)),  # 18 months
        ("patent", {}, NOW.date()),
        ("adverse_event", {"event_on": "2020-01-05"}, date(2020, 1, 5)),
        ("credential", {"since": "2020-01-05"}, date(2020, 1, 5)),
        ("loan", {"drawn_on": "2020-01-05", "due_on": "2030-01-05"}, NOW.date()),
        ("firm", {"founded_on": "2001-02-03"}, date(2001, 2, 3)),
        ("firm", {}, NOW.date()),
        ("firm", {"founded_on": "2001-02-03", "known_at": "2010-01-01"}, date(2010, 1, 1)),
    ],
)
def test_when_a_record_is_known(table, cells, known):
    filled = {
        column.name: cells.get(column.name) or valid(column)
        for column in readable_columns(TABLES[table])
        if column.name in cells or (column.required and column.name != "known_at")
    }
    texts = pl.DataFrame([filled]).with_row_index("source_row_n", 1)
    judged = judge_rows(texts, TABLES[table], moment=NOW)
    assert judged.refused.is_empty(), judged.refused.rows()
    assert judged.kept["known_at"].dt.date().to_list() == [known]


def test_what_is_known_tomorrow_in_china_is_known_now():
    """12:00 UTC is 20:00 in China; a day written there may begin after the import in UTC."""
    texts = invoices(("a", "sale", "1", "2026-01-31", "p", "10"))
    texts = texts.with_columns(known_at=pl.lit("2026-02-01"))
    judged = judge_rows(texts, TABLES["invoice"], moment=NOW)
    assert judged.kept["known_at"].to_list() == [NOW]


@pytest.mark.parametrize(
    ("known", "kept"),
    [
        ("2020-01-04", False),
        ("2020-01-05", True),
        ("2020-01-05T07:00:00+08:00", True),  # still 4 January in UTC, already 5 in China
        ("", True),
    ],
)
def test_nobody_knows_an_invoice_before_its_date(known, kept):
    texts = invoices(("a", "sale", "1", "2020-01-05", "p", "10"))
    judged = judge_rows(texts.with_columns(known_at=pl.lit(known)), TABLES["invoice"], moment=NOW)
    assert judged.kept.height == kept
    assert kept or judged.refused["reason_code"].to_list() == ["known_too_early"]


def valid(column):
    by_check = {"currency": "CNY", "country": "CN", "patent_id": "CN95115608.X", "firm_id": "a"}
    by_kind = {"text": "x", "float": "1", "int": "1", "date": "2020-01-05"}
    return next(iter(column.codes), None) or by_check.get(column.check) or by_kind[column.kind]


def test_each_reason_is_on_the_page():
    page = (Path(__file__).parents[2] / "docs/imports.md").read_text("utf8")
    codes = {p.code for p in vars(reasons).values() if isinstance(p, reasons.Problem)}
    codes |= {f"bad_{check}" for check in CHECKERS} | {"unknown_code", "ambiguous_owner"}
    assert {code for code in codes if f"`{code}`" not in page} == set()
