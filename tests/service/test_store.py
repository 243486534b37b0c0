"""The store: what goes in comes out, in whole transactions, in the dictionary's types."""

import hashlib
import json
from datetime import UTC, date, datetime, timedelta

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from tests.service.store_writer import credential_rows, firm_rows, staff_rows

from techflow.evidence import as_of
from techflow.schema import TABLES
from techflow_service.store import Store
from techflow_service.store.parts import ROW_GROUP_ROWS
from techflow_service.store.snapshot import polars_schema

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
SOURCE = {
    "source_id": "s1",
    "source_name": "accounts.csv",
    "importer": "csv",
    "sha256": "0" * 64,
    "rows_n": 3,
    "kept_n": 2,
    "quarantined_n": 1,
}


@pytest.fixture
def store(tmp_path):
    return Store.open(tmp_path / "store", create=True)


def add_staff(store, firms, at=NOW):
    with store.transaction(at) as transaction:
        transaction.add("staff", staff_rows(firms))
    return store.snapshot()


def test_an_empty_store_has_every_table_without_rows(store):
    snapshot = store.snapshot()
    assert (snapshot.version, snapshot.tables(), snapshot.loaded_at) == (0, (), None)
    for name, table in TABLES.items():
        frame = snapshot.scan(name).collect()
        assert frame.schema == polars_schema(table)
        assert frame.height == 0


def test_rows_come_back_in_the_columns_of_the_dictionary(store):
    firms = firm_rows(0, 7)
    with store.transaction(NOW) as transaction:
        assert transaction.add("staff", staff_rows(firms).select(pl.all().reverse())) == 7
        assert transaction.add("credential", credential_rows(firms)) == 7
    snapshot = store.snapshot()
    assert snapshot.tables() == ("staff", "credential")
    staff = snapshot.scan("staff").collect()
    assert staff.schema == polars_schema(TABLES["staff"])
    assert staff["loaded_at"].unique().to_list() == [NOW] == [snapshot.loaded_at]
    assert staff["rnd_staff_n"].null_count() == 7
    assert set(staff["firm_id"]) == set(firms["firm_id"])


def test_an_error_in_the_block_leaves_nothing(store):
    before = sorted(store.path.rglob("*.parquet"))
    with pytest.raises(RuntimeError, match="changed my mind"), store.transaction(NOW) as one:
        one.add("staff", staff_rows(firm_rows(0, 3)))
        raise RuntimeError("changed my mind")
    assert store.snapshot().version == 0
    assert sorted(store.path.rglob("*.parquet")) == before == []


def test_a_transaction_without_rows_makes_no_version(store):
    with store.transaction(NOW) as transaction:
        transaction.add("staff", staff_rows(firm_rows(0, 0)))
    assert store.snapshot().version == 0
    assert store.snapshot().parts == ()


def test_the_manifest_tells_the_truth_about_each_part(store):
    (part,) = add_staff(store, firm_rows(0, 9)).parts
    content = (store.path / part.file).read_bytes()
    assert part.bytes_n == len(content)
    assert part.sha256 == hashlib.sha256(content).hexdigest()
    assert (part.rows_n, part.version) == (9, 1)
    assert (part.firm_id_min, part.firm_id_max) == ("demo:000000-00000", "demo:000000-00008")
    assert json.loads((store.path / "manifest.json").read_text())["format_version"] == 1


def test_since_keeps_only_what_was_added_later(store):
    add_staff(store, firm_rows(0, 2))
    add_staff(store, firm_rows(1, 3))
    snapshot = add_staff(store, firm_rows(2, 4))
    assert snapshot.since(1).scan("staff").collect().height == 7
    assert snapshot.since(3).scan("staff").collect().height == 0
    assert snapshot.since(0) == snapshot


def test_changed_firms_are_named_once(store):
    add_staff(store, firm_rows(0, 2))
    with store.transaction(NOW) as transaction:
        transaction.add("staff", staff_rows(firm_rows(1, 2)))
        transaction.add("credential", credential_rows(firm_rows(1, 3)))
        transaction.add("source", pl.DataFrame([SOURCE]))
    changed = store.snapshot().changed_firms(1).collect()["firm_id"].sort().to_list()
    assert changed == ["demo:000001-00000", "demo:000001-00001", "demo:000001-00002"]
    assert store.snapshot().changed_firms(2).collect().height == 0


def test_a_loan_that_moves_changes_both_firms(store):
    loan = {
        "loan_id": "L1",
        "lender_id": None,
        "currency": "CNY",
        "principal_lcy": 1e6,
        "outstanding_lcy": None,
        "rate_pa": 0.05,
        "drawn_on": date(2024, 1, 1),
        "due_on": date(2025, 1, 1),
        "overdue_days": None,
        "defaulted_on": None,
        "source_id": "s1",
        "source_row_n": 1,
        "known_at": NOW,
    }
    for firm_id in ("demo:a", "demo:b"):
        how = dict.fromkeys(TABLES["loan"].names[-10:-4])
        frame = pl.DataFrame([loan | how | {"firm_id": firm_id}])
        with store.transaction(NOW) as transaction:
            transaction.add("loan", frame)
    changed = store.snapshot().changed_firms(1).collect()["firm_id"].sort().to_list()
    assert changed == ["demo:a", "demo:b"]


def test_a_file_is_known_by_importer_and_fingerprint(store):
    assert not store.snapshot().has_file("csv", "0" * 64)
    with store.transaction(NOW) as transaction:
        transaction.add("source", pl.DataFrame([SOURCE]))
    assert store.snapshot().has_file("csv", "0" * 64)
    assert not store.snapshot().has_file("csv", "1" * 64)
    assert not store.snapshot().has_file("korea", "0" * 64)


def test_stamps_grow_even_if_the_clock_does_not(store):
    first = add_staff(store, firm_rows(0, 1), at=NOW).loaded_at
    second = add_staff(store, firm_rows(0, 1), at=NOW).loaded_at
    third = add_staff(store, firm_rows(0, 1), at=NOW - timedelta(days=1)).loaded_at
    assert first < second < third


def test_a_snapshot_stamp_replays_the_snapshot(store):
    view = {"key": TABLES["staff"].key, "as_of": date(2024, 6, 30)}

    def replay(snapshot, loaded_by):
        rows = nw.from_native(snapshot.scan("staff"))
        return as_of(rows, **view, loaded_by=loaded_by).sort("firm_id").collect().to_native()

    before = add_staff(store, firm_rows(0, 5))
    after = add_staff(store, firm_rows(0, 3).with_columns(source_id=pl.lit("corrected")))
    assert replay(after, before.loaded_at).equals(replay(before, None))
    assert not replay(after, after.loaded_at).equals(replay(before, None))


def test_frames_in_memory_are_ordered_so_that_a_firm_is_found_quickly(store):
    firms = firm_rows(0, 3 * ROW_GROUP_ROWS).sample(fraction=1.0, shuffle=True, seed=3)
    snapshot = add_staff(store, firms)
    assert snapshot.scan("staff").select(pl.col("firm_id").is_sorted()).collect().item()
    pq = pytest.importorskip("pyarrow.parquet")
    metadata = pq.ParquetFile(store.path / snapshot.parts[0].file).metadata
    groups = [metadata.row_group(n).column(0) for n in range(metadata.num_row_groups)]
    assert len(groups) == 3
    assert groups[0].compression == "ZSTD"
    assert groups[0].statistics.max < groups[1].statistics.min


def test_integers_of_any_width_fit(store):
    narrow = staff_rows(firm_rows(0, 2)).with_columns(pl.col("employees_n").cast(pl.UInt32))
    with store.transaction(NOW) as transaction:
        transaction.add("staff", narrow)
    assert store.snapshot().scan("staff").collect()["employees_n"].to_list() == [5, 5]


def test_a_column_the_dictionary_gained_later_reads_as_null(store, monkeypatch):
    add_staff(store, firm_rows(0, 2))
    old = TABLES["staff"]
    wider = (*old.columns, TABLES["firm"].column("sector"))
    new = type(old)(old.name, old.zh, old.en, old.key, wider)
    monkeypatch.setitem(TABLES, "staff", new)
    assert store.snapshot().scan("staff").collect()["sector"].to_list() == [None, None]


def test_the_transaction_shows_what_was_there_before(store):
    add_staff(store, firm_rows(0, 2))
    with store.transaction(NOW) as transaction:
        transaction.add("staff", staff_rows(firm_rows(1, 2)))
        assert transaction.before.scan("staff").collect().height == 2


def test_opening_an_existing_store_with_create_keeps_it(store):
    add_staff(store, firm_rows(0, 2))
    assert Store.open(store.path, create=True).snapshot().version == 1
