"""Outputs are written aside and moved in at the end, so that a failure leaves the old ones."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from polars.exceptions import PolarsError

from techflow.basics import InvalidInput, TechflowError
from techflow_service.store.failure import REMEDIES, system_error

RUN_FILE = "run.json"
SOMETIMES = frozenset(
    {
        "assessment.xlsx",
        *("series.parquet", "statements.parquet", "patents.parquet"),
        *("facts.parquet", "qualification.parquet", "gaps.parquet", "offer.parquet"),
        "plan.parquet",
    }
)
"""Outputs that large books, or days without a policy, do not get; an old one would mislead."""
PREFIX = ".assess-"
OLD_KEPT = "; the outputs that were there are as they were"


@contextmanager
def explain_refusals(out: Path) -> Iterator[None]:
    """Turn a refusal by the disk or the system into one clear error.

    Args:
        out: The output folder.

    Raises:
        TechflowError: No room, file-size limit, no permission, or a read-only disk.
    """
    try:
        yield
    except (OSError, PolarsError) as error:
        number = system_error(error)
        if number not in REMEDIES:
            raise
        cause, text = REMEDIES[number]
        raise TechflowError(
            text.format(cause=cause, doing=f"writing the assessment to {out}") + OLD_KEPT
        ) from error


@contextmanager
def staged_folder(out: Path) -> Iterator[Path]:
    """A folder beside `out` to write in; its files are moved into `out` when the block ends well.

    Each file is replaced in one step, the run record last. Folders inside are not moved. If the
    block fails, nothing in `out` has changed.

    Args:
        out: The output folder; made if it is not there.

    Yields:
        The folder to write in.

    Raises:
        InvalidInput: `out` is a file.
        TechflowError: No room, file-size limit, no permission, or a read-only disk.
    """
    if out.exists() and not out.is_dir():
        raise InvalidInput(f"the output {out} is a file; name a folder with --out")
    with explain_refusals(out):
        out.mkdir(parents=True, exist_ok=True)
        if not os.access(out, os.W_OK | os.X_OK):
            raise PermissionError(13, "permission denied", str(out))
        _sweep(out)
        staged = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=out))
        try:
            yield staged
            _move_in(staged, out)
        finally:
            shutil.rmtree(staged, ignore_errors=True)


def _move_in(staged: Path, out: Path) -> None:
    files = {path.name for path in staged.iterdir() if path.is_file()}
    for name in sorted(files - {RUN_FILE}):
        os.replace(staged / name, out / name)
    for name in sorted(SOMETIMES - files):
        (out / name).unlink(missing_ok=True)
    os.replace(staged / RUN_FILE, out / RUN_FILE)


def _sweep(out: Path) -> None:
    """Remove what a killed run left behind."""
    for folder in out.glob(f"{PREFIX}*"):
        if not Path(f"/proc/{folder.name.split('-')[1]}").exists():
            shutil.rmtree(folder, ignore_errors=True)


def fingerprint(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
