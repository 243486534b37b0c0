"""Tables of the platform."""

from techflow_service.platform.models.bulk import FileJob
from techflow_service.platform.models.consents import (
    Consent,
    ConsentText,
    Contest,
    Reading,
)
from techflow_service.platform.models.firms import Firm, Run, Sheet, Standing
from techflow_service.platform.models.jobs import Progress
from techflow_service.platform.models.keys import Answered, ApiKey
from techflow_service.platform.models.lending import (
    Loan,
    LoanApplication,
    LoanPosting,
    LoanRepayment,
    LoanStep,
)
from techflow_service.platform.models.people import Membership, Organisation, Person
from techflow_service.platform.models.requests import ConsentRequest
from techflow_service.platform.models.reviews import Review
from techflow_service.platform.models.seals import Seal
from techflow_service.platform.models.studies import Lent, Need, Study

__all__ = [
    "Answered",
    "ApiKey",
    "Consent",
    "ConsentRequest",
    "ConsentText",
    "Contest",
    "FileJob",
    "Firm",
    "Lent",
    "Loan",
    "LoanApplication",
    "LoanPosting",
    "LoanRepayment",
    "LoanStep",
    "Membership",
    "Need",
    "Organisation",
    "Person",
    "Progress",
    "Reading",
    "Review",
    "Run",
    "Seal",
    "Sheet",
    "Standing",
    "Study",
]
