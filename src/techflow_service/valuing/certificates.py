"""Files of the register of evaluations: one line of canonical JSON an entry, only ever added to."""

import fcntl
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import polars as pl

from techflow.basics import InvalidInput
from techflow.basics.canonical import canonical_json
from techflow.patents.evaluation_dispersion import compare_evaluators, evaluation_dispersion
from techflow.patents.evaluation_entries import Content
from techflow.patents.evaluation_register import (
    Fault,
    certificate_states,
    draft_entry,
    verify_register,
)
from techflow_service.models import read_model

VALUE = "value_cny"


class Chain(NamedTuple):
    """Entries of a file, and what is wrong with its lines."""

    entries: list[Content]
    faults: list[Fault]


def read_content() -> dict[str, Any]:
    """Bounds and words of the register."""
    return read_model("evaluation_register.toml")


def read_object(path: Path) -> dict[str, Any]:
    """The JSON object of a file.

    Raises:
        InvalidInput: It is not one.
    """
    try:
        found = json.loads(path.read_text("utf8"))
    except (ValueError, OSError) as error:
        raise InvalidInput(f"{path.name}: expected one JSON object (UTF-8); {error}") from error
    if not isinstance(found, dict):
        raise InvalidInput(f"{path.name}: expected one JSON object; got {type(found).__name__}")
    return found


def add_entry(register: Path, kind: str, content: Mapping[str, Any], *, on: date) -> Content:
    """Add one entry to the end of a register, which must be whole.

    Args:
        register: JSON lines; begun if it is not there.
        kind: Kind of entry.
        content: Its fields.
        on: Day of entry.

    Raises:
        InvalidInput: The register has a fault, or the entry would be one; nothing is written.
    """
    register.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(register, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
    with os.fdopen(descriptor, "r+b") as stream:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        chain = parse_chain(stream.read())
        _refuse([*chain.faults, *verify_register(chain.entries)], "the register is not whole")
        entry = draft_entry(kind, content, before=chain.entries, on=on)
        _refuse(verify_register([*chain.entries, entry]), f"the {kind} is refused")
        stream.write(f"{canonical_json(entry)}\n".encode())
        stream.flush()
        os.fsync(descriptor)
    return entry


def hash_file(path: Path) -> str:
    """SHA-256 of the bytes of a file, for `model_hash`."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def parse_chain(content: bytes) -> Chain:
    """Entries of the bytes of a register; a line that is not one counts as an empty entry."""
    *lines, torn = content.split(b"\n")
    entries: list[Content] = []
    faults = []
    for n, line in enumerate(lines, start=1):
        entry = _parse(line)
        entries.append(entry)
        if entry and _canonical(entry).encode() != line:
            faults.append(Fault(n, "not_canonical"))
    if torn:
        faults.append(Fault(len(lines) + 1, "torn_line"))
    return Chain(entries, faults)


def verify_file(register: Path, *, head: str | None = None) -> tuple[list[Content], list[Fault]]:
    """Entries of a register, and everything that is wrong with them."""
    chain = parse_chain(register.read_bytes())
    faults = [*chain.faults, *verify_register(chain.entries, head=head)]
    return chain.entries, sorted(faults, key=lambda fault: fault.entry_n)


def explain_fault(fault: Fault, words: Mapping[str, Any]) -> dict[str, Any]:
    """A fault with its words in both languages."""
    said = words["fault"][fault.code]
    return {**fault._asdict(), "reason_zh": said["zh"], "reason_en": said["en"]}


def certificate_rows(entries: Sequence[Content]) -> pl.DataFrame:
    """Certificates of a whole register with their state."""
    states = certificate_states(entries)
    rows = [
        {
            "patent_id": content["request"]["patent_id"],
            "evaluator_id": content["evaluator_id"],
            "method": content["method"],
            "evaluated_on": date.fromisoformat(content["evaluated_on"]),
            VALUE: _value(content["result"]),
            "state": states[content["certificate_hash"]],
            "certificate_hash": content["certificate_hash"],
        }
        for content in (e["content"] for e in entries if e["kind"] == "certificate")
    ]
    kinds: dict[str, Any] = {"patent_id": pl.String, "evaluator_id": pl.String, "method": pl.String}
    kinds |= {"evaluated_on": pl.Date, VALUE: pl.Float64}
    return pl.DataFrame(rows, schema={**kinds, "state": pl.String, "certificate_hash": pl.String})


def disperse(certificates: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Dispersion between evaluators: the evaluations compared, and one row a patent.

    Args:
        certificates: As from `certificate_rows`; those annulled or superseded do not count, and
            of several of one evaluator the last.
    """
    content = read_content()
    standing = certificates.filter(pl.col("state").is_in(["valid", "objected"]))
    last = standing.sort("evaluated_on").unique(
        ["patent_id", "evaluator_id"], keep="last", maintain_order=True
    )
    bounds = {name: content[name] for name in ("score_max", "evaluators_n_min")}
    compared = compare_evaluators(nw.from_native(last.lazy()), **bounds)
    patents = evaluation_dispersion(compared)
    found = [frame.to_native().collect() for frame in (compared, patents)]
    return found[0].sort("patent_id", "evaluator_id"), found[1].sort("patent_id")


def _refuse(faults: Sequence[Fault], why: str) -> None:
    if faults:
        said = explain_fault(faults[0], read_content())
        raise InvalidInput(
            f"{why} and nothing is added; entry {said['entry_n']}, {said['code']}: "
            f"{said['reason_zh']} / {said['reason_en']} {said['detail']}".rstrip()
        )


def _parse(line: bytes) -> Content:
    try:
        found = json.loads(line.decode())
    except ValueError:  # not UTF-8, or not JSON
        return {}
    return found if isinstance(found, dict) else {}


def _canonical(entry: Content) -> str:
    try:
        return canonical_json(entry)
    except InvalidInput:
        return ""


def _value(result: Mapping[str, Any]) -> float | None:
    value = result.get(VALUE)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)
