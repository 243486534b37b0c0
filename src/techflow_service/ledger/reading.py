"""Requests in a file: JSON Lines, one request each."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import MISSING, fields
from datetime import date
from pathlib import Path
from typing import Any

from techflow.basics import InvalidInput
from techflow_service.ledger.desk import TOGETHER_MAX
from techflow_service.ledger.request import Request

NAMES = tuple(part.name for part in fields(Request))
NEEDED = tuple(
    part.name
    for part in fields(Request)
    if part.default is MISSING and part.default_factory is MISSING
)


def read_requests(path: Path) -> Iterator[tuple[int, Request]]:
    """Requests of a file with the number of their line; empty lines are passed over.

    Args:
        path: A file of JSON objects, one a line, with the fields of `Request`.

    Raises:
        InvalidInput: A line is no request.
        OSError: The file cannot be read.
    """
    with path.open(encoding="utf8") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                try:
                    yield number, read_request(line)
                except InvalidInput as error:
                    raise InvalidInput(f"{path}, line {number}: {error}") from error


def in_groups(
    lines: Iterable[tuple[int, Request]], size_max: int = TOGETHER_MAX
) -> Iterator[list[tuple[int, Request]]]:
    """Neighbouring requests of one pool, to be posted together.

    Args:
        lines: Of `read_requests`; what comes before a line that is no request is given first.
        size_max: Most requests of a group.

    Raises:
        InvalidInput: A line is no request.
    """
    group: list[tuple[int, Request]] = []
    try:
        for number, request in lines:
            if group and (len(group) == size_max or request.pool_id != group[0][1].pool_id):
                yield group
                group = []
            group.append((number, request))
    except InvalidInput:
        yield from filter(None, [group])
        raise
    yield from filter(None, [group])


def read_request(line: str) -> Request:
    """One request from its JSON.

    Args:
        line: The text.

    Raises:
        InvalidInput: It is no request.
    """
    try:
        told = json.loads(line, object_pairs_hook=_no_pair_twice)
    except ValueError as error:
        raise InvalidInput(f"must be a JSON object; {error}") from error
    if not isinstance(told, dict):
        raise InvalidInput(f"must be a JSON object; got {line.strip()[:40]}")
    missing, extra = set(NEEDED) - set(told), set(told) - set(NAMES)
    if missing or extra:
        raise InvalidInput(
            f"fields are {', '.join(NAMES)}; missing: {', '.join(sorted(missing)) or 'none'}; "
            f"unknown: {', '.join(sorted(extra)) or 'none'}"
        )
    for name in ("amounts", "detail", "evidence"):
        if not isinstance(told.get(name, {}), dict):
            raise InvalidInput(f"{name} must be an object; got {told[name]!r}")
    try:
        on = date.fromisoformat(told["on"])
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"on must be a day like 2026-06-30; got {told['on']!r}") from error
    return Request(**told | {"on": on})


def _no_pair_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise InvalidInput("a name stands twice in an object")
    return found
