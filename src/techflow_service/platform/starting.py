"""From nothing to a platform that answers: database, demo, files, processes."""

import os
import shutil
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
from techflow_service.platform.keeping import keys_of
from techflow_service.platform.loading import load_run
from techflow_service.platform.processes import Program
from techflow_service.sampling import write_region
from techflow_service.store import Store

DEMO_FIRMS_N, DEMO_SEED = 2_000, 7
DEMO_DAYS = (date(2025, 6, 30), date(2026, 6, 30))
CALM = (
    *("--blocking-threads", "4", "--backpressure", "64", "--log-level", "warning"),
    *("--respawn-failed-workers", "--respawn-interval", "0.5"),
)
"""Few threads a process: more only wait for the interpreter and hold connections."""
KEPT = "platform"
"""Folder of the platform in that of the database: keys, files of pages, lock."""
PYTHON = (sys.executable, "-m")
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
    def prepare(cls, owner_url: str, folder: Path, *, pages: bool = True) -> "Platform":
        """Bring the database and the files of the pages up to date.

        Args:
            owner_url: The database as its owner.
            folder: Where the platform keeps its keys and files; made if missing.
            pages: Bring the files of the pages up to date too.
        """
        static = folder / "static"
        keys = keys_of(folder)
        os.environ.setdefault("TECHFLOW_SECRET", keys.secret)
        os.environ["TECHFLOW_STATIC"] = str(static)
        made = cls(owner_url, set_up(owner_url, keys.web_password), static)
        if pages:
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
        os.environ.setdefault("TECHFLOW_STORE", str(store))
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

    def study(self, folder: Path) -> None:
        """Make the studies of the demo's pages (market, pools, policies) in a process of its own.

        Args:
            folder: Where the book is kept.
        """
        told = [sys.executable, "-m", "techflow_service.platform.studies", str(folder)]
        # Simulations compile for a minute the first time: the server does not wait for them.
        subprocess.Popen(told)  # noqa: S603 - our own words

    def command(self, host: str, port: int, workers: int) -> list[str]:
        """What starts the web server."""
        told = ["--host", host, "--port", str(port), "--workers", str(workers)]
        return [*PYTHON, "granian", "--interface", "wsgi", *told, "--no-ws", *CALM, WSGI]

    def programs(self, host: str, port: int, workers: int) -> dict[str, Program]:
        """The processes of a platform; those of the web never learn the owner's URL."""
        everything = dict(os.environ)
        told = {name: value for name, value in everything.items() if name != "TECHFLOW_OWNER_URL"}
        told["PROMETHEUS_MULTIPROC_DIR"] = str(_emptied(self.static.parent / "metrics"))
        return {
            "web": Program("web", self.command(host, port, workers), told),
            "worker": Program("worker", [*PYTHON, "techflow_service.platform.jobs"], everything),
        }


def _emptied(folder: Path) -> Path:
    """Counts begin anew with the server."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _demo() -> Any:
    """Needs a configured Django, which `set_up` makes."""
    return import_module("techflow_service.platform.demo")


def _management() -> Any:
    return import_module("django.core.management")
