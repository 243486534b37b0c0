"""SIGKILL while an import writes: the store holds all of the import or nothing of it."""

import shutil
import sys

import pytest
from tests.service.crash import kill_repeatedly
from tests.service.import_sets import write_many_invoices
from tests.service.test_import_china_sme import load

from techflow_service.store import Store, check_store

INVOICES_N = 150_000
PROGRAM = "import sys; from techflow_service.cli import main; main()"


def kill_imports(tmp_path, cycles, seed):
    folder = write_many_invoices(tmp_path / "set", INVOICES_N)
    path = tmp_path / "store"

    def fresh(cycle):
        shutil.rmtree(path, ignore_errors=True)
        Store.open(path, create=True)

    argv = [sys.executable, "-c", PROGRAM, "import", "china-sme", str(folder), "--store", str(path)]
    killed_n = 0
    for crash in kill_repeatedly(
        argv, path, cycles=cycles, seed=seed, within_seconds=0.25, prepare=fresh
    ):
        assert [found for found in check_store(path) if not found.note] == []
        snapshot = Store.open(path).snapshot()
        stored = snapshot.scan("invoice").collect().height
        assert (snapshot.version, stored >= INVOICES_N) in ((0, False), (1, True))
        assert snapshot.version or stored == 0
        killed_n += crash.killed and snapshot.version == 0
    assert killed_n > 0, "no kill fell into an import: the test proves nothing"
    again = load(folder, Store.open(path))
    assert sum(item.kept_n for item in again) >= INVOICES_N
    assert Store.open(path).snapshot().version == 1
    assert Store.open(path).unreferenced() == ()


def test_five_kills_leave_all_or_nothing(tmp_path):
    kill_imports(tmp_path, cycles=5, seed=1495)


@pytest.mark.soak
def test_fifty_kills_leave_all_or_nothing(tmp_path):
    kill_imports(tmp_path, cycles=50, seed=50)
