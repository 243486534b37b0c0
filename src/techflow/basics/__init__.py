"""Words every room shares: the table type, the errors, dates, identifiers."""

from techflow.basics.errors import (
    InvalidInput,
    MissingColumn,
    NotConverged,
    NotInForce,
    TechflowError,
)
from techflow.basics.frame import Floats, Frame, day_number, ratio, require_columns

__all__ = [
    "Floats",
    "Frame",
    "InvalidInput",
    "MissingColumn",
    "NotConverged",
    "NotInForce",
    "TechflowError",
    "day_number",
    "ratio",
    "require_columns",
]
