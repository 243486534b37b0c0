"""What a loan to a firm may be, and what it must cost."""

from techflow.pricing.need import LIMIT_INPUTS, TURNOVER_INPUTS, size_limits, turnover_days
from techflow.pricing.product import Product, Requirement
from techflow.pricing.rate import RATE_INPUTS, break_even
from techflow.pricing.terms import STATUSES, Term, Terms

__all__ = [
    "LIMIT_INPUTS",
    "RATE_INPUTS",
    "STATUSES",
    "TURNOVER_INPUTS",
    "Product",
    "Requirement",
    "Term",
    "Terms",
    "break_even",
    "size_limits",
    "turnover_days",
]
