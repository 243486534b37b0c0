"""Logs as lines of JSON, without the words of others."""

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import Any

from techflow.basics import TechflowError


class Lines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """A record without the words of others: Django writes addresses into its own."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
        }
        if record.name.startswith("django"):
            line["status"] = getattr(record, "status_code", None)
            line["request"] = getattr(getattr(record, "request", None), "number", None)
        else:
            line["said"] = record.getMessage()
        line |= getattr(record, "told", {})
        if record.exc_info and record.exc_info[0]:
            line["fault"] = record.exc_info[0].__name__
            if isinstance(record.exc_info[1], TechflowError):
                line["why"] = str(record.exc_info[1])
            line["at_lines"] = [
                f"{frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])
            ]
        return json.dumps({name: value for name, value in line.items() if value is not None})


def lines() -> dict[str, Any]:
    """Configuration of `logging`, as Django takes it."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": "techflow_service.platform.lines.Lines"}},
        "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["lines"], "level": "WARNING"},
        "loggers": {
            "django": {"handlers": ["lines"], "level": "ERROR", "propagate": False},
            "techflow": {"level": "INFO"},
        },
    }
