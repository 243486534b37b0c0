"""Sums of a run made before anybody asks, so that the first visitor does not wait for them."""

import logging
from typing import Any

LOG = logging.getLogger("techflow.warming")
RUNS_KEPT = 3
LIMITS = "SET statement_timeout = '120s'; SET lock_timeout = '30s'"
READERS = """
SELECT org_id, purpose FROM platform_consent
WHERE revoked_at IS NULL AND until_at > now() GROUP BY 1, 2 ORDER BY count(*) DESC, 1, 2
"""
"""Who has most consents would wait longest."""
LOCK = "SELECT pg_advisory_xact_lock(7302613, hashtext(%(org)s || ':' || %(purpose)s))"
"""That of `booking.TOTALS`: nobody adds up pieces while some are taken away."""
FORGET = """
DELETE FROM platform_total
WHERE org_id = %(org)s::bigint AND purpose = %(purpose)s AND run_id <> %(run)s AND run_id NOT IN
    (SELECT id FROM platform_run ORDER BY as_of DESC, id DESC LIMIT %(kept)s)
"""
SPEAK = "SELECT set_config('app.org', %(org)s, true), set_config('app.purpose', %(purpose)s, true)"
MAKE = "SELECT count(*) FROM totals(%(run)s, '{}')"


def warm_totals(owner_url: str, run: int) -> int:
    """Make the sums of a run for every reader that has consents, and forget those of old runs.

    What is not made here is made by the first visitor: what fails is told to the log only.

    Args:
        owner_url: The platform's database as its owner.
        run: Number of the run.

    Returns:
        For how many readers they are made.
    """
    import psycopg

    try:
        with psycopg.connect(owner_url, autocommit=True) as connection:
            connection.execute(LIMITS)
            readers = connection.execute(READERS).fetchall()
            return sum(_warm(connection, run, *reader) for reader in readers)
    except psycopg.Error as error:
        LOG.warning("sums of run %s are left to the first visitor: %s", run, error)
        return 0


def _warm(connection: Any, run: int, org: int, purpose: str) -> bool:
    import psycopg

    asked = {"org": str(org), "purpose": purpose, "run": run, "kept": RUNS_KEPT}
    try:
        with connection.transaction():
            for statement in (LOCK, FORGET, SPEAK, MAKE):
                connection.execute(statement, asked)
    except psycopg.Error as error:
        LOG.warning("sums of run %s for %s are left to their first visitor: %s", run, org, error)
        return False
    return True
