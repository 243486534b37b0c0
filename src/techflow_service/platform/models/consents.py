"""Consent, the record of every reading, contests of facts: all under row-level security."""

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import TransactionNow
from django.db import models

from techflow_service.platform.models.people import Membership, Organisation, Person
from techflow_service.platform.roles import CONSENT_PURPOSES, Part

PARTS = [(part.value, part.value) for part in Part]


class ConsentText(models.Model):
    """The words a firm agreed to; never changed, only followed by a newer version."""

    version = models.CharField(max_length=20, primary_key=True)
    since_on = models.DateField()
    text_zh = models.TextField()
    text_en = models.TextField()


@pghistory.track()
class Consent(models.Model):
    """A firm lets an organisation read parts of it, for a purpose, until a moment."""

    firm_id = models.CharField(max_length=80)
    org = models.ForeignKey(Organisation, models.PROTECT, related_name="consents")
    purpose = models.CharField(max_length=20, choices=[(one, one) for one in CONSENT_PURPOSES])
    parts = ArrayField(models.CharField(max_length=20, choices=PARTS))
    text = models.ForeignKey(ConsentText, models.PROTECT)
    basis = models.CharField(max_length=200, blank=True, default="")
    """Clause of law where reading rests on law and not on the firm's word; empty: consent."""
    granted_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    since_at = models.DateTimeField()
    until_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Found by reader and firm at every look; by reader and end for those that end soon."""

        indexes = [
            models.Index(
                fields=["org", "firm_id"],
                name="live_consent",
                condition=models.Q(revoked_at__isnull=True),
            ),
            models.Index(fields=["firm_id"], name="consent_of_firm"),
            models.Index(
                fields=["org", "until_at"],
                name="consent_ends",
                condition=models.Q(revoked_at__isnull=True),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until_at__gt=models.F("since_at")), name="consent_ends_later"
            )
        ]


class Reading(models.Model):
    """Someone read parts of a firm. Added only."""

    firm_id = models.CharField(max_length=80)
    org = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    role = models.CharField(max_length=20)
    purpose = models.CharField(max_length=20)
    parts = ArrayField(models.CharField(max_length=20))
    route = models.CharField(max_length=60)
    read_at = models.DateTimeField(db_default=TransactionNow())
    """One request is one transaction, so its readings have one moment: moments count the looks."""

    class Meta:
        """A firm sees the newest first."""

        indexes = [models.Index(fields=["firm_id", "-read_at"], name="readings_of_firm")]


@pghistory.track()
class Contest(models.Model):
    """A firm says that a fact is wrong; the case has a clock, and the old value is kept."""

    STATES = [
        (state, state) for state in ("open", "corrected", "upheld", "unconfirmed", "withdrawn")
    ]
    """`unconfirmed`: checked, and neither side could be shown right; both stay on record."""
    firm_id = models.CharField(max_length=80, db_index=True)
    part = models.CharField(max_length=20, choices=PARTS)
    item = models.CharField(max_length=120)
    old_value = models.TextField()
    claimed_value = models.TextField()
    reason = models.TextField()
    state = models.CharField(max_length=12, choices=STATES, default="open")
    opened_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    due_on = models.DateField()
    answer = models.TextField(blank=True, default="")
    answered_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
