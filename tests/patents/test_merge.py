"""Records of one patent: a plain loop as the twin, both engines, and files by hand."""

import json

import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from techflow.basics import InvalidInput, MissingColumn
from techflow.patents.merge import merge_records, settle_owners
from techflow_service.cli import techflow
from techflow_service.valuing.merging import merge_rows

RECORDS = [
    # merged_into, firm_id, title, claims_n
    ("p", "own:a", "x", 3),
    ("p", "own:a", None, 4),
    ("p", None, "x", None),
    ("q", "own:a", "y", 1),
    ("q", "own:b", "z", 1),
    ("q", None, None, 2),
    ("r", None, None, None),
]
SCHEMA = {"merged_into": pl.String, "firm_id": pl.String, "title": pl.String, "claims_n": pl.Int64}


def test_owners_and_merged_rows_by_hand(make, rows):
    owned = settle_owners(make(pl.DataFrame(RECORDS, schema=SCHEMA, orient="row")))
    found = rows(merge_records(owned, ["title", "claims_n"]))
    key = {(row["merged_into"], row["owner_id"]): row for row in found}
    assert set(key) == {("p", "own:a"), ("q", "own:a"), ("q", "own:b"), ("q", ""), ("r", "")}
    first = key["p", "own:a"]
    assert (first["title"], first["claims_n"], first["records_n"]) == ("x", None, 3)
    assert first["conflict_columns"] == "claims_n"
    assert {k: row["conflict_columns"] for k, row in key.items() if k != ("p", "own:a")} == (
        dict.fromkeys([("q", "own:a"), ("q", "own:b"), ("q", ""), ("r", "")])
    )
    assert key["r", ""]["title"] is None
    filled = {row["owner_id"] for row in rows(owned) if row["owner_filled"]}
    assert filled == {"own:a"}


def test_every_contradiction_is_listed(make, rows):
    torn = [("p", "", "x", 1), ("p", "", "y", 2)]
    schema = SCHEMA | {"owner_id": pl.String}
    del schema["firm_id"]
    table = pl.DataFrame(
        torn, schema=["merged_into", "owner_id", "title", "claims_n"], orient="row"
    )
    found = rows(merge_records(make(table), ["title", "claims_n"]))
    assert found[0]["conflict_columns"] == "title; claims_n"


def test_missing_columns_are_named(make):
    frame = make(pl.DataFrame(RECORDS, schema=SCHEMA, orient="row"))
    with pytest.raises(MissingColumn, match="owner_id"):
        merge_records(frame, ["title"])


TEXTS = {
    "CN201710601862.3": ["ZL201710601862.3", "201710601862", "CN201710601862.3"],
    "US10692631": ["US 10,692,631 B2", "US10692631"],
    "CN112345678A": ["CN112345678B", "CN112345678"],
}
RECORD = st.tuples(
    st.sampled_from(sorted(TEXTS)),
    st.integers(0, 2),
    st.sampled_from([None, "own:a", "own:b"]),
    st.sampled_from([None, "x", "y"]),
)


@given(st.lists(RECORD, min_size=1, max_size=12), st.randoms())
def test_files_equal_a_plain_loop_in_any_order(records, random):
    table = [(TEXTS[p][i % len(TEXTS[p])], firm, title) for p, i, firm, title in records]
    firms = {p: {f for q, _, f, _ in records if q == p and f} for p, *_ in records}
    groups = {}
    for p, _, firm, title in records:
        owner = firm or (next(iter(firms[p])) if len(firms[p]) == 1 else None)
        groups.setdefault((p, owner), []).append(title)
    expected = {}
    for key, titles in groups.items():
        known = {title for title in titles if title}
        expected[key] = (
            next(iter(known)) if len(known) == 1 else None,
            len(titles),
            "title" if len(known) > 1 else None,
        )
    random.shuffle(table)
    schema = dict.fromkeys(("patent_id", "firm_id", "title"), pl.String)
    merged = merge_rows(pl.DataFrame(table, schema=schema, orient="row"))
    names = ("patent_id", "firm_id", "title", "records_n", "conflict_columns")
    found = {row[:2]: row[2:] for row in merged.patents.select(names).iter_rows()}
    assert found == expected
    assert merged.trace["source_row_n"].to_list() == list(range(1, len(table) + 1))
    counted = merged.trace.group_by("merged_into", "firm_id").len()
    assert {row[:2]: row[2] for row in counted.iter_rows()} == {
        key: value[1] for key, value in expected.items()
    }


FILE = """patent_id,firm_id,title,filed_on,claims_n
ZL201710601862.3,A-1,Chip,2017-07-21,9
201710601862,A-1, Chip ,,10
"US 10,692,631 B2",,Lamp,,
US10692631,B,Lamp,,3
CN201710601862.4,A-1,Chip,,
,A-1,Nothing,,
,A-1,Nothing,,
"""


def run(folder, text):
    (folder / "p.csv").write_text(text)
    words = ["patents", "merge", str(folder / "p.csv"), "--out", str(folder / "o"), "--json"]
    done = CliRunner().invoke(techflow, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    names = ("patents", "trace", "conflicts")
    return json.loads(done.output), [pl.read_parquet(folder / f"o/{n}.parquet") for n in names]


def test_files_by_hand(tmp_path):
    counts, (patents, trace, conflicts) = run(tmp_path, FILE)
    counts.pop("out")
    assert counts == {
        "rows_n": 7,
        "patents_n": 5,
        "merged_n": 2,
        "unread_n": 3,
        "conflicts_n": 1,
    }
    assert patents["patent_id"].to_list() == [
        "CN201710601862.3",
        "US10692631",
        "CN201710601862.4",
        None,
        None,
    ]
    assert patents["title"].to_list() == ["Chip", "Lamp", "Chip", "Nothing", "Nothing"]
    assert patents["filed_on"].to_list()[0] == "2017-07-21"
    assert patents["claims_n"].to_list() == [None, "3", None, None, None]
    assert patents["firm_id"].to_list()[:2] == ["own:A-1", "own:B"]
    assert conflicts.select("column_name", "source_row_n", "value_text").rows() == [
        ("claims_n", 1, "9"),
        ("claims_n", 2, "10"),
    ]
    assert trace["patent_id_found"].to_list()[2] == "US 10,692,631 B2"
    assert trace["merge_rule"].to_list() == [
        "prefix",
        "prefix; check_digit_added",
        "separators; kind_code_dropped",
        "same",
        "same",
        "same",
        "same",
    ]
    assert trace["owner_filled"].to_list() == [False, False, True, False, False, False, False]
    assert trace["reason_code"].to_list() == [None] * 4 + ["bad_patent_id"] * 3
    assert trace["merge_rule_words_zh"].str.contains("[一-鿿]").all()
    assert trace["merge_rule_words"].is_not_null().all()
    assert trace["reason_zh"].drop_nulls().len() == 3


def test_merging_twice_changes_nothing(tmp_path):
    _, (patents, _, _) = run(tmp_path, FILE)
    given = patents.drop("records_n", "conflict_columns")
    again = merge_rows(given).patents
    assert again.drop("records_n", "conflict_columns").equals(given)


def test_a_file_without_firms_has_none(tmp_path):
    _, (patents, trace, _) = run(tmp_path, "patent_id\nUS10692631\nUS10692631B2\n")
    assert patents.columns == ["patent_id", "records_n", "conflict_columns"]
    assert patents.rows() == [("US10692631", 2, None)]
    assert trace["firm_id"].to_list() == [None, None]


def test_wrong_files_are_named(tmp_path):
    with pytest.raises(MissingColumn, match="patent_id"):
        run(tmp_path, "a\n1\n")
    with pytest.raises(InvalidInput, match="records_n"):
        run(tmp_path, "patent_id,records_n\nUS10692631,1\n")
