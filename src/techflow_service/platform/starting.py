"""From nothing to a platform that answers: database, demo, files, processes."""

import os
import signal
import subprocess
import sys
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from techflow.economy import CONFIGS
from techflow_service import clock
from techflow_service.assessing import Job, assess_store, load_content
from techflow_service.platform.database import set_up
from techflow_service.platform.loading import load_run
from techflow_service.sampling import write_region
from techflow_service.store import Store

DEMO_FIRMS_N, DEMO_SEED = 2_000, 7
DEMO_DAYS = (date(2025, 6, 30), date(2026, 6, 30))
CALM = ("--blocking-threads", "4", "--backpressure", "64", "--log-level", "warning")
"""Few threads a process: more only wait for the interpreter and hold connections."""
WSGI = "techflow_service.platform.wsgi:application"


class Platform(NamedTuple):
    """A platform that is set up.

    Attributes:
        owner_url: Its database as the owner.
        web_url: Its database as the role of web processes.
        static: Folder of the files of its pages.
    """

    owner_url: str
    web_url: str
    static: Path

    @classmethod
    def prepare(cls, owner_url: str, static: Path) -> "Platform":
        """Bring the database and the files of the pages up to date."""
        os.environ["TECHFLOW_STATIC"] = str(static)
        made = cls(owner_url, set_up(owner_url), static)
        _management().call_command("collectstatic", interactive=False, verbosity=0)
        return made

    @property
    def password(self) -> str:
        """Password of the demo's people."""
        return str(_demo().PASSWORD)

    def load_demo(self, folder: Path) -> list[tuple[str, str]]:
        """Make a made-up book, assess it on two days, load it, and put people in their seats.

        Args:
            folder: Where the book is kept; what is there already is not made again.
        """
        store = folder / "store"
        region = (store, CONFIGS["demo"])
        write_region(*region, firms_n=DEMO_FIRMS_N, seed=DEMO_SEED, loaded_at=clock.now())
        for day in DEMO_DAYS:
            out = folder / day.isoformat()
            if not (out / "run.json").is_file():
                content = load_content().in_use(day)
                assess_store(Job(Store.open(store).snapshot(), day, None, content, out))
            load_run(out, self.owner_url)
        people: list[tuple[str, str]] = _demo().set_stage()
        return people

    def command(self, host: str, port: int, workers: int) -> list[str]:
        """What starts the web server."""
        told = ["--host", host, "--port", str(port), "--workers", str(workers)]
        return [
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "wsgi",
            *told,
            "--no-ws",
            *CALM,
            WSGI,
        ]

    def run(self, host: str, port: int, workers: int) -> int:
        """Serve until interrupted; web processes never learn the owner's URL.

        Returns:
            Exit code of the web server.
        """
        told = {name: value for name, value in os.environ.items() if name != "TECHFLOW_OWNER_URL"}
        command = self.command(host, port, workers)
        with subprocess.Popen(command, env=told) as server:  # noqa: S603 - our own words
            try:
                return server.wait()
            except KeyboardInterrupt:
                server.send_signal(signal.SIGTERM)
                return server.wait()


def _demo() -> Any:
    """Needs a configured Django, which `set_up` makes."""
    return import_module("techflow_service.platform.demo")


def _management() -> Any:
    return import_module("django.core.management")
