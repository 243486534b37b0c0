"""Evidence: what was known, and what we had loaded, on any past day."""

from techflow.evidence.view import VERSION_ORDER, as_of

__all__ = ["VERSION_ORDER", "as_of"]
