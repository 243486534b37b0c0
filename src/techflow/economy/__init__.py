"""Economy: a synthetic region with a declared mechanism; never evidence about the world."""

from techflow.economy.accounts import draw_statements
from techflow.economy.banking import draw_bonds, draw_reports, draw_terms
from techflow.economy.declarations import FACTS as DECLARED_FACTS
from techflow.economy.declarations import draw_declarations
from techflow.economy.draws import Columns, keep_rows, spread, stream
from techflow.economy.finance import draw_credentials, draw_events, draw_funding, draw_loans
from techflow.economy.firms import draw_firms
from techflow.economy.flaws import draw_stops, repeat_numbers, restate
from techflow.economy.mechanism import (
    CONFIGS,
    DEMO,
    EVIDENCE_KINDS,
    STAGES,
    YARDSTICK,
    Mechanism,
    parameters,
)
from techflow.economy.network import draw_invoices
from techflow.economy.rings import NO_RING, draw_rings, plant_invoices
from techflow.economy.risk import (
    base_log_odds,
    default_index,
    draw_defaults,
    draw_factors,
    draw_outcomes,
)
from techflow.economy.trade import draw_months, month_starts
from techflow.economy.works import draw_patents, staff_columns

__all__ = [
    "CONFIGS",
    "DECLARED_FACTS",
    "DEMO",
    "EVIDENCE_KINDS",
    "NO_RING",
    "STAGES",
    "YARDSTICK",
    "Columns",
    "Mechanism",
    "base_log_odds",
    "default_index",
    "draw_bonds",
    "draw_credentials",
    "draw_declarations",
    "draw_defaults",
    "draw_events",
    "draw_factors",
    "draw_firms",
    "draw_funding",
    "draw_invoices",
    "draw_loans",
    "draw_months",
    "draw_outcomes",
    "draw_patents",
    "draw_reports",
    "draw_rings",
    "draw_statements",
    "draw_stops",
    "draw_terms",
    "keep_rows",
    "month_starts",
    "parameters",
    "plant_invoices",
    "repeat_numbers",
    "restate",
    "spread",
    "staff_columns",
    "stream",
]
