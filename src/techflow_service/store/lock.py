"""One writer at a time: an exclusive lock that the system drops when its holder dies."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from techflow.basics import TechflowError
from techflow_service.store.failure import explain_failures

LOCK_FILE = "lock"
PAUSE_SECONDS = 0.02


@contextmanager
def hold_lock(path: Path, wait_seconds: float) -> Iterator[None]:
    """Hold the store's lock while the block runs.

    Args:
        path: The store.
        wait_seconds: How long to wait for another writer.

    Raises:
        TechflowError: Another writer still holds the lock after the wait, or the folder
            may not be written.
    """
    with explain_failures("opening the store to write", path):
        descriptor = os.open(path / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        _acquire(descriptor, path, wait_seconds)
        with explain_failures("opening the store to write", path):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path, wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                holder = os.pread(descriptor, 20, 0).decode() or "unknown"
                raise TechflowError(
                    f"another program (process {holder}) is writing to the store {path}; waited "
                    f"{wait_seconds:g} s; let it end, or stop it, then run again; "
                    "nothing was written"
                ) from None
        time.sleep(PAUSE_SECONDS)
