"""Files that a member sent to be worked through, and what came of them."""

import uuid

from django.db import models

from techflow_service.platform.models.people import Membership, Person


class FileJob(models.Model):
    """One file of one member. File and result are under row-level security like figures."""

    STATES = [(state, state) for state in ("waiting", "running", "done", "failed")]
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    membership = models.ForeignKey(Membership, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10)
    subject = models.CharField(max_length=60)
    """Card that scores, or table that the rows go to."""
    ending = models.CharField(max_length=10)
    file = models.BinaryField()
    state = models.CharField(max_length=10, choices=STATES, default="waiting")
    rows_n = models.IntegerField(null=True)
    done_n = models.IntegerField(default=0)
    """Rows whose result is ready."""
    summary = models.JSONField(default=dict)
    failure = models.CharField(max_length=40, blank=True, default="")
    """Key under `failure.` of the words."""
    detail = models.TextField(blank=True, default="")
    result = models.BinaryField(null=True)
    """CSV, packed by gzip."""
    made_at = models.DateTimeField(db_default=models.functions.Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        """A member sees the newest first."""

        indexes = [models.Index(fields=["membership", "-made_at"], name="jobs_of_membership")]
