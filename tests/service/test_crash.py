"""SIGKILL at random moments, readers beside a writer: only whole transactions are ever seen."""

import sys
from pathlib import Path

import polars as pl
import pytest
from tests.service.crash import kill_repeatedly, start
from tests.service.store_writer import add_pair

from techflow_service.store import Store, check_store

WRITER = Path(__file__).with_name("store_writer.py")


def firms_of(snapshot, table):
    """Firm and stamp of each row: both tables must hold the same."""
    rows = snapshot.scan(table).select("firm_id", "loaded_at").collect()
    return rows.sort("firm_id", "loaded_at")


def assert_whole_transactions(snapshot):
    staff, credential = (firms_of(snapshot, name) for name in ("staff", "credential"))
    assert staff.equals(credential)
    assert len(snapshot.parts) == 2 * snapshot.version
    assert staff.height == sum(part.rows_n for part in snapshot.parts) / 2


def kill_and_check(path, cycles, seed):
    store = Store.open(path, create=True)
    command = [sys.executable, str(WRITER), str(path)]
    versions, strays_n = [0], 0
    for crash in kill_repeatedly(
        lambda cycle: [*command, str(cycle)], path, cycles=cycles, seed=seed, within_seconds=0.6
    ):
        assert crash.killed
        problems = check_store(path)
        # The writer declares no sources, which is a note, and may leave strays, also a note.
        assert not [problem for problem in problems if not problem.note]
        strays_n += sum(problem.kind == "unreferenced" for problem in problems)
        snapshot = store.snapshot()
        assert_whole_transactions(snapshot)
        versions.append(snapshot.version)
    assert versions == sorted(versions)
    assert versions[-1] > 0, "no transaction was ever committed: the test proves nothing"
    add_pair(store, 999_999, 1)
    assert store.unreferenced() == ()
    assert store.snapshot().version == versions[-1] + 1
    return strays_n


def test_five_kills_leave_whole_transactions(tmp_path):
    kill_and_check(tmp_path / "store", cycles=5, seed=5)


@pytest.mark.soak
def test_fifty_kills_leave_whole_transactions(tmp_path):
    strays_n = kill_and_check(tmp_path / "store", cycles=50, seed=50)
    assert strays_n > 0, "no kill fell into a transaction: the test proves nothing"


def test_readers_beside_a_writer_see_only_whole_transactions(tmp_path):
    store = Store.open(tmp_path / "store", create=True)
    first, versions = store.snapshot(), set()
    command = [sys.executable, str(WRITER), str(store.path), "3", "25"]
    with start(command) as writer:
        while writer.poll() is None:
            snapshot = store.snapshot()
            assert_whole_transactions(snapshot)
            versions.add(snapshot.version)
        output = writer.stdout.read().decode(errors="replace")
    assert writer.returncode == 0, output
    assert store.snapshot().version == 25
    assert len(versions) > 3, "the reader was too slow to see the writer at work"
    assert first.scan("staff").collect().height == 0


def test_an_old_snapshot_reads_on_while_the_store_moves(tmp_path):
    store = Store.open(tmp_path / "store", create=True)
    add_pair(store, 0, 10)
    before = store.snapshot()
    lazy = before.scan("staff")
    add_pair(store, 1, 5)
    assert lazy.collect().height == before.scan("staff").collect().height == 10
    assert store.snapshot().scan("staff").select(pl.len()).collect().item() == 15
