"""What a new user meets: one clear message, and the store as it was."""

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from polars.exceptions import ComputeError
from tests.service.store_writer import add_pair, credential_rows, firm_rows, staff_rows
from tests.service.test_store import NOW, add_staff

from techflow.basics import InvalidInput, MissingColumn, TechflowError
from techflow_service.store import Store, check_store
from techflow_service.store.failure import explain_failures

STAFF = staff_rows(firm_rows(0, 3))


@pytest.fixture
def store(tmp_path):
    opened = Store.open(tmp_path / "store", create=True)
    add_pair(opened, 0, 4)
    return opened


def content(store):
    """Every file of the store except the lock."""
    files = (file for file in store.path.rglob("*") if file.is_file() and file.name != "lock")
    return {str(file.relative_to(store.path)): file.read_bytes() for file in files}


def test_missing_folder(tmp_path):
    with pytest.raises(InvalidInput, match="does not exist; check --store, or make one with"):
        Store.open(tmp_path / "nowhere")


def test_folder_that_is_not_a_store(tmp_path):
    (tmp_path / "letter.txt").write_text("hello")
    with pytest.raises(InvalidInput, match=r"is not a store: it holds no manifest\.json"):
        Store.open(tmp_path)
    with pytest.raises(InvalidInput, match=r"not empty \(it holds letter\.txt\); name a new"):
        Store.open(tmp_path, create=True)
    assert os.listdir(tmp_path) == ["letter.txt"]


@pytest.mark.parametrize("create", [False, True])
def test_store_that_is_a_file(tmp_path, create):
    file = tmp_path / "store"
    file.write_text("hello")
    with pytest.raises(InvalidInput, match="is a file"):
        Store.open(file, create=create)


def test_creation_that_was_killed_is_finished_by_the_next(tmp_path):
    (tmp_path / "lock").touch()
    (tmp_path / "parts").mkdir()
    (tmp_path / "manifest.json.new").write_text("{")
    assert Store.open(tmp_path, create=True).snapshot().version == 0


def test_newer_format(store):
    file = store.path / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"format_version": 2}))
    with pytest.raises(InvalidInput, match="has format 2, this techflow reads up to format 1"):
        Store.open(store.path)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: "[]",
        lambda text: "{}",
        lambda text: text.replace("techflow store", "other"),
        lambda text: text.replace('"rows_n": 4', '"rows_n": 5', 1),
        lambda text: json.dumps(json.loads(text) | {"parts": []}),
        lambda text: json.dumps(json.loads(text) | {"parts": None}),
    ],
)
def test_damaged_manifest_is_named_and_costs_no_part(store, damage):
    file = store.path / "manifest.json"
    file.write_text(damage(file.read_text()))
    before = content(store)
    with pytest.raises(TechflowError, match=r"manifest .* is damaged .* from a backup"):
        Store.open(store.path)
    with pytest.raises(TechflowError, match="is damaged"), store.transaction(NOW):
        pass
    assert content(store) == before
    assert [problem.kind for problem in check_store(store.path)] == ["manifest"]


def test_another_writer_holds_the_lock(store):
    impatient = Store.open(store.path, wait_seconds=0.1)
    before = content(store)
    with store.transaction(NOW), pytest.raises(TechflowError) as caught, impatient.transaction(NOW):
        pass
    assert f"(process {os.getpid()}) is writing to the store" in str(caught.value)
    assert "waited 0.1 s; let it end, or stop it, then run again" in str(caught.value)
    assert content(store) == before


def test_a_waiting_writer_goes_on_when_the_other_ends(store):
    script = (
        "import sys, time; from techflow_service.store import Store; "
        "from datetime import datetime, UTC\n"
        "with Store.open(sys.argv[1]).transaction(datetime.now(tz=UTC)):\n"
        "    sys.stdout.write('held'); sys.stdout.flush(); time.sleep(0.3)"
    )
    command = [sys.executable, "-c", script, str(store.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as other:
        assert other.stdout.read(4) == b"held"
        add_pair(store, 1, 1)
    assert other.returncode == 0
    assert store.snapshot().version == 2


@pytest.mark.parametrize(
    ("frame", "error", "text"),
    [
        (STAFF.drop("employees_n"), MissingColumn, "staff needs the column employees_n; got firm"),
        (STAFF.with_columns(age=1), InvalidInput, "staff has no column age to fill; it takes firm"),
        (
            STAFF.with_columns(loaded_at=NOW),
            InvalidInput,
            r"no column loaded_at .* \(the store itself adds loaded_at\)",
        ),
        (
            STAFF.with_columns(employees_n=5.5),
            InvalidInput,
            "employees_n must be Int64, got Float64; cast before adding",
        ),
        (
            STAFF.with_columns(pl.col("known_at").dt.replace_time_zone(None)),
            InvalidInput,
            r"known_at must be Datetime\(.*UTC.*\), got Datetime",
        ),
        (
            STAFF.with_columns(firm_id=pl.lit(None)),
            InvalidInput,
            r"staff requires a value in firm_id \(3 rows\); move such rows to the quarantine",
        ),
    ],
)
@pytest.mark.parametrize("lazy", [False, True])
def test_wrong_frames_are_refused_and_nothing_stays(store, frame, error, text, lazy):
    before = content(store)
    with pytest.raises(error, match=text), store.transaction(NOW) as transaction:
        transaction.add("credential", credential_rows(firm_rows(1, 3)))
        transaction.add("staff", frame.lazy() if lazy else frame)
    assert content(store) == before


def test_unknown_table(store):
    with pytest.raises(InvalidInput, match="there is no table staf; a store holds firm, "):
        store.snapshot().scan("staf")
    with pytest.raises(InvalidInput, match="there is no table staf"), store.transaction(NOW) as one:
        one.add("staf", STAFF)


def test_a_moment_without_zone(store):
    with (
        pytest.raises(InvalidInput, match="loaded_at must carry a zone"),
        store.transaction(datetime(2026, 1, 1)),
    ):
        pass


def test_a_part_that_is_gone(store):
    (store.path / store.snapshot().parts[0].file).unlink()
    with pytest.raises(TechflowError, match=r"lacks its part .*`techflow store check --store"):
        store.snapshot().scan("staff")


@pytest.mark.parametrize("limit_bytes", [700, 4_000])
@pytest.mark.parametrize("lazy", [False, True])
def test_file_size_limit(store, limit_bytes, lazy):
    """The smaller limit is met by the manifest, the larger by the part."""
    before = content(store)
    rows_n = 1 if limit_bytes < 1_000 else 200_000
    frame = staff_rows(firm_rows(7, rows_n)).with_columns(employees_n=pl.int_range(rows_n) ** 2)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    assert signal.getsignal(signal.SIGXFSZ) == signal.SIG_IGN
    try:
        with pytest.raises(TechflowError, match=r"ulimit -f.*the store is as it was before"):
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, hard))
            with store.transaction(NOW) as transaction:
                transaction.add("staff", frame.lazy() if lazy else frame)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert content(store) == before
    assert add_staff(store, firm_rows(8, 2)).version == 2


def test_no_room_on_the_disk_is_told_in_one_sentence():
    """The text is what Polars 2.1 raised when a sink filled a 100 kB tmpfs."""
    text = "parquet: File out of specification: underlying IO error: No space left on device"
    with (
        pytest.raises(TechflowError, match="no room left on the disk while writing table staff"),
        explain_failures("writing table staff", Path("store")),
    ):
        raise ComputeError(f"{text} (os error 28)")


def test_other_errors_pass_as_they_are():
    with pytest.raises(ComputeError), explain_failures("writing", Path("store")):
        raise ComputeError("could not parse")


@pytest.fixture
def stranger():
    """Work as a user without rights, also where the tests run as root."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65_534)
    yield
    os.seteuid(before)


@pytest.fixture
def guarded():
    """A store that everybody may see and nobody may write to."""
    with tempfile.TemporaryDirectory() as folder:
        opened = Store.open(Path(folder) / "store", create=True)
        add_pair(opened, 0, 4)
        Path(folder).chmod(0o755)
        opened.path.chmod(0o555)
        (opened.path / "lock").chmod(0o444)
        yield opened
        opened.path.chmod(0o755)


def test_a_store_one_may_only_read(guarded, stranger):
    assert guarded.snapshot().scan("staff").collect().height == 4
    with pytest.raises(TechflowError, match=r"permission denied while .*/lock\); ask for access"):
        add_pair(guarded, 1, 1)
    with pytest.raises(TechflowError, match="permission denied while making the store"):
        Store.open(guarded.path / "parts" / "new", create=True)


def test_a_store_one_may_not_read(guarded, request):
    (guarded.path / "manifest.json").chmod(0o000)
    request.getfixturevalue("stranger")
    with pytest.raises(TechflowError, match="permission denied while reading the manifest"):
        Store.open(guarded.path)
