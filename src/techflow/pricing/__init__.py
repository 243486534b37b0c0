"""What a loan to a firm may be, and what it must cost."""

from techflow.pricing.effects import MEASURES, effect_names, measure_effects
from techflow.pricing.irb import WEIGHT_PER_CAPITAL, irb_capital, size_relief
from techflow.pricing.layers import LAYERS, split_loss
from techflow.pricing.need import LIMIT_INPUTS, TURNOVER_INPUTS, size_limits, turnover_days
from techflow.pricing.parts import CHARGES, LOSSES, PARTS
from techflow.pricing.price import FIRM_PARTS, PRICED, PUBLIC_PARTS, price_loans
from techflow.pricing.product import NOT_FOR_FIRMS, Product, Requirement
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
from techflow.pricing.tools import FREE, TOOLS, check_tools
from techflow.pricing.years import loan_years

__all__ = [
    "CHARGES",
    "FIRM_PARTS",
    "FREE",
    "LAYERS",
    "LIMIT_INPUTS",
    "LOSSES",
    "MEASURES",
    "NOT_FOR_FIRMS",
    "PARTS",
    "PRICED",
    "PUBLIC_PARTS",
    "RATE_INPUTS",
    "STATUSES",
    "TOOLS",
    "TURNOVER_INPUTS",
    "WEIGHT_PER_CAPITAL",
    "Product",
    "Requirement",
    "Response",
    "Term",
    "Terms",
    "best_rate",
    "break_even",
    "check_tools",
    "churn_slope",
    "effect_names",
    "fit_response",
    "irb_capital",
    "leave_one_out",
    "loan_years",
    "measure_effects",
    "price_loans",
    "size_limits",
    "size_relief",
    "split_loss",
    "stay_share",
    "turnover_days",
]
