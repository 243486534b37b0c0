"""Figures of named firms, filled by jobs of the owner. Under row-level security; web only reads."""

from django.db import models

UP, DOWN = models.Q(steps_up__gt=0), models.Q(steps_up__lt=0)
MOVED = DOWN | UP
"""Of a standing: its grade moved since the run before."""
OWES = models.Q(currency="CNY", debt_outstanding_lcy__gt=0)
"""Of a standing: it owes something in yuan."""


class Run(models.Model):
    """One assessment of the book, as of a day. Names no firm."""

    as_of = models.DateField()
    loaded_at = models.DateTimeField()
    record = models.JSONField()
    """`run.json` of the assessment: everything that was used."""

    class Meta:
        """Newest last."""

        ordering = ["as_of", "pk"]


class Firm(models.Model):
    """Who a firm is. Part `identity`."""

    firm_id = models.CharField(max_length=80, primary_key=True)
    uscc = models.CharField(max_length=18, blank=True)
    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    country = models.CharField(max_length=2, blank=True)
    region_code = models.CharField(max_length=6, blank=True)
    city = models.CharField(max_length=60, blank=True)
    sector = models.CharField(max_length=120, blank=True)
    industry_code = models.CharField(max_length=10, blank=True)
    founded_on = models.DateField(null=True)
    park_org_id = models.BigIntegerField(null=True)
    """The park that the firm is in, if any."""


class Standing(models.Model):
    """What one run says of one firm, as the list of firms shows it. Part `grade`."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="+")
    firm_id = models.CharField(max_length=80)
    name = models.CharField(max_length=200)
    search = models.TextField()
    """Name, its pinyin and initials, id: lower case, spaces between."""
    region_code = models.CharField(max_length=6, blank=True)
    city = models.CharField(max_length=60, blank=True)
    sector = models.CharField(max_length=120, blank=True)
    life_stage = models.CharField(max_length=20, blank=True)
    verdict = models.CharField(max_length=20)
    grade = models.CharField(max_length=6, blank=True)
    grade_rank = models.SmallIntegerField(null=True)
    """Place of the grade on its scale, best first: what sorting goes by."""
    grade_before = models.CharField(max_length=6, blank=True, db_default="")
    """Grade in the run before; empty if it had none."""
    steps_up = models.SmallIntegerField(null=True)
    """Steps up since the run before, negative for down; null where grades do not compare."""
    pd = models.FloatField(null=True)
    pd_basis = models.CharField(max_length=20, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    limit_lcy = models.FloatField(null=True)
    rate_pa = models.FloatField(null=True)
    debt_outstanding_lcy = models.FloatField(null=True)
    flow_score = models.FloatField(null=True)
    patent_value_median_cny = models.FloatField(null=True)
    evidence_on = models.DateField(null=True)

    class Meta:
        """The list walks one of these indexes."""

        constraints = [
            models.UniqueConstraint(fields=["run", "firm_id"], name="one_standing_a_run")
        ]
        indexes = [
            models.Index("run", order, "firm_id", name=f"list_{name}")
            for name, order in (
                ("limit", models.F("limit_lcy").desc(nulls_last=True)),
                ("grade", models.F("grade_rank").asc(nulls_last=True)),
                ("rate", models.F("rate_pa").asc(nulls_last=True)),
                ("flow", models.F("flow_score").desc(nulls_last=True)),
                ("patents", models.F("patent_value_median_cny").desc(nulls_last=True)),
                ("name", models.F("name").asc()),
            )
        ] + [
            models.Index(
                "run",
                models.F("limit_lcy").desc(nulls_last=True),
                "firm_id",
                name="list_moved",
                condition=MOVED,
            ),
            models.Index(
                "run",
                models.F("debt_outstanding_lcy").desc(nulls_last=True),
                "firm_id",
                name="list_debt",
                condition=OWES,
            ),
        ]


class Sheet(models.Model):
    """One part of one firm in one run, ready to be shown."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="+")
    firm_id = models.CharField(max_length=80)
    part = models.CharField(max_length=20)
    body = models.JSONField()

    class Meta:
        """Read by key only."""

        constraints = [
            models.UniqueConstraint(fields=["firm_id", "part", "run"], name="one_sheet_a_part")
        ]
