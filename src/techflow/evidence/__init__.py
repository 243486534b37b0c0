"""Evidence: what was known, and what we had loaded, on any past day; contests of it."""

from techflow.evidence.contests import ANSWER_DAYS, answer_due_on
from techflow.evidence.view import VERSION_ORDER, as_of

__all__ = ["ANSWER_DAYS", "VERSION_ORDER", "answer_due_on", "as_of"]
