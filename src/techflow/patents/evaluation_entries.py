"""Entries of the register of evaluations: their fields, and the rules they keep to each other."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from techflow.basics import InvalidInput
from techflow.basics.canonical import content_hash

Content = Mapping[str, Any]
Fields = Mapping[str, Callable[[Any], bool]]
DECISIONS = ("upheld", "rejected")
CERTIFIED = ("request", "inputs", "model_hash", "evaluator_id", "method", "result", "evaluated_on")
"""What the hash of a certificate covers."""


def is_text(value: Any) -> bool:
    """Text that is not blank."""
    return isinstance(value, str) and bool(value.strip())


def is_day(value: Any) -> bool:
    """A day like 2026-06-30."""
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def is_hash(value: Any) -> bool:
    """64 hexadecimal digits."""
    return isinstance(value, str) and len(value) == 64 and set(value) <= set("0123456789abcdef")


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(is_text, value))


def is_object(value: Any) -> bool:
    """An object that is not empty."""
    return isinstance(value, Mapping) and bool(value)


def _or_null(test: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or test(value)


REQUEST: Fields = {
    "request_id": is_text,
    "patent_id": is_text,
    "requested_by": is_text,
    "requested_on": is_day,
    "purpose": is_text,
}
FIELDS: Mapping[str, Fields] = {
    "accreditation": {
        "evaluator_id": is_text,
        "accredited_by": is_text,
        "methods": _is_texts,
        "since": is_day,
        "until": _or_null(is_day),
    },
    "certificate": {
        "request": lambda value: is_object(value) and not misfit(value, REQUEST),
        "evaluator_id": is_text,
        "method": is_text,
        "model_hash": is_hash,
        "inputs": is_object,
        "result": is_object,
        "evaluated_on": is_day,
        "supersedes": _or_null(is_hash),
        "certificate_hash": is_hash,
    },
    "objection": {
        "objection_id": is_text,
        "certificate_hash": is_hash,
        "filed_by": is_text,
        "filed_on": is_day,
        "reason": is_text,
    },
    "decision": {
        "objection_id": is_text,
        "decided_by": is_text,
        "decided_on": is_day,
        "decision": lambda value: value in DECISIONS,
        "reason": is_text,
    },
}
"""Fields of each kind of entry, all of them required."""


def certificate_hash(certificate: Content) -> str:
    """Hash of a certificate: request, inputs, model, evaluator, method, result and day.

    Args:
        certificate: Content of a certificate.

    Raises:
        InvalidInput: A field is absent, or has no canonical form.

    Source:
        SHA-256 over RFC 8785.

    Examples:
        >>> certificate_hash({"inputs": {}})
        Traceback (most recent call last):
        ...
        techflow.basics.errors.InvalidInput: a certificate needs request, model_hash, \
evaluator_id, method, result, evaluated_on
    """
    missing = [name for name in CERTIFIED if name not in certificate]
    if missing:
        raise InvalidInput(f"a certificate needs {', '.join(missing)}")
    return content_hash({name: certificate[name] for name in CERTIFIED})


def misfit(content: Content, fields: Fields) -> str:
    """Name of the first field that is missing, strange or of a wrong kind; else empty.

    Args:
        content: Fields as given.
        fields: Test of each field that must be there.
    """
    for name, fits in fields.items():
        if name not in content or not fits(content[name]):
            return name
    return next((name for name in content if name not in fields), "")


class Record:
    """What the entries so far say, to hold the next against."""

    def __init__(self) -> None:
        self.accreditations: list[Content] = []
        self.certificates: dict[str, Content] = {}
        self.superseded: set[str] = set()
        self.objections: dict[str, Content] = {}
        self.decisions: dict[str, Content] = {}

    def admit(self, entry: Content) -> list[tuple[str, str]]:
        """Take an entry in; what speaks against it."""
        content: Content = entry["content"]
        checks = {
            "accreditation": self._accredit,
            "certificate": self._certify,
            "objection": self._object,
            "decision": self._decide,
        }
        return [(code, detail) for code, detail, wrong in checks[entry["kind"]](content) if wrong]

    def state(self, key: str) -> str:
        """State of a certificate, as in `certificate_states`."""
        own = [k for k, o in self.objections.items() if o["certificate_hash"] == key]
        if any(k in self.decisions and self.decisions[k]["decision"] == "upheld" for k in own):
            return "annulled"
        if key in self.superseded:
            return "superseded"
        return "objected" if any(k not in self.decisions for k in own) else "valid"

    def _accredit(self, content: Content) -> list[tuple[str, str, bool]]:
        self.accreditations.append(content)
        until = content["until"]
        return [("ends_before_it_begins", "", until is not None and until <= content["since"])]

    def _certify(self, content: Content) -> list[tuple[str, str, bool]]:
        key, old = content["certificate_hash"], content["supersedes"]
        replaced = self.certificates.get(old) if old else None
        patent = content["request"]["patent_id"]
        on = content["evaluated_on"]
        found = [
            ("certificate_changed", "", key != certificate_hash(content)),
            ("issued_twice", key, key in self.certificates),
            ("not_accredited", content["evaluator_id"], not self._accredited(content)),
            ("before_its_request", on, on < content["request"]["requested_on"]),
            ("supersedes_unknown", str(old), old is not None and replaced is None),
            ("superseded_twice", str(old), old in self.superseded),
            (
                "supersedes_another_patent",
                patent,
                replaced is not None and replaced["request"]["patent_id"] != patent,
            ),
        ]
        self.certificates.setdefault(key, content)
        if replaced is not None:
            self.superseded.add(old)
        return found

    def _accredited(self, content: Content) -> bool:
        on = content["evaluated_on"]
        return any(
            a["evaluator_id"] == content["evaluator_id"]
            and content["method"] in a["methods"]
            and a["since"] <= on
            and (a["until"] is None or on < a["until"])
            for a in self.accreditations
        )

    def _object(self, content: Content) -> list[tuple[str, str, bool]]:
        key, against = content["objection_id"], self.certificates.get(content["certificate_hash"])
        on = content["filed_on"]
        found = [
            ("unknown_certificate", content["certificate_hash"], against is None),
            ("objection_twice", key, key in self.objections),
            ("before_the_certificate", on, against is not None and on < against["evaluated_on"]),
        ]
        self.objections.setdefault(key, content)
        return found

    def _decide(self, content: Content) -> list[tuple[str, str, bool]]:
        key = content["objection_id"]
        objection = self.objections.get(key)
        against = self.certificates.get(objection["certificate_hash"]) if objection else None
        judge, on = content["decided_by"], content["decided_on"]
        own_case = against is not None and judge == against["evaluator_id"]
        own_case = own_case or (objection is not None and judge == objection["filed_by"])
        found = [
            ("unknown_objection", key, objection is None),
            ("decided_twice", key, key in self.decisions),
            ("before_the_objection", on, objection is not None and on < objection["filed_on"]),
            ("decides_in_own_case", judge, own_case),
        ]
        self.decisions.setdefault(key, content)
        return found
