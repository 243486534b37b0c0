"""Profile: features of a firm from invoices, statements, patents, staff, funding and loans."""

from techflow.profile.applications import application_facts
from techflow.profile.capacity import credential_features, staff_features
from techflow.profile.finance import funding_features, loan_features
from techflow.profile.growth import account_growth_facts, growth_ahead, panel_growth_facts
from techflow.profile.listed import AMOUNTS, listed_ratios
from techflow.profile.partners import partner_features
from techflow.profile.patents import patent_features
from techflow.profile.ratio_gaps import ratio_gaps
from techflow.profile.rollup import days_since
from techflow.profile.statements import statement_features, statement_ratios
from techflow.profile.trade import invoice_months, trade_features

__all__ = [
    "AMOUNTS",
    "account_growth_facts",
    "application_facts",
    "credential_features",
    "days_since",
    "funding_features",
    "growth_ahead",
    "invoice_months",
    "listed_ratios",
    "loan_features",
    "panel_growth_facts",
    "partner_features",
    "patent_features",
    "ratio_gaps",
    "staff_features",
    "statement_features",
    "statement_ratios",
    "trade_features",
]
