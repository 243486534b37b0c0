"""The one place that asks what time it is; everything below takes it as an argument."""

from datetime import UTC, datetime


def now() -> datetime:
    """The current moment in UTC."""
    return datetime.now(tz=UTC)
