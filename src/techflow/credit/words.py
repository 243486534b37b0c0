"""Texts in two languages, and the fingerprint of content."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Words:
    """One text in both languages."""

    zh: str
    en: str

    @classmethod
    def from_data(cls, data: Mapping[str, str]) -> "Words":
        """Read `{zh = ..., en = ...}`."""
        return cls(data["zh"], data["en"])


def content_hash(data: Mapping[str, Any]) -> str:
    """First 16 hex digits of the SHA-256 of a parsed content folder.

    Examples:
        >>> content_hash({"b": 1, "a": 2}) == content_hash({"a": 2, "b": 1})
        True
    """
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
