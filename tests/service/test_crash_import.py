"""SIGKILL at random moments of an import: all files are in the store, or none, and it is whole."""

import shutil
import subprocess
import sys
from datetime import date

import polars as pl
import pytest
from tests.service.crash import kill_repeatedly, run_and_time

from techflow_service.store import Store, check_store

FIRMS_N, BAD_N = 40_000, 100
TABLES = ("firm", "staff", "quarantine", "source")
MAIN = "from techflow_service.cli import main; main()"


def write_own_files(folder):
    """A user's firm.csv and staff.csv; the last rows of staff have no number of employees."""
    folder.mkdir()
    firm_id = pl.format("cumcm:E{}", pl.int_range(1, FIRMS_N + 1))
    firm = pl.select(firm_id=firm_id, country=pl.lit("CN"), name=firm_id, known_at=date(2024, 1, 1))
    firm.write_csv(folder / "firm.csv")
    row_n = pl.int_range(FIRMS_N)
    employees = pl.when(row_n < FIRMS_N - BAD_N).then(row_n.cast(pl.String)).otherwise(pl.lit("?"))
    pl.select(firm_id=firm_id, counted_on=date(2024, 1, 1), employees_n=employees).write_csv(
        folder / "staff.csv"
    )


def content(path):
    """Rows of each table without the stamp, which differs from run to run."""
    snapshot = Store.open(path).snapshot()
    return {name: snapshot.scan(name).drop("loaded_at").collect() for name in TABLES}


def assert_same(got, expected):
    assert all(got[name].equals(expected[name]) for name in TABLES)


def kill_imports(folder, cycles, seed):
    files, path, clean = folder / "files", folder / "store", folder / "clean"
    write_own_files(files)
    command = [sys.executable, "-c", MAIN, "import", "csv", str(files), "--store"]
    seconds = run_and_time([*command, str(clean)], clean)
    expected = content(clean)
    heights = {name: frame.height for name, frame in expected.items()}
    assert heights == {"firm": FIRMS_N, "staff": FIRMS_N - BAD_N, "quarantine": BAD_N, "source": 2}

    empty = {name: frame.clear() for name, frame in expected.items()}

    def bring_fresh_store(cycle):
        shutil.rmtree(path, ignore_errors=True)
        Store.open(path, create=True)

    versions = []
    for _crash in kill_repeatedly(
        [*command, str(path)],
        path,
        cycles=cycles,
        seed=seed,
        within_seconds=1.5 * seconds,
        prepare=bring_fresh_store,
    ):
        assert not [problem for problem in check_store(path) if not problem.note]
        versions.append(Store.open(path).snapshot().version)
        assert_same(content(path), expected if versions[-1] else empty)
    subprocess.run([*command, str(path)], check=True, capture_output=True)
    assert_same(content(path), expected)
    assert Store.open(path).unreferenced() == ()
    return versions


def test_five_kills_of_an_import(tmp_path):
    assert 0 in kill_imports(tmp_path, cycles=5, seed=5), "no kill came before the commit"


@pytest.mark.soak
def test_fifty_kills_of_an_import(tmp_path):
    assert {0, 1} == set(kill_imports(tmp_path, cycles=50, seed=50))
