"""Keys of the API, and answers kept so that a repeated write is done once."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from techflow_service.platform.models.people import Membership, Person


class ApiKey(models.Model):
    """A membership's key. The key itself is shown once and never kept."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    membership = models.ForeignKey(Membership, models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=20))
    made_at = models.DateTimeField(db_default=models.functions.Now())
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        """A person sees the newest first."""

        indexes = [models.Index(fields=["membership", "-made_at"], name="keys_of_membership")]


class Answered(models.Model):
    """The answer to a write, under the key that its caller gave."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    membership = models.ForeignKey(Membership, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.SmallIntegerField()
    content_type = models.CharField(max_length=80)
    body = models.BinaryField()
    made_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        """Found by caller and key."""

        constraints = [models.UniqueConstraint(fields=["membership", "key"], name="one_answer")]
