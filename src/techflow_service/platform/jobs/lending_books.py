"""Telling the books of pools what lending did, and proving them."""

import os
from datetime import UTC, datetime

from procrastinate.contrib.django import app

from techflow_service.clock import now
from techflow_service.platform.lending_books import post_to_books
from techflow_service.platform.studies.pools import study_pools
from techflow_service.platform.working import CHECKS

NIGHT = 3
"""Hour at which pools are proved that did not move: a table may have been changed by hand."""


@app.periodic(cron="*/15 * * * * *")
@app.task(name="lending_books", queue=CHECKS, queueing_lock="lending_books")
def tell_books(timestamp: int) -> dict[str, int]:
    """Post what the books have not been told yet; runs every quarter of a minute."""
    return post_to_books(os.environ["TECHFLOW_OWNER_URL"], now())


@app.periodic(cron="*/2 * * * *")
@app.task(name="prove_pools", queue=CHECKS, queueing_lock="prove_pools", lock="prove_pools")
def prove_pools(timestamp: int) -> int:
    """Prove pools that moved, and once a night all; the pages show what was proved."""
    at = datetime.fromtimestamp(timestamp, UTC)
    every = at.hour == NIGHT and at.minute == 0
    return study_pools(os.environ["TECHFLOW_OWNER_URL"], now().date(), every=every)
