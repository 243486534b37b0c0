"""People, organisations, and who is what in which."""

import pghistory
from django.contrib.auth.models import AbstractUser
from django.db import models

from techflow_service.platform.roles import Role

ROLES = [(role.value, role.value) for role in Role]


@pghistory.track(exclude=["password", "last_login", "password_given_at"])
class Person(AbstractUser):
    """Someone who signs in. What they may do comes from their memberships."""

    shown_name = models.CharField(max_length=80, blank=True)
    language = models.CharField(max_length=5, default="zh", choices=[("zh", "zh"), ("en", "en")])
    password_given_at = models.DateTimeField(null=True, blank=True)
    """When somebody else gave the password; null once its person has chosen their own."""

    def __str__(self) -> str:
        """The name that others see."""
        return self.shown_name or self.username


@pghistory.track()
class Organisation(models.Model):
    """A bank's branch, an agency, a guarantor, a firm."""

    KINDS = [(kind, kind) for kind in (
        *("bank", "platform", "agency", "central_bank", "firm", "guarantor", "insurer", "fund"),
        *("park", "intermediary", "university", "credit_agency", "supervisor", "analyst"),
    )]  # fmt: skip
    kind = models.CharField(max_length=20, choices=KINDS)
    name_zh = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    region_code = models.CharField(max_length=6, blank=True)
    firm_id = models.CharField(max_length=80, blank=True, default="", db_index=True)
    """Of an organisation that is a firm: its id in the tables of figures."""

    def __str__(self) -> str:
        """Its Chinese name."""
        return self.name_zh


@pghistory.track()
class Membership(models.Model):
    """A person is something in an organisation, until ended."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="memberships")
    org = models.ForeignKey(Organisation, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=ROLES)
    authority_cny = models.BigIntegerField(null=True, blank=True)
    """Largest amount this member may approve alone as the second pair of eyes; null: none."""
    since_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A role is held once at a time."""

        constraints = [
            models.UniqueConstraint(
                fields=["person", "org", "role"],
                condition=models.Q(ended_at__isnull=True),
                name="one_live_membership",
            )
        ]

    def __str__(self) -> str:
        """Who, and where."""
        return f"{self.person} · {self.org}"
