"""An organisation asks for consent. Asking tells nobody whether there is such a firm."""

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models

from techflow_service.platform.models.consents import PARTS, Consent
from techflow_service.platform.models.people import Organisation, Person
from techflow_service.platform.roles import CONSENT_PURPOSES


@pghistory.track()
class ConsentRequest(models.Model):
    """What an organisation would like to read of a firm. It is answered once."""

    STATES = [(one, one) for one in ("open", "accepted", "declined", "withdrawn")]
    asked = models.CharField(max_length=100)
    """Firm id as it was asked for, spelled the one way; never looked up for the asker."""
    org = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=20, choices=[(one, one) for one in CONSENT_PURPOSES])
    parts = ArrayField(models.CharField(max_length=20, choices=PARTS))
    until_on = models.DateField()
    message = models.CharField(max_length=500, blank=True, default="")
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=models.functions.Now())
    state = models.CharField(max_length=12, choices=STATES, default="open")
    answered_at = models.DateTimeField(null=True)
    consent = models.ForeignKey(Consent, models.PROTECT, null=True, related_name="+")

    class Meta:
        """One open request at a time; a firm finds its own by its id."""

        indexes = [models.Index(fields=["asked"], name="requests_of_firm")]
        constraints = [
            models.UniqueConstraint(
                fields=["org", "asked", "purpose"],
                condition=models.Q(state="open"),
                name="one_open_request",
            )
        ]
