"""Loading of an assessment, by the owner."""

import os
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from django.db import DatabaseError, InterfaceError
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from techflow_service.platform.jobs import OWNER
from techflow_service.platform.loading import load_run
from techflow_service.platform.progress import tell
from techflow_service.platform.warming import warm_totals

LOST = RetryStrategy(
    max_attempts=20,
    wait=2,
    retry_exceptions={psycopg.OperationalError, DatabaseError, InterfaceError},
)
"""The database went away in the middle: tried again."""


@app.task(name="load", queue=OWNER, pass_context=True, retry=LOST)
def load(context: Any, folder: str) -> int:
    """Load the output folder of `techflow assess`; the same folder twice is one run."""
    owner_url, told = os.environ["TECHFLOW_OWNER_URL"], partial(tell, context.job.id)
    run = load_run(Path(folder), owner_url, told)
    warm_totals(owner_url, run)
    return run
