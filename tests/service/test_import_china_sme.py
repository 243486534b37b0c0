"""The Chinese contest set: a small copy of its layout made here, and the real one if present."""

import shutil
from datetime import UTC, date, datetime

import polars as pl
import pytest
from tests.service.import_sets import write_china_sme

from techflow.basics import InvalidInput
from techflow_service.imports.china_sme import read_china_sme
from techflow_service.imports.load import load_batches, open_store, totals
from techflow_service.store import check_store

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def load(folder, store):
    return load_batches(store, list(read_china_sme(folder, moment=NOW)), moment=NOW)


@pytest.fixture
def small(tmp_path):
    store = open_store(tmp_path / "store")
    files = load(write_china_sme(tmp_path / "set"), store)
    return store.snapshot(), {item.source_name: item for item in files}


def test_rows_in_are_kept_or_quarantined(small):
    snapshot, files = small
    output = files["credit_history_output_invoices.csv.gz"]
    assert (output.rows_n, output.kept_n) == (7, 4)
    assert output.quarantined == {"exact_duplicate": 1, "not_a_date": 1, "not_a_number": 1}
    # 红冲 is no status of the dictionary
    assert files["no_credit_history_output_invoices.csv.gz"].quarantined == {"unknown_code": 1}
    refused = snapshot.scan("quarantine").sort("source_name", "source_row_n").collect()
    assert refused["source_row_n"].to_list() == [3, 6, 7, 1]
    assert '"开票日期":"2018/13/5"' in refused["row_json"][1]


def test_invoices_keep_sign_status_and_repeats(small):
    rows = small[0].scan("invoice").sort("firm_id", "issued_on").collect()
    e1 = rows.filter(pl.col("firm_id") == "cumcm:E1").select(
        "direction", "invoice_number", "line_n", "net_lcy", "status", "number_repeated"
    )
    assert e1.rows() == [
        ("purchase", "7", 1, -943.4, "valid", False),
        ("sale", "1", 1, 100.0, "valid", False),
        ("sale", "2", 1, 200.0, "void", True),
        ("sale", "2", 2, 50.0, "valid", True),
    ]
    assert (rows["known_at"].dt.date() == rows["issued_on"]).all()
    assert set(rows["partner_id"].str.head(6)) == {"cumcm:"} and set(rows["currency"]) == {"CNY"}


def test_firms_and_their_default(small):
    firms = small[0].scan("firm").sort("firm_id").collect()
    known = dict(zip(firms["firm_id"], firms["known_at"].dt.date(), strict=True))
    beginning = date(2016, 10, 8)  # E3's first invoice opens the data
    assert known == {
        "cumcm:E1": date(2017, 7, 18),
        "cumcm:E2": date(2018, 1, 5),
        "cumcm:E3": beginning,
        "cumcm:E4": beginning,
    }
    event = small[0].scan("adverse_event").collect().row(0, named=True)
    # The last kept invoice is of 5 January 2018, so the data end with that month.
    assert (event["firm_id"], event["event"], event["event_on"]) == (
        "cumcm:E2",
        "default",
        date(2018, 1, 31),
    )
    assert event["known_at"].date() == event["event_on"]


def test_the_bank_rating_is_nowhere(small):
    snapshot, _ = small
    for table in ("firm", "adverse_event", "invoice"):
        cells = snapshot.scan(table).collect().select(pl.col(pl.String)).to_numpy().ravel()
        assert not {"A", "D"} & set(cells)


def test_a_missing_file_and_a_renamed_column(tmp_path):
    folder = write_china_sme(tmp_path / "set")
    name = "credit_history_enterprises.csv"
    text = (folder / name).read_text("utf8").replace("企业名称", "名称")
    (folder / name).write_text(text, "utf8")
    with pytest.raises(InvalidInput, match="the column 企业名称 is missing; found 企业代号, 名称"):
        list(read_china_sme(folder, moment=NOW))
    (folder / name).write_text("", "utf8")
    with pytest.raises(InvalidInput, match=f"{name} is empty"):
        list(read_china_sme(folder, moment=NOW))
    (folder / name).unlink()
    with pytest.raises(InvalidInput, match=f"lacks {name}; this import expects"):
        list(read_china_sme(folder, moment=NOW))


def test_the_real_set(shared, tmp_path):
    """1,099,441 invoices and 11,665 exact repeats: README of the data, counted there."""
    store = open_store(tmp_path / "store")
    folder = shared / "china_sme_invoices"
    files = load(folder, store)
    invoices = [item for item in files if "invoices" in item.source_name]
    counts = totals(invoices)
    assert counts["rows_n"] == 1_099_441 == counts["kept_n"] + counts["quarantined_n"]
    assert counts["quarantined_n"] == 11_665
    snapshot = store.snapshot()
    stored = snapshot.scan("invoice").select(
        rows=pl.len(),
        keys=pl.struct("firm_id", "direction", "invoice_number", "line_n").n_unique(),
        repeated=pl.col("number_repeated").sum(),
    )
    rows, keys, repeated = stored.collect().row(0)
    assert rows == keys == 1_099_441 - 11_665
    # 13,766 rows repeat a number, 11,665 of them exactly: README of the data
    extra = snapshot.scan("invoice").filter(pl.col("line_n") > 1).select(pl.len())
    assert extra.collect().item() == 13_766 - 11_665 < repeated
    assert snapshot.scan("firm").select(pl.col("firm_id").n_unique()).collect().item() == 425
    events = snapshot.scan("adverse_event").collect()
    assert events.height == 27 and set(events["event_on"]) == {date(2020, 2, 29)}
    assert [found for found in check_store(tmp_path / "store") if not found.note] == []
    copy = shutil.copytree(folder, tmp_path / "again")
    assert totals(load(copy, store))["known_n"] == totals(files)["kept_n"]
    assert store.snapshot() == snapshot
