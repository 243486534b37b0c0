"""Seals: fingerprints of the reports that were handed out. Added only."""

from django.db import models

from techflow_service.platform.models.firms import Run
from techflow_service.platform.models.people import Organisation, Person


class Seal(models.Model):
    """One report as it left the platform. The file itself is not kept."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    firm_id = models.CharField(max_length=80)
    run = models.ForeignKey(Run, models.PROTECT, related_name="+")
    language = models.CharField(max_length=2)
    org = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
