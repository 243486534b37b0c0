"""Kill a program that writes to a store at a random moment, again and again.

    for crash in kill_repeatedly(argv, store, cycles=5, seed=1, within_seconds=2.0):
        ...  # look at the store; `crash.killed` is False if the program had already ended

The clock starts when the program takes the store's lock, so that the kill falls into the
writing and not into the start of the interpreter.
"""

import fcntl
import random
import subprocess
import time
from dataclasses import dataclass

START_SECONDS = 60.0
PAUSE_SECONDS = 0.002


@dataclass(frozen=True)
class Crash:
    """One cycle: after how long the program was killed, and whether it was still running."""

    after_seconds: float
    killed: bool
    returncode: int


def kill_repeatedly(argv, store, *, cycles, seed, within_seconds, prepare=None):
    """Start `argv`, wait for its first lock on `store`, SIGKILL it at a random moment after that.

    The moments are spread over `within_seconds`: one in each of `cycles` equal stretches, in
    random order; one is the very moment of the lock, since `within_seconds` may come from a run
    that was slower than those killed. `argv` is any command, or a function of the cycle number
    that returns one.
    `prepare(cycle)` runs before each start, for instance to bring a fresh store.
    Yields a `Crash` after each kill, when the program is gone.
    """
    draw = random.Random(seed)
    moments = [(n + draw.random()) / cycles * within_seconds for n in range(cycles)]
    moments[0] = 0.0
    draw.shuffle(moments)
    for cycle, after in enumerate(moments):
        if prepare:
            prepare(cycle)
        with start(argv(cycle) if callable(argv) else argv) as child:
            wait_for_writer(child, store)
            time.sleep(after)
            killed = child.poll() is None
            child.kill()
            output = child.stdout.read().decode(errors="replace")
        assert killed or child.returncode == 0, f"ended by itself, wrongly:\n{output}"
        yield Crash(after, killed, child.returncode)


def run_and_time(argv, store):
    """Run `argv` to its end; how many seconds it held the store's lock, from first to last."""
    first = last = None
    with start(argv) as child:
        while child.poll() is None:
            if is_locked(store):
                last = time.monotonic()
                first = first or last
            time.sleep(PAUSE_SECONDS)
        output = child.stdout.read().decode(errors="replace")
    assert child.returncode == 0, output
    assert first, "the program never took the store's lock"
    return last - first


def start(argv):
    return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def wait_for_writer(child, store):
    """Return when somebody holds the store's lock, or the child has ended."""
    deadline = time.monotonic() + START_SECONDS
    while child.poll() is None and not is_locked(store):
        assert time.monotonic() < deadline, "the program never took the store's lock"
        time.sleep(PAUSE_SECONDS)


def is_locked(store):
    try:
        with (store / "lock").open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return False
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
