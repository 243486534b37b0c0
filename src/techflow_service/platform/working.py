"""The worker: takes work out of the database, as its owner, until interrupted."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

HEARTBEAT_SECONDS, SILENT_SECONDS = 2, 8
"""A worker says that it lives every 2 s; one that was silent for 8 s is dead."""
CHECKS = "checks"
"""Queue of the worker's own regular checks."""


def work(*, wait: bool = True, queues: list[str] | None = None) -> None:
    """Do what is there to do.

    Args:
        wait: Stay for more; else end when nothing is left.
        queues: Of these alone; all if None.
    """
    import django

    django.setup()
    with owner_app() as app:
        app.run_worker(
            wait=wait,
            queues=queues,
            concurrency=2,
            update_heartbeat_interval=HEARTBEAT_SECONDS,
            stalled_worker_timeout=SILENT_SECONDS,
            task_middleware=[let_go],
        )


def let_go(call_next: Callable[[], Any], context: Any, worker: Any) -> Any:
    """Around each task: no connection stays with the thread that did it."""
    from django.db import connections

    try:
        return call_next()
    finally:
        connections.close_all()


@contextmanager
def owner_app() -> Iterator[Any]:
    """The queues, written and read as the owner of the database."""
    from procrastinate import PsycopgConnector
    from procrastinate.contrib.django import app

    connector = PsycopgConnector(conninfo=os.environ["TECHFLOW_OWNER_URL"])
    with app.replace_connector(connector) as replaced:
        yield replaced
