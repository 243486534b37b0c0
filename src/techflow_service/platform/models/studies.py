"""What jobs worked out once, ready to be shown; and what firms ask for, owe and get."""

from django.db import models

from techflow_service.platform.models.firms import Run
from techflow_service.platform.models.people import Organisation


class Study(models.Model):
    """The result of a job. Names no firm; groups of fewer than five are left out in it."""

    KINDS = [(kind, kind) for kind in ("what_if", "market", "solvency", "pool")]
    kind = models.CharField(max_length=20, choices=KINDS)
    subject = models.CharField(max_length=120)
    """A policy, a pool, or empty."""
    org = models.ForeignKey(Organisation, models.CASCADE, null=True, related_name="+")
    """Whose pool it is; null: nobody's."""
    as_of = models.DateField()
    made_at = models.DateTimeField()
    body = models.JSONField()

    class Meta:
        """The newest of a kind and subject is shown."""

        indexes = [models.Index(fields=["kind", "subject", "-made_at"], name="newest_study")]


class Need(models.Model):
    """What a firm asks for in one run, and what plan and market give it. Part `plan`."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="+")
    firm_id = models.CharField(max_length=80)
    name = models.CharField(max_length=200)
    plan_status = models.CharField(max_length=20)
    plan_cny = models.FloatField(null=True)
    plan_zh = models.TextField(blank=True)
    plan_en = models.TextField(blank=True)
    asked_cny = models.FloatField(null=True)
    """Amount it brings to the market; null: it is not in it."""
    product_id = models.CharField(max_length=80, blank=True)
    rival_product_id = models.CharField(max_length=80, blank=True)
    reason_zh = models.TextField(blank=True)
    reason_en = models.TextField(blank=True)

    class Meta:
        """The largest first."""

        constraints = [models.UniqueConstraint(fields=["run", "firm_id"], name="one_need_a_run")]
        indexes = [
            models.Index(
                "run", models.F("asked_cny").desc(nulls_last=True), "firm_id", name="needs_by_size"
            )
        ]


class Lent(models.Model):
    """Loans of a firm on record in one run, by the year they were drawn. Part `grade`."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="+")
    firm_id = models.CharField(max_length=80)
    year = models.SmallIntegerField()
    loans_n = models.IntegerField()
    defaulted_n = models.IntegerField()
    outstanding_cny = models.FloatField()
    bad_cny = models.FloatField()
    """Outstanding of loans in default or more than 90 days overdue."""

    class Meta:
        """Summed over the firms of a book."""

        constraints = [
            models.UniqueConstraint(fields=["run", "firm_id", "year"], name="one_lent_a_year")
        ]
