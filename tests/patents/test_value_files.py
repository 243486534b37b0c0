"""The commands on files: rows and order kept, reasons given, hand-worked verdicts."""

import gzip
import json
from datetime import date

import polars as pl
import pytest
from click.testing import CliRunner

from techflow.basics import MissingColumn
from techflow_service.cli import techflow
from techflow_service.valuing.files import whitelist_rows

HEAD = "patent_id,kind,filed_on,revenue_cny,royalty_rate\n"
ROWS = [
    "a,invention,2020-01-01,1000000,0.05",
    "b,utility_model,2010-01-01,1000000,0.05",
    "c,poem,2020-01-01,1000000,0.05",
    "d,invention,never,1000000,0.05",
    "e,invention,2020-01-01,,0.05",
    "f,invention,2020-01-01,1000000,5",
    "g,invention,2027-01-01,1000000,0.05",
]


def run(*words):
    return CliRunner().invoke(techflow, ["patents", *map(str, words)], catch_exceptions=False)


def valued(folder, rows, name="in.csv.gz"):
    source, out = folder / name, folder / "out.parquet"
    source.write_bytes(gzip.compress((HEAD + "\n".join(rows)).encode()))
    assert run("value", source, "--out", out, "--as-of", "2026-01-01").exit_code == 0
    return pl.read_parquet(out)


def assert_worded(found, command):
    code = found[f"{command}_reason_code"].is_not_null().to_list()
    for ending in ("", "_zh"):
        words = found[f"{command}_reason{ending}"]
        assert words.is_not_null().to_list() == code
    chinese = found[f"{command}_reason_zh"].drop_nulls()
    assert chinese.str.contains("[一-鿿]").all() and not words.is_empty()


def test_each_row_has_a_value_or_a_reason(tmp_path):
    found = valued(tmp_path, ROWS)
    assert found["patent_id"].to_list() == list("abcdefg")
    assert found["value_reason_code"].to_list() == [
        None,
        "legal_end",
        "unknown_kind",
        "no_filing_date",
        "no_revenue",
        "no_royalty_rate",
        "filed_later",
    ]
    assert_worded(found, "value")
    low, median, high = (found[f"value_{n}_cny"][0] for n in ("low", "median", "high"))
    assert 0 < low < median < high
    assert found["value_median_cny"].to_list()[1:] == [0.0, None, None, None, None, None]


def test_order_of_rows_changes_no_value(tmp_path):
    one = valued(tmp_path, ROWS).sort("patent_id")
    assert one.equals(valued(tmp_path, ROWS[::-1]).sort("patent_id"))


def test_pledge_stays_under_the_cap_and_says_why_not(tmp_path):
    rows = valued(tmp_path, ROWS).with_columns(pd=pl.Series([0.02, 0.02, 0.02, None, 2, 0.1, 0.1]))
    rows.write_parquet(tmp_path / "v.parquet")
    done = run("pledge", tmp_path / "v.parquet", "--out", tmp_path / "p.parquet", "--json")
    assert json.loads(done.output)["rows_n"] == 7
    found = pl.read_parquet(tmp_path / "p.parquet")
    assert found["pledge_reason_code"].to_list() == [
        None,
        "worth_nothing",
        "kind_not_taken",
        "no_default_probability",
        "no_default_probability",
        "no_value",
        "no_value",
    ]
    assert_worded(found, "pledge")
    assert 0 < found["loan_to_value_share"][0] <= 0.25


def test_whitelist_by_hand(tmp_path):
    table = {
        "kind": ["invention", "design", None, "invention", "invention"],
        "in_force": [True, True, True, None, False],
        "legal_life_left_years": [9.0, 9.0, 9.0, 2.0, None],
        "value_low_cny": [1.0] * 5,
        "value_median_cny": [2.0] * 5,
    }
    pl.DataFrame(table).write_parquet(tmp_path / "w.parquet")
    run("whitelist", tmp_path / "w.parquet", "--out", tmp_path / "o.parquet")
    found = pl.read_parquet(tmp_path / "o.parquet")
    assert found["whitelisted"].to_list() == [True, False, None, False, False]
    assert found["whitelist_reason_code"].to_list() == [
        None,
        "kind_not_taken",
        "unknown_kind_not_taken",
        "ends_before_the_loan",
        "not_in_force",
    ]
    assert_worded(found, "whitelist")


def test_every_code_of_the_whitelist_has_words():
    unknown = {"kind": None, "in_force": None, "legal_life_left_years": None}
    good = {"kind": "invention", "in_force": True, "legal_life_left_years": 9.0}
    value = {"value_median_cny": 2.0, "value_low_cny": 1.0}
    rows = [{**good, **value, name: None} for name in (*unknown, *value)]
    rows += [{**good, **value, "value_low_cny": 0.01}, {**good, **value, "value_median_cny": 0.0}]
    found = whitelist_rows(pl.DataFrame(rows, infer_schema_length=None))
    assert found["whitelist_reason_code"].n_unique() == 7
    assert_worded(found, "whitelist")


def test_a_term_ends_by_the_calendar(tmp_path):
    # Patent Law, article 42, by hand: leap days and the day before, on and after the end.
    days = {"2006-01-02": 1 / 366, "2006-01-01": 0.0, "2016-01-01": 10.0, "2024-02-29": None}
    rows = [f"{day},invention,{day},1000000,0.05" for day in days]
    found = valued(tmp_path, rows)
    ends = [date(2026, 1, 2), date(2026, 1, 1), date(2036, 1, 1), date(2044, 2, 29)]
    assert found["term_ends_on"].to_list() == ends
    assert found["legal_life_left_years"].to_list()[:3] == list(days.values())[:3]
    assert found["value_reason_code"].to_list() == [None, "legal_end", None, None]


@pytest.mark.parametrize("command", ["value", "pledge", "whitelist"])
def test_missing_columns_are_named(tmp_path, command):
    (tmp_path / "x.csv").write_text("a\n1\n")
    more = ["--as-of", "2026-01-01"] if command == "value" else []
    with pytest.raises(MissingColumn, match="kind"):
        run(command, tmp_path / "x.csv", "--out", tmp_path / "o.parquet", *more)
