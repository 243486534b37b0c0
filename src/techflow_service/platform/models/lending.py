"""Loans from application to claim: rows are only added; the history of steps is the state."""

from django.db import models

from techflow_service.platform.models.firms import Run
from techflow_service.platform.models.people import Membership, Organisation, Person


class LoanApplication(models.Model):
    """A firm asks a bank for a loan."""

    firm_id = models.CharField(max_length=80)
    firm_name = models.CharField(max_length=200)
    org = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    """The bank asked."""
    amount_cny = models.BigIntegerField()
    term_months = models.SmallIntegerField()
    purpose = models.CharField(max_length=500)
    created_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        """Found by bank and by firm."""

        indexes = [
            models.Index(fields=["org", "-id"], name="applications_of_bank"),
            models.Index(fields=["firm_id", "-id"], name="applications_of_firm"),
        ]


class Given(models.Model):
    """Whose a row is: row-level security judges by these two."""

    firm_id = models.CharField(max_length=80)
    org = models.ForeignKey(Organisation, models.PROTECT, related_name="+")

    class Meta:
        """No table of its own."""

        abstract = True


class LoanStep(Given):
    """One move made: who, as what, when, why, and what it rested on."""

    application = models.ForeignKey(LoanApplication, models.PROTECT, related_name="steps")
    n = models.SmallIntegerField()
    move = models.CharField(max_length=20)
    source = models.CharField(max_length=20, blank=True)
    target = models.CharField(max_length=20)
    role = models.CharField(max_length=20)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    membership = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    authority_cny = models.BigIntegerField(null=True)
    token = models.CharField(max_length=64)
    """Chosen by the form or caller: the same one is acted on once."""
    reason = models.TextField(blank=True)
    terms = models.JSONField(default=dict)
    evidence = models.JSONField(default=dict)
    """Kind of document -> SHA-256 of it; the documents stay with the bank."""
    run = models.ForeignKey(Run, models.PROTECT, null=True, related_name="+")
    card_hash = models.CharField(max_length=64, blank=True)
    rule_version = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        """Two moves from one state cannot both be; a form sent twice is one move."""

        ordering = ["application_id", "n"]
        constraints = [
            models.UniqueConstraint(fields=["application", "n"], name="one_step_a_place"),
            models.UniqueConstraint(fields=["person", "token"], name="one_step_a_form"),
        ]


class Loan(Given):
    """Money lent. The step `file` names the pool it is filed in."""

    application = models.OneToOneField(LoanApplication, models.PROTECT, related_name="loan")
    step = models.OneToOneField(LoanStep, models.PROTECT, related_name="+")
    amount_fen = models.BigIntegerField()
    rate_pa = models.CharField(max_length=12)
    """Exact, as a decimal fraction: `0.0435`."""
    start_on = models.DateField()
    term_months = models.SmallIntegerField()
    pd_at_origination = models.FloatField(null=True)


class LoanRepayment(Given):
    """Money that came in."""

    loan = models.ForeignKey(Loan, models.PROTECT, related_name="repayments")
    step = models.OneToOneField(LoanStep, models.PROTECT, related_name="+")
    paid_on = models.DateField()
    amount_fen = models.BigIntegerField()


class LoanPosting(Given):
    """What the books of the pool are to be told; a job of the owner tells them, once."""

    step = models.OneToOneField(LoanStep, models.PROTECT, related_name="posting")
    request = models.JSONField()
    entry_n = models.BigIntegerField(null=True)
    """Number of the entry in the books; null until they have it."""
    refused = models.TextField(blank=True, default="")
    """Why the books last said no."""
