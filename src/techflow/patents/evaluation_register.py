"""Register of evaluations: a chain of entries in which nothing can be changed unseen.

Kinds of entry: an evaluator is accredited, a certificate is issued on a request, someone objects,
and the objection is decided. Each entry holds the hash of the one before.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from techflow.basics import InvalidInput
from techflow.basics.canonical import canonical_json, content_hash
from techflow.patents.evaluation_entries import (
    FIELDS,
    Content,
    Fields,
    Record,
    certificate_hash,
    is_day,
    is_hash,
    is_object,
    misfit,
)

FIRST = "0" * 64
"""What the first entry holds in place of a hash."""
ENTRY: Fields = {
    "entry_n": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "kind": lambda value: isinstance(value, str) and value in FIELDS,
    "recorded_on": is_day,
    "previous_hash": is_hash,
    "content": is_object,
    "entry_hash": is_hash,
}


class Fault(NamedTuple):
    """What is wrong with an entry."""

    entry_n: int
    """Place in the register, from 1; 0 for the register as a whole."""
    code: str
    detail: str = ""


def make_entry(kind: str, content: Content, *, before: Sequence[Content], on: date) -> Content:
    """The next entry of a register.

    Args:
        kind: One of `FIELDS`.
        content: Its fields; a certificate gets its hash here.
        before: All entries so far.
        on: Day of entry.

    Returns:
        The entry, to be added at the end.

    Raises:
        InvalidInput: The register has a fault, or the entry would be one.

    Source:
        Hash chain: Haber and Stornetta 1991, How to time-stamp a digital document, Journal of
        Cryptology 3.

    Examples:
        >>> who = {"evaluator_id": "e", "accredited_by": "a", "methods": ["income"],
        ...        "since": "2026-01-01", "until": None}
        >>> entry = make_entry("accreditation", who, before=[], on=date(2026, 1, 1))
        >>> verify_register([entry])
        []
    """
    entry = draft_entry(kind, content, before=before, on=on)
    faults = verify_register([*before, entry])
    if faults:
        first = faults[0]
        raise InvalidInput(f"entry {first.entry_n}: {first.code} {first.detail}".rstrip())
    return entry


def draft_entry(kind: str, content: Content, *, before: Sequence[Content], on: date) -> Content:
    """The next entry as `make_entry` gives it, not yet held against the rules.

    Args:
        kind: One of `FIELDS`.
        content: Its fields; a certificate gets its hash here.
        before: All entries so far.
        on: Day of entry.

    Raises:
        InvalidInput: There is no such kind, or the content has no canonical form.
    """
    if kind not in FIELDS:
        raise InvalidInput(f"kind: expected one of {', '.join(FIELDS)}; got {kind}")
    if kind == "certificate" and "certificate_hash" not in content:
        content = {"supersedes": None, **content}
        content = {**content, "certificate_hash": certificate_hash(content)}
    entry = {
        "entry_n": len(before) + 1,
        "kind": kind,
        "recorded_on": on.isoformat(),
        "previous_hash": before[-1]["entry_hash"] if before else FIRST,
        "content": content,
    }
    return {**entry, "entry_hash": content_hash(entry)}


def verify_register(entries: Sequence[Content], *, head: str | None = None) -> list[Fault]:
    """Everything that is wrong with a register; nothing if it is whole.

    Args:
        entries: Entries in order.
        head: Hash of the last entry, if it was noted elsewhere. Only it shows that entries are
            missing at the end, or that the whole chain was written anew.

    Returns:
        Faults in order of entry.

    Source:
        Each hash is worked out again; the rules of the kinds are this project's own.

    Examples:
        >>> verify_register([{"entry_n": 1}])[0].code
        'not_an_entry'
    """
    faults, before, day = [], FIRST, ""
    known = Record()
    for n, entry in enumerate(entries, start=1):
        shaped = _check_shape(n, entry)
        faults += shaped
        if shaped:
            before = str(entry.get("entry_hash", ""))
            continue
        if entry["entry_n"] != n:
            faults.append(Fault(n, "wrong_number", str(entry["entry_n"])))
        if entry["previous_hash"] != before:
            faults.append(Fault(n, "chain_broken"))
        body = {name: value for name, value in entry.items() if name != "entry_hash"}
        if content_hash(body) != entry["entry_hash"]:
            faults.append(Fault(n, "entry_changed"))
        if entry["recorded_on"] < day:
            faults.append(Fault(n, "earlier_than_before", entry["recorded_on"]))
        before, day = entry["entry_hash"], max(day, entry["recorded_on"])
        faults += [Fault(n, code, detail) for code, detail in known.admit(entry)]
    if head is not None and before != head:
        faults.append(Fault(0, "head_differs", before))
    return faults


def certificate_states(entries: Sequence[Content]) -> dict[str, str]:
    """State of each certificate of a whole register.

    Args:
        entries: Entries without a fault.

    Returns:
        Hash of the certificate -> `valid`, `objected` (not yet decided), `annulled` (an objection
        was upheld) or `superseded`; the worst that holds, in the order annulled, superseded,
        objected.

    Source:
        Own rule.

    Examples:
        >>> certificate_states([])
        {}
    """
    known = Record()
    for entry in entries:
        known.admit(entry)
    return {key: known.state(key) for key in known.certificates}


def _check_shape(n: int, entry: Content) -> list[Fault]:
    wrong = misfit(entry, ENTRY)
    if wrong:
        return [Fault(n, "not_an_entry", wrong)]
    try:
        canonical_json(entry)
    except InvalidInput as error:
        return [Fault(n, "not_an_entry", str(error))]
    wrong = misfit(entry["content"], FIELDS[entry["kind"]])
    return [Fault(n, "wrong_field", wrong)] if wrong else []
