"""`check_store` and the commands: damage of each kind is found, a whole store is silent."""

import json
import subprocess
import sys
from dataclasses import replace

import polars as pl
import pytest
from click.testing import CliRunner
from tests.service.store_writer import firm_rows, staff_rows
from tests.service.test_store import NOW, SOURCE

from techflow.basics import InvalidInput
from techflow_service.cli import techflow
from techflow_service.store import Store, check_store
from techflow_service.store.manifest import Manifest, write_manifest
from techflow_service.store.parts import hash_file

QUARANTINE = {
    "source_id": "s1",
    "source_name": "accounts.csv",
    "source_row_n": 3,
    "table_name": "staff",
    "column_name": "employees_n",
    "value_text": "many",
    "reason_code": "not_a_number",
    "reason_zh": "不是数字",
    "reason_en": "not a number",
    "row_json": "{}",
}


@pytest.fixture
def store(tmp_path):
    opened = Store.open(tmp_path / "store", create=True)
    load(opened, SOURCE, [QUARANTINE, QUARANTINE | {"column_name": "firm_id"}])
    return opened


def load(store, source, quarantine):
    firms = firm_rows(0, 2).with_columns(source_id=pl.lit(source["source_id"]))
    with store.transaction(NOW) as transaction:
        transaction.add("staff", staff_rows(firms))
        transaction.add("source", pl.DataFrame([source]))
        if quarantine:
            transaction.add("quarantine", pl.DataFrame(quarantine))


def part_of(store, table):
    return next(part for part in store.snapshot().parts if part.table == table)


def file_of(store, table):
    return store.path / part_of(store, table).file


def kinds(store):
    return [problem.kind for problem in check_store(store.path)]


def rewrite(store, table, frame):
    """Replace a part and make the manifest agree with its fingerprint."""
    frame.write_parquet(file_of(store, table))
    snapshot, part = store.snapshot(), part_of(store, table)
    honest = replace(part, sha256=hash_file(store.path / part.file))
    parts = tuple(honest if item == part else item for item in snapshot.parts)
    write_manifest(store.path, Manifest(snapshot.version, parts))


def test_a_whole_store_has_no_problems(store):
    assert check_store(store.path) == []


def test_missing_part(store):
    file_of(store, "staff").unlink()
    assert kinds(store) == ["missing_part"]


def test_one_flipped_bit(store):
    content = bytearray(file_of(store, "staff").read_bytes())
    content[len(content) // 3] ^= 1
    file_of(store, "staff").write_bytes(content)
    assert "fingerprint" in kinds(store)


def test_truncated_part(store):
    file_of(store, "staff").write_bytes(file_of(store, "staff").read_bytes()[:-10])
    assert kinds(store) == ["fingerprint", "unreadable"]


def test_wrong_row_count(store):
    rewrite(store, "staff", pl.read_parquet(file_of(store, "staff")).head(1))
    assert kinds(store) == ["rows"]


def test_wrong_columns(store):
    frame = pl.read_parquet(file_of(store, "staff"))
    rewrite(store, "staff", frame.drop("counted_on").cast({"employees_n": pl.Float64}))
    texts = [problem.text for problem in check_store(store.path)]
    assert texts == [
        "lacks the required column counted_on",
        "employees_n is Float64; must be Int64",
    ]


def test_a_column_that_came_later_is_only_a_note(store):
    rewrite(store, "staff", pl.read_parquet(file_of(store, "staff")).drop("graduates_n"))
    assert [(found.kind, found.note) for found in check_store(store.path)] == [
        ("new_columns", True)
    ]


def test_leftovers_are_only_a_note_and_the_next_writer_clears_them(store):
    stray = store.path / "parts" / "staff" / "000099-00000.parquet"
    stray.write_bytes(b"half a part")
    (store.path / "manifest.json.new").write_text("{")
    (found,) = check_store(store.path)
    assert (found.kind, found.note) == ("unreferenced", True)
    with store.transaction(NOW):
        assert not stray.exists()
    assert not (store.path / "manifest.json.new").exists()
    assert check_store(store.path) == []


@pytest.mark.parametrize(
    ("change", "quarantine", "text"),
    [
        ({"rows_n": 4}, [QUARANTINE], "4 rows came in, but 2 kept + 1 quarantined"),
        ({}, [], "1 rows were quarantined, but the quarantine holds 0"),
        (
            {},
            [QUARANTINE, QUARANTINE | {"source_row_n": 2}],
            "1 rows were quarantined, but the quarantine holds 2",
        ),
    ],
)
def test_source_totals(tmp_path, change, quarantine, text):
    store = Store.open(tmp_path / "store", create=True)
    load(store, SOURCE | change, quarantine)
    (found,) = check_store(store.path)
    assert (found.kind, found.where, found.text) == ("totals", "s1", text)


def test_quarantine_of_an_undeclared_source(store):
    with store.transaction(NOW) as transaction:
        transaction.add("quarantine", pl.DataFrame([QUARANTINE | {"source_id": "s9"}]))
    problems = check_store(store.path)
    assert [(found.kind, found.where, found.note) for found in problems] == [
        ("totals", "s9", False),
        ("unknown_source", "s9", True),
    ]


def test_a_folder_that_is_not_a_store_is_wrong_input(tmp_path):
    with pytest.raises(InvalidInput, match="is not a store"):
        check_store(tmp_path)


def run(*words):
    return CliRunner().invoke(techflow, ["store", *map(str, words)])


def test_check_command_says_whole_with_exit_code_0(store):
    result = run("check", "--store", store.path)
    assert (result.exit_code, result.output) == (0, f"store {store.path} is whole\n")


def test_check_command_gives_one_line_per_problem_with_exit_code_1(store):
    file_of(store, "staff").unlink()
    result = run("check", "--store", store.path)
    lines = result.output.splitlines()
    assert result.exit_code == 1
    assert lines[0].startswith("problem: parts/staff/000001-00000.parquet: the file is gone; ")
    assert lines[1:] == [f"store {store.path} is not whole: 1 problem"]
    report = json.loads(run("check", "--store", store.path, "--json").output)
    assert report["whole"] is False
    assert [found["kind"] for found in report["problems"]] == ["missing_part"]


def test_check_command_in_a_shell_has_exit_code_2_on_wrong_input(tmp_path):
    command = [sys.executable, "-c", "from techflow_service.cli import main; main()"]
    done = subprocess.run(
        [*command, "store", "check", "--store", tmp_path / "nowhere"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error: the store folder")
    assert done.stderr.count("\n") == 1


def test_show_command(store):
    lines = run("show", "--store", store.path).output.splitlines()
    assert lines[0].startswith(f"store {store.path}, version 1, 5 rows, ")
    assert lines[0].endswith("last loaded 2026-06-30 12:00 UTC")
    assert "staff          2      1           1" in lines
    row = "accounts.csv  csv          3     2            1"
    assert f"{row}  2024-01-01 00:00 UTC  2026-06-30 12:00 UTC" in lines


def test_show_command_for_machines(store):
    summary = json.loads(run("show", "--store", store.path, "--json").output)
    assert (summary["version"], summary["rows_n"]) == (1, 5)
    assert {item["table"]: item["rows_n"] for item in summary["tables"]} == {
        "staff": 2,
        "source": 1,
        "quarantine": 2,
    }
    (source,) = summary["sources"]
    assert source["known_at"].startswith("2024-01-01T00:00:00")
