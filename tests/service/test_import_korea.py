"""The Korean set: a small copy of its layout made here, and the real one if present."""

from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.service.import_sets import ACCOUNTS_HEAD, write_korea

from techflow.schema import TABLES
from techflow_service.imports.korea import is_distress, read_korea
from techflow_service.imports.korea_accounts import MONEY, korea_statements
from techflow_service.imports.load import load_batches, open_store, totals
from techflow_service.store import check_store

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def load(folder, store):
    return load_batches(store, list(read_korea(folder, moment=NOW)), moment=NOW)


@pytest.fixture
def small(tmp_path):
    store = open_store(tmp_path / "store")
    files = load(write_korea(tmp_path / "set"), store)
    return store.snapshot(), {item.source_name: item for item in files}


def test_accounts(small):
    snapshot, files = small
    accounts = files["firm_year_2015_2019.csv.gz"]
    assert (accounts.rows_n, accounts.kept_n) == (5, 4)
    assert accounts.quarantined == {"out_of_range": 1}
    rows = snapshot.scan("statement").sort("period_end_on", "basis", "firm_id").collect()
    first = rows.row(0, named=True)
    assert first["firm_id"] == "kr.stock:000070" and first["basis"] == "consolidated"
    assert (first["months_n"], first["revenue_lcy"], first["total_assets_lcy"]) == (12, 10.0, 7.0)
    # 31 December 2018 plus 90 days
    assert first["known_at"] == datetime(2019, 3, 31, tzinfo=UTC)
    dollars = rows.filter(pl.col("currency") == "USD").row(0, named=True)
    assert dollars["capital_stock_lcy"] is None and dollars["revenue_lcy"] == 10.0


def test_firms_come_from_the_crosswalk_or_else_from_the_accounts(small):
    rows = small[0].scan("firm").sort("firm_id").collect()
    assert rows.select("firm_id", "name", "name_en", "sector", "country", "listed").rows() == [
        ("kr.stock:000070", "삼양", "Samyang", "Industrials", "KR", True),
        ("kr.stock:123450", "코리아", None, None, "KR", True),
        ("kr.stock:900001", "외국", "Posco A", "Materials", "KR", True),
        ("kr.stock:900002", "외국둘", "Posco B", "Materials", "KR", True),
    ]
    years = [at.year for at in rows["known_at"]]
    assert years == [2018, 2019, 2019, 2019]


def test_delistings(small):
    rows = small[0].scan("adverse_event").sort("event_on").collect()
    assert rows.select("firm_id", "event", "event_on", "distress").rows() == [
        ("kr.stock:000070", "delisted", date(2020, 5, 6), True),
        ("kr.stock:900001", "delisted", date(2020, 6, 1), False),
    ]
    assert (rows["known_at"].dt.date() == rows["event_on"]).all()


def test_patents_of_one_owner_are_kept_and_of_several_refused(small):
    snapshot, files = small
    patents = files["patents_by_assignee.parquet"]
    # of four rows one bears no Korean name and is not looked at
    assert (patents.rows_n, patents.kept_n) == (3, 2)
    assert patents.quarantined == {"ambiguous_owner": 1}
    rows = snapshot.scan("patent").sort("patent_id").collect()
    names = [
        "patent_id",
        "firm_id",
        "patent_kind",
        "filed_on",
        "cpc",
        "cpc_subclasses_n",
        "claims_n",
    ]
    assert rows.select(names).rows() == [
        (
            *("US10000001", "kr.stock:000070", "invention", date(2017, 12, 22)),
            *("C07H1/00;C07H3/02;A23L27/30", 2, 20),
        ),
        ("USD654321", "kr.stock:000070", "design", date(2011, 8, 5), None, None, 1),
    ]
    assert rows["known_at"].dt.date().to_list() == [date(2019, 5, 28), date(2012, 2, 21)]


def test_without_the_patent_sample(tmp_path):
    store = open_store(tmp_path / "store")
    files = load(write_korea(tmp_path / "set", patents=False), store)
    assert len(files) == 3 and "patent" not in store.snapshot().tables()


def test_distress_is_a_matter_of_words():
    reasons = ["자본전액잠식", "해산 사유 발생", "감사의견 거절", "합병 (감사)", "존속기간 만료"]
    found = pl.Series(reasons).to_frame("r").select(is_distress(pl.col("r"))).to_series()
    assert found.to_list() == [True, False, True, False, False]


CELL = st.none() | st.sampled_from(["1", "-2.5", "1e3", "nan", "inf", "x", "", "1,000", " 7 "])


@given(st.lists(st.tuples(st.sampled_from(["000070", "70", " 70", ""]), CELL, CELL), max_size=5))
def test_scoring_reads_any_file_row_by_row(cells):
    """One row out per row in, same order; what float() cannot read as finite is null."""
    raw = pl.DataFrame(
        cells, schema=dict.fromkeys(["stock_code", "year", "revenue"], pl.String), orient="row"
    ).with_columns(label=pl.lit(None))
    rows = korea_statements(raw)
    assert rows.height == len(cells)
    assert rows["firm_id"].to_list() == [
        f"kr.stock:{'000070'}" if c.strip() else None for c, *_ in cells
    ]
    for (_, _, cell), value in zip(cells, rows["revenue_lcy"], strict=True):
        plain = {"1": 1.0, "-2.5": -2.5, "1e3": 1000.0, " 7 ": 7.0}
        assert value == plain.get(cell)


def test_scoring_takes_text_and_numbers_alike():
    text = {"stock_code": ["005930"], "year": ["2019"], "basis": ["separate"], "currency": ["KRW"]}
    numbers = {"stock_code": [5930], "year": [2019], "basis": ["separate"], "currency": ["KRW"]}
    money = {name: [float(place)] for place, name in enumerate(MONEY)}
    as_text = korea_statements(pl.DataFrame(text | {k: [str(v[0])] for k, v in money.items()}))
    assert as_text.equals(korea_statements(pl.DataFrame(numbers | money)))
    stored = [name for name in TABLES["statement"].names if name in as_text.columns]
    assert as_text.columns == stored and as_text["firm_id"].item() == "kr.stock:005930"
    assert {f"{name}_lcy" for name in MONEY} <= set(as_text.columns)
    assert set(MONEY) < set(ACCOUNTS_HEAD.split(","))


def test_the_real_set(shared, tmp_path):
    """16,643 firm-years of 2,106 firms and 72 events: README of the data."""
    store = open_store(tmp_path / "store")
    files = load(shared / "korea_dart", store)
    counts = {item.source_name: item for item in files}
    accounts = counts["firm_year_2015_2019.csv.gz"]
    assert (accounts.rows_n, accounts.kept_n) == (16_643, 16_643)
    snapshot = store.snapshot()
    firms = snapshot.scan("statement").select("firm_id").unique().collect()
    assert firms.height == 2_106
    assert snapshot.scan("firm").join(firms.lazy(), on="firm_id").collect().height == 2_106
    assert snapshot.scan("adverse_event").collect().height == 72
    assert [found for found in check_store(tmp_path / "store") if not found.note] == []
    assert totals(load(shared / "korea_dart", store))["known_n"] == totals(files)["kept_n"]
    assert store.snapshot() == snapshot


def test_patents_match_as_the_crosswalk_did(shared, tmp_path):
    """The crosswalk's own counts `n_patents`, for names that belong to one firm."""
    if not (shared / "patentsview").is_dir():
        pytest.skip("the patent sample is not there")
    store = open_store(tmp_path / "store")
    load(shared / "korea_dart", store)
    names = pl.read_csv(shared / "korea_dart" / "name_crosswalk.csv", infer_schema=False)
    single = names.filter(pl.col("n_patents").is_not_null() & ~pl.col("n").is_duplicated())
    told = {
        f"kr.stock:{code}": int(float(n))
        for code, n in single.select("stock_code", "n_patents").rows()
    }
    patents = store.snapshot().scan("patent").group_by("firm_id").len().collect()
    found = dict(patents.rows())
    assert set(found) == set(told)
    differ = {firm: (found[firm], n) for firm, n in told.items() if found[firm] != n}
    assert len(differ) <= 1  # one firm has a patent under two spellings of its name
    assert all(mine < theirs for mine, theirs in differ.values())
