"""Work whose worker died is given to another."""

from datetime import timedelta
from typing import Any

from procrastinate.contrib.django import app

from techflow_service.clock import now
from techflow_service.platform.working import CHECKS, SILENT_SECONDS

KEPT_DAYS = 30


@app.periodic(cron="*/5 * * * * *")
@app.task(name="stalled", queue=CHECKS, queueing_lock="stalled", pass_context=True)
async def begin_anew(context: Any, timestamp: int) -> None:
    """Put work of dead workers back into its queue; runs every few seconds."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=SILENT_SECONDS):
        await manager.retry_job(job, retry_at=now())


@app.periodic(cron="17 3 * * *")
@app.task(name="tidy", queue=CHECKS, queueing_lock="tidy", pass_context=True)
async def tidy(context: Any, timestamp: int) -> None:
    """Forget work that ended a month ago; runs every night."""
    hours = int(timedelta(days=KEPT_DAYS).total_seconds()) // 3600
    await context.app.job_manager.delete_old_jobs(nb_hours=hours, include_failed=True)


@app.periodic(cron="*/10 * * * *")
@app.task(name="forget", queue=CHECKS, queueing_lock="forget", pass_context=True)
async def forget(context: Any, timestamp: int) -> None:
    """Forget these very checks, which would be many; runs every ten minutes."""
    await context.app.job_manager.delete_old_jobs(nb_hours=1, queue=CHECKS)
