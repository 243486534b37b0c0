"""What a loan to a firm may be, and what it must cost."""

from techflow.pricing.need import LIMIT_INPUTS, TURNOVER_INPUTS, size_limits, turnover_days
from techflow.pricing.product import Product, Requirement
from techflow.pricing.rate import RATE_INPUTS, break_even
from techflow.pricing.response import (
    Response,
    best_rate,
    churn_slope,
    fit_response,
    leave_one_out,
    stay_share,
)
from techflow.pricing.terms import STATUSES, Term, Terms

__all__ = [
    "LIMIT_INPUTS",
    "RATE_INPUTS",
    "STATUSES",
    "TURNOVER_INPUTS",
    "Product",
    "Requirement",
    "Response",
    "Term",
    "Terms",
    "best_rate",
    "break_even",
    "churn_slope",
    "fit_response",
    "leave_one_out",
    "size_limits",
    "stay_share",
    "turnover_days",
]
