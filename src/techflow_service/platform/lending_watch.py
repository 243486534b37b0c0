"""Loans on a day: arrears, class and warning, worked out by the library."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from techflow.credit.arrears import Arrears, loan_arrears
from techflow.flow.loan_watch import plan_dues, watch_loans
from techflow_service.platform.models import Loan, Run, Standing

ENDED = ("settled",)
BAD = ("non_performing", "claim_prepared", "claimed")
SCHEMA: Mapping[str, Any] = {
    "loan_id": pl.Int64,
    "days_overdue": pl.Int64,
    "in_default": pl.Boolean,
    "pd": pl.Float64,
    "pd_at_origination": pl.Float64,
    "coverage_ratio": pl.Float64,
}


def arrears_on(loan: Loan, on: date) -> Arrears:
    """What is overdue on a loan on a day."""
    dues = plan_dues(loan.amount_fen, loan.rate_pa, loan.start_on, loan.term_months)
    paid = [(one.paid_on, one.amount_fen) for one in loan.repayments.all()]
    return loan_arrears(dues, paid, on)


def classed(loans: Iterable[Loan], on: date) -> list[dict[str, Any]]:
    """Class and warning of each loan, in their order.

    The expected loss of a single loan is not known here, so a loan in default has no class of its
    own but one that it is at least in.

    Args:
        loans: Loans, with their application and repayments.
        on: The day.

    Returns:
        What `techflow.flow.loan_watch.watch_loans` adds, and `loan`, `arrears` and `state`.
    """
    known = list(loans)
    pds = dict(
        Standing.objects.filter(
            run=Run.objects.last(), firm_id__in={loan.firm_id for loan in known}
        ).values_list("firm_id", "pd")
    )
    arrears = [arrears_on(loan, on) for loan in known]
    rows = [
        {
            "loan_id": loan.pk,
            "days_overdue": late.days_overdue,
            "in_default": state_of(loan) in BAD,
            "pd": pds.get(loan.firm_id),
            "pd_at_origination": loan.pd_at_origination,
            "coverage_ratio": None,
        }
        for loan, late in zip(known, arrears, strict=True)
    ]
    frame = nw.from_native(pl.LazyFrame(rows, schema=SCHEMA, orient="row"))
    told = {row["loan_id"]: row for row in nw.to_native(watch_loans(frame)).collect().to_dicts()}
    return [
        told[loan.pk] | {"loan": loan, "arrears": late, "state": state_of(loan)}
        for loan, late in zip(known, arrears, strict=True)
    ]


def watched(on: date) -> list[dict[str, Any]]:
    """Loans of the member's bank that are not settled: those warned of first, the worst on top.

    Args:
        on: The day.

    Returns:
        As `classed`.
    """
    loans = Loan.objects.select_related("application").prefetch_related(
        "repayments", "application__steps"
    )
    rows = classed([loan for loan in loans if state_of(loan) not in ENDED], on)
    return sorted(
        rows, key=lambda row: (not row["warned"], -row["arrears"].days_overdue, row["loan_id"])
    )


def state_of(loan: Loan) -> str:
    """State of the loan's application."""
    steps = loan.application.steps.all()
    return str(max(steps, key=lambda step: step.n).target)
