"""Orders of the owner to the queue, and what became of them."""

from typing import Any, NamedTuple, Self

from django.db import connections

from techflow_service.platform.working import CHECKS, SILENT_SECONDS, owner_app

FIND = """
SELECT job.id, job.task_name, job.status::text, told.done_n, told.total_n
FROM procrastinate_jobs AS job LEFT JOIN platform_progress AS told ON told.job_id = job.id
WHERE {} ORDER BY job.id DESC LIMIT %s
"""


class Ordered(NamedTuple):
    """A job of the queue.

    Attributes:
        job_id: Its number.
        task: What it does.
        state: `todo`, `doing`, `succeeded`, `failed`, `cancelled` or `aborted`.
        done_n: Steps done; None if nothing was told.
        total_n: Steps in all.
    """

    job_id: int
    task: str
    state: str
    done_n: int | None
    total_n: int | None

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state not in ("todo", "doing", "aborting")

    def again(self) -> Self:
        """The job as it is now."""
        return type(self)(*_rows(FIND.format("job.id = %s"), self.job_id, 1)[0])


def order(task: str, queue: str, /, **told: Any) -> Ordered:
    """Put a job into a queue as the owner.

    Args:
        task: Name of the task.
        queue: Its queue.
        told: Its arguments.
    """
    with owner_app() as app, app.open():
        job_id = app.configure_task(task, queue=queue).defer(**told)
    return Ordered(job_id, task, "todo", None, None)


def recent(last_n: int) -> list[Ordered]:
    """The newest jobs, without the worker's own checks."""
    return [Ordered(*row) for row in _rows(FIND.format("job.queue_name <> %s"), CHECKS, last_n)]


def worker_lives() -> bool:
    """Whether a worker said so of late."""
    words = "SELECT 1 FROM procrastinate_workers WHERE last_heartbeat > now() - %s * interval '1 s'"
    return bool(_rows(words, SILENT_SECONDS))


def _rows(words: str, *values: Any) -> list[tuple[Any, ...]]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(words, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
