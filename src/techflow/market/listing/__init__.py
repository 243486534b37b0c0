"""Listing and exit: how money leaves a holding, and what the proceeds of an issue were used for."""

from techflow.market.listing.exits import (
    Outlook,
    constant_outlook,
    expect_multiple,
    multiple_interval,
    open_outlook,
    route_multiples,
)
from techflow.market.listing.incidence import Incidence, cumulative_incidence, incidence_interval
from techflow.market.listing.routes import ExitModel, Route

__all__ = [
    "ExitModel",
    "Incidence",
    "Outlook",
    "Route",
    "constant_outlook",
    "cumulative_incidence",
    "expect_multiple",
    "incidence_interval",
    "multiple_interval",
    "open_outlook",
    "route_multiples",
]
