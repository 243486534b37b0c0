"""Listing and exit: how money leaves a holding, and what the proceeds of an issue were used for."""

from techflow.market.listing.boards import Board, BoardModel, all_met
from techflow.market.listing.exits import (
    Outlook,
    constant_outlook,
    expect_multiple,
    multiple_interval,
    open_outlook,
    route_multiples,
)
from techflow.market.listing.hard_technology import Evidence, Indicator, read_evidence
from techflow.market.listing.incidence import Incidence, cumulative_incidence, incidence_interval
from techflow.market.listing.proceeds import (
    ProceedsModel,
    judge_payments,
    track_periods,
    track_projects,
)
from techflow.market.listing.routes import ExitModel, Route

__all__ = [
    "Board",
    "BoardModel",
    "Evidence",
    "ExitModel",
    "Incidence",
    "Indicator",
    "Outlook",
    "ProceedsModel",
    "Route",
    "all_met",
    "constant_outlook",
    "cumulative_incidence",
    "expect_multiple",
    "incidence_interval",
    "judge_payments",
    "multiple_interval",
    "open_outlook",
    "read_evidence",
    "route_multiples",
    "track_periods",
    "track_projects",
]
