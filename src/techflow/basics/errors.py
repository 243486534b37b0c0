"""Every error the library raises on purpose.

TechflowError
├── InvalidInput    the caller passed a value outside the documented range
├── NotInForce      no law or parameter is in force on the requested date
├── MissingColumn   a frame lacks a column the function needs
└── NotConverged    an iteration ended without meeting its tolerance
"""


class TechflowError(Exception):
    """Base of all deliberate errors. Catch this at the edge, never inside the core."""

    def __str__(self) -> str:
        """The message as written; `KeyError` would print it in quotes."""
        return str(self.args[0]) if self.args else ""


class InvalidInput(TechflowError, ValueError):
    """A value is outside its documented range. Names the value, the range, and the fix."""


class NotInForce(TechflowError, LookupError):
    """Asked for a rule or parameter on a date when it did not exist."""


class MissingColumn(TechflowError, KeyError):
    """A frame lacks a column. Names the column, what is there, and who needs it."""


class NotConverged(TechflowError, ArithmeticError):
    """An iteration ended without meeting its tolerance. Names the gap that was left."""
