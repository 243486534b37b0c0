"""How far a job has come, told while it runs and read by whoever waits for it."""

from typing import Any

from django.apps import apps

from techflow_service.clock import now


def tell(job_id: int, done_n: int, total_n: int) -> None:
    """Say how far a job has come; outside of a transaction it is seen at once.

    Args:
        job_id: Its number in the queue.
        done_n: Steps done.
        total_n: Steps in all.
    """
    values = {"done_n": done_n, "total_n": total_n, "told_at": now()}
    _progress().objects.update_or_create(job_id=job_id, defaults=values)


def progress_of(job_id: int) -> tuple[int, int] | None:
    """Steps done and steps in all; None if nothing was told yet."""
    found = _progress().objects.filter(job_id=job_id).first()
    return (found.done_n, found.total_n) if found else None


def _progress() -> Any:
    """Tasks are imported before the models are."""
    return apps.get_model("platform", "Progress")
