"""A firm asks that a person looks at what a machine refused."""

import pghistory
from django.db import models

from techflow_service.platform.models.firms import Run
from techflow_service.platform.models.people import Membership, Organisation, Person


@pghistory.track()
class Review(models.Model):
    """A refusal by a machine, the firm's words, and what a person of the bank decided."""

    STATES = [(one, one) for one in ("open", "changed", "upheld", "withdrawn")]
    REFUSED = [(one, one) for one in ("verdict", "limit")]
    firm_id = models.CharField(max_length=80, db_index=True)
    org = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    run = models.ForeignKey(Run, models.PROTECT, related_name="+")
    refused = models.CharField(max_length=12, choices=REFUSED)
    told = models.JSONField()
    """What the machine said: the row of the assessment as it was then."""
    reason = models.TextField()
    opened_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(db_default=models.functions.Now())
    state = models.CharField(max_length=12, choices=STATES, default="open")
    outcome = models.TextField(blank=True, default="")
    decided_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        """A bank is asked once at a time."""

        constraints = [
            models.UniqueConstraint(
                fields=["firm_id", "org", "refused"],
                condition=models.Q(state="open"),
                name="one_open_review",
            )
        ]
