"""Wall time and peak memory of a command, as the operating system accounts it."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

TECHFLOW = str(Path(sys.executable).with_name("techflow"))


@dataclass(frozen=True, slots=True)
class Run:
    seconds: float
    cpu_seconds: float
    rss_gb: float


def run(*argv) -> Run:
    """Run `techflow ...`, wait, and return what it cost. A failure ends the benchmark."""
    started = time.perf_counter()
    child = subprocess.Popen([TECHFLOW, *map(str, argv)], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"techflow {' '.join(map(str, argv))} ended with {child.returncode}")
    return Run(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e9)
