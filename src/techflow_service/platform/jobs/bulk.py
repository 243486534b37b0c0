"""Files of members: scored with a card, or judged and put into the store."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.apps import apps
from django.db import InterfaceError, OperationalError
from procrastinate.contrib.django import app

from techflow.basics import InvalidInput
from techflow_service import clock
from techflow_service.platform.jobs import PEOPLE
from techflow_service.platform.jobs.loading import LOST

WORK = "techflow_service.platform.bulk_work"
"""Loaded by the worker alone: web processes order the work and must not carry its libraries."""
ENDED = ("done", "failed")
DETAIL_CHARACTERS_MAX = 2_000


@app.task(name="file_job", queue=PEOPLE, retry=LOST)
def work_through(number: str, membership_id: int) -> None:
    """Do what a member's file was sent for; begun anew it does the same again.

    Args:
        number: Id of the job.
        membership_id: Whose. Rows and names are never in the queue.
    """
    membership = apps.get_model("platform", "Membership").objects.get(pk=membership_id)

    def tell(**told: Any) -> None:
        with _speaking_as(membership):
            _jobs().filter(pk=number).update(**told)

    with _speaking_as(membership):
        job = _jobs().filter(pk=number).exclude(state__in=ENDED).first()
    if job is None:
        return
    if membership.ended_at is not None:
        tell(state="failed", failure="no_membership", ended_at=clock.now(), file=b"")
        return
    tell(state="running")
    found = {"state": "failed", "failure": "broken"}
    try:
        found = _found(job, tell)
    except (OperationalError, InterfaceError):  # the database went away: nothing is known yet
        found = {}
        raise
    finally:
        if found:
            tell(**found, ended_at=clock.now(), file=b"")


def _found(job: Any, tell: Callable[..., None]) -> dict[str, Any]:
    try:
        found: dict[str, Any] = import_module(WORK).work_on(job, tell)
    except InvalidInput as error:
        return {"state": "failed", "failure": "file", "detail": _plain(str(error))}
    return found | {"state": "done"}


def _plain(text: str) -> str:
    """Of a file of any content, as PostgreSQL keeps it."""
    return text.replace("\0", "")[:DETAIL_CHARACTERS_MAX]


def _jobs() -> Any:
    """Tasks are imported before the models are."""
    return apps.get_model("platform", "FileJob").objects


def _speaking_as(membership: Any) -> Any:
    return import_module("techflow_service.platform.context").speaking_as(membership)
