"""The manifest: the one file that says which parts a store consists of."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from techflow.basics import InvalidInput, TechflowError
from techflow_service.store.failure import explain_failures

MANIFEST_FILE = "manifest.json"
DRAFT_FILE = "manifest.json.new"
FORMAT = "techflow store"
FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Part:
    """One immutable Parquet file of a table.

    Attributes:
        table: Name of the table in the dictionary.
        file: Path inside the store.
        rows_n: Rows in it.
        bytes_n: Size of the file.
        sha256: Fingerprint of the file.
        version: Store version that added it.
        loaded_at: When its rows were loaded; ISO 8601, UTC.
        firm_id_min: Least `firm_id` in it, or None if the table has none.
        firm_id_max: Greatest `firm_id` in it, or None.
    """

    table: str
    file: str
    rows_n: int
    bytes_n: int
    sha256: str
    version: int
    loaded_at: str
    firm_id_min: str | None = None
    firm_id_max: str | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a store consists of at one version.

    Attributes:
        version: Counter of committed transactions.
        parts: All parts, in the order they were added.
    """

    version: int = 0
    parts: tuple[Part, ...] = ()


def read_manifest(path: Path) -> Manifest:
    """The manifest of a store, checked against its own fingerprint.

    Args:
        path: The store.

    Raises:
        InvalidInput: The folder is missing, is not a store, or was written by a newer techflow.
        TechflowError: The manifest may not be read or is damaged.
    """
    file = path / MANIFEST_FILE
    try:
        with explain_failures("reading the manifest", path):
            text = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise InvalidInput(_not_a_store(path)) from None
    try:
        return _parse(json.loads(text), path)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        if isinstance(error, TechflowError):
            raise
        raise TechflowError(
            f"the manifest {file} is damaged ({error}); the parts beside it are untouched; "
            f"bring {MANIFEST_FILE} back from a backup, or import the sources into a new store"
        ) from error


def write_manifest(path: Path, manifest: Manifest) -> None:
    """Replace the manifest in one step that also survives a power cut.

    Args:
        path: The store; its lock is held by the caller.
        manifest: The new content.
    """
    body = asdict(manifest)
    body = {"format": FORMAT, "format_version": FORMAT_VERSION, **body, "sha256": _digest(body)}
    draft = path / DRAFT_FILE
    draft.write_text(json.dumps(body, indent=1, ensure_ascii=False), "utf8")
    sync_to_disk(draft)
    os.replace(draft, path / MANIFEST_FILE)
    sync_to_disk(path)


def sync_to_disk(path: Path) -> None:
    """Wait until a file's content, or a folder's list of names, is on the disk.

    Args:
        path: File or folder.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _parse(body: Mapping[str, Any], path: Path) -> Manifest:
    if body["format"] != FORMAT:
        raise ValueError(f"its format is {body['format']!r}, not {FORMAT!r}")
    if body["format_version"] > FORMAT_VERSION:
        raise InvalidInput(
            f"the store {path} has format {body['format_version']}, this techflow reads up to "
            f"format {FORMAT_VERSION}; update techflow, or name another store"
        )
    # A manifest that lost lines but still parses would make the next writer delete good parts.
    if body["sha256"] != _digest({"version": body["version"], "parts": body["parts"]}):
        raise ValueError("its content does not match its fingerprint")
    return Manifest(body["version"], tuple(Part(**part) for part in body["parts"]))


def _digest(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _not_a_store(path: Path) -> str:
    if not path.exists():
        return (
            f"the store folder {path} does not exist; check --store, or make one with "
            "`techflow sample` or `techflow import`"
        )
    if not path.is_dir():
        return f"the store {path} is a file; a store is a folder; check --store"
    return (
        f"the folder {path} is not a store: it holds no {MANIFEST_FILE}; check --store, or name "
        "a new folder in `techflow sample` or `techflow import`"
    )
