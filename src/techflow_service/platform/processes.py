"""Processes that must live: what dies is started again, until someone says stop."""

import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple, Self

LOG = logging.getLogger("techflow.processes")
LOOK_SECONDS, CALM_SECONDS, WAIT_MAX_SECONDS = 0.2, 20.0, 15.0
STOP_SECONDS = 20.0
DEATHS_MAX = 8
"""So many quick deaths in a row are no accident."""


class Program(NamedTuple):
    """What is started, and with which environment."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]


class Process:
    """A running program that is begun anew when it dies, with all that it started itself."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.deaths_n = 0
        self._next_at = 0.0
        self.start()

    def start(self) -> Self:
        """Begin it."""
        program = self.program
        self.begun_at = time.monotonic()
        self.running = subprocess.Popen(  # noqa: S603 - our own words
            program.command, env=dict(program.environment), start_new_session=True
        )
        return self

    def end_left(self) -> None:
        """End what a dead program left: web processes without their parent go on answering."""
        with suppress(ProcessLookupError):
            os.killpg(self.running.pid, signal.SIGKILL)

    def look(self) -> bool:
        """Begin it anew if it died; a bit later each time it dies at once.

        Returns:
            False if it keeps dying, so that there is no sense in going on.
        """
        if self.running.poll() is None:
            return True
        moment = time.monotonic()
        if not self._next_at:
            calm = moment - self.begun_at > CALM_SECONDS
            self.deaths_n = 1 if calm else self.deaths_n + 1
            wait = min(0.25 * 2.0 ** (self.deaths_n - 1), WAIT_MAX_SECONDS)
            self._next_at = moment + wait
            self.end_left()
            LOG.warning("%s died with %s", self.program.name, self.running.returncode)
        if self.deaths_n > DEATHS_MAX:
            return False
        if moment >= self._next_at:
            self._next_at = 0.0
            self.start()
        return True

    def stop(self) -> None:
        """End it, gently first."""
        if self.running.poll() is None:
            self.running.terminate()
        try:
            self.running.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.running.kill()
            self.running.wait()
        self.end_left()


def keep(programs: Sequence[Program], mend: Callable[[], object]) -> int:
    """Keep programs running until interrupted or told to end.

    Args:
        programs: All of them.
        mend: Called between looks; puts right what the programs need, such as the database.

    Returns:
        Exit code: 0, or 1 if a program kept dying.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    processes: list[Process] = []
    try:
        processes += map(Process, programs)
        while all(process.look() for process in processes):
            mend()
            time.sleep(LOOK_SECONDS)
        LOG.error("a program keeps dying; its own words are above")
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        for process in processes:
            process.stop()
