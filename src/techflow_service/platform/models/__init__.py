"""Tables of the platform."""

from techflow_service.platform.models.consents import (
    Consent,
    ConsentText,
    Contest,
    Reading,
)
from techflow_service.platform.models.firms import Firm, Run, Sheet, Standing
from techflow_service.platform.models.people import Membership, Organisation, Person

__all__ = [
    "Consent",
    "ConsentText",
    "Contest",
    "Firm",
    "Membership",
    "Organisation",
    "Person",
    "Reading",
    "Run",
    "Sheet",
    "Standing",
]
