"""Decisions as bytes, and old decisions recomputed from what they recorded.

A record holds the whole rule with its numbers, so it can be replayed when the folder has long
changed. Same record, same bytes.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from fractions import Fraction
from typing import Any

from techflow.basics import InvalidInput
from techflow.policy import facts, measures, model, params, rule
from techflow.policy.decide import decide_one
from techflow.policy.decision import Decision
from techflow.policy.rule import Rule

FORMAT = 1
RECORDS: Mapping[str, type] = {
    kind.__name__: kind
    for module in (measures, model, params, facts, rule)
    for kind in vars(module).values()
    if isinstance(kind, type) and hasattr(kind, "__dataclass_fields__")
}
"""Every frozen record a rule is made of, by name."""


def record_decision(
    decision: Decision, *, on: date, answers: Mapping[str, bool | None] | None = None
) -> bytes:
    """A decision as canonical JSON: rule, facts, answers used, and what came out.

    Args:
        decision: From `decide`.
        on: Legal date it was taken for.
        answers: Answers of other policies it used.

    Returns:
        UTF-8 bytes; equal decisions give equal bytes.
    """
    content = {
        "format": FORMAT,
        "on": on.isoformat(),
        "rule_sha256": rule_hash(decision.rule),
        "rule": to_data(decision.rule),
        "facts": {name: to_data(value) for name, value in sorted(decision.facts.items())},
        "unusable": list(decision.unusable),
        "answers": dict(sorted((answers or {}).items())),
        "answer": decision.answer,
        "reason": decision.reason,
        "results": dict(sorted(decision.results().items())),
        "outcomes": dict(sorted(decision.outcomes.items())),
    }
    return _bytes(content)


def replay_decision(record: bytes) -> bytes:
    """Recompute an old decision from its record alone.

    Args:
        record: From `record_decision`.

    Returns:
        The record as recomputed; equal to the old one unless the engine decides differently.

    Raises:
        InvalidInput: Not such a record, or of another format.
    """
    try:
        content = json.loads(record)
        known = content["format"] == FORMAT
    except (ValueError, KeyError, TypeError):
        known = False
    if not known:
        raise InvalidInput(f"not a recorded decision of format {FORMAT}")
    old: Rule = from_data(content["rule"])
    firm = {name: _raw(from_data(value)) for name, value in content["facts"].items()}
    firm |= dict.fromkeys(content["unusable"], math.inf)
    decision = decide_one(firm, old, answers=content["answers"])
    return record_decision(
        decision, on=date.fromisoformat(content["on"]), answers=content["answers"]
    )


def _raw(value: Any) -> Any:
    """An exact fact as it could have come in."""
    if not isinstance(value, Fraction):
        return value
    return int(value) if value.denominator == 1 else value.numerator / value.denominator


def rule_hash(rule_of_day: Rule) -> str:
    """SHA-256 of a rule with its numbers: what a stored result names as its law.

    Args:
        rule_of_day: From `Law.on`.
    """
    return hashlib.sha256(_bytes(to_data(rule_of_day))).hexdigest()


def _bytes(content: Any) -> bytes:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def to_data(value: Any) -> Any:
    """A record as plain JSON values.

    Args:
        value: A frozen record of a rule, or a plain value.
    """
    if isinstance(value, Fraction):
        return {"fraction": str(value)}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, tuple):
        return [to_data(part) for part in value]
    name = type(value).__name__
    if name in RECORDS:
        given = [field.name for field in fields(value) if field.init]
        return {"record": name} | {part: to_data(getattr(value, part)) for part in given}
    return value


def from_data(value: Any) -> Any:
    """The record that `to_data` wrote.

    Args:
        value: JSON values.

    Raises:
        InvalidInput: It names a record this version does not know.
    """
    if isinstance(value, list):
        return tuple(from_data(part) for part in value)
    if not isinstance(value, dict):
        return value
    if "fraction" in value:
        return Fraction(value["fraction"])
    if "date" in value:
        return date.fromisoformat(value["date"])
    if value.get("record") not in RECORDS:
        raise InvalidInput(f"unknown record {value.get('record')!r} in a stored rule")
    parts = {name: from_data(part) for name, part in value.items() if name != "record"}
    return RECORDS[value["record"]](**parts)
