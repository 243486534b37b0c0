"""Telling the books of pools what lending did."""

import os

from procrastinate.contrib.django import app

from techflow_service.clock import now
from techflow_service.platform.lending_books import post_to_books
from techflow_service.platform.working import CHECKS


@app.periodic(cron="*/15 * * * * *")
@app.task(name="lending_books", queue=CHECKS, queueing_lock="lending_books")
def tell_books(timestamp: int) -> dict[str, int]:
    """Post what the books have not been told yet; runs every quarter of a minute."""
    return post_to_books(os.environ["TECHFLOW_OWNER_URL"], now())
