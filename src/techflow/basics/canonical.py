"""One text for one content, so that its fingerprint means something: canonical JSON."""

import hashlib
import json
import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from techflow.basics.errors import InvalidInput

EXACT_MAX = 2**53
DECIMAL_MAX, DECIMAL_MIN = 21, -6


def canonical_json(content: Any) -> str:
    """JSON with sorted names, no spaces and one form for each number.

    Args:
        content: Mappings with text names, lists, text, true, false, null, and numbers that a
            float64 keeps. 1 and 1.0 are the same number.

    Returns:
        The text.

    Raises:
        InvalidInput: Something in it has no canonical form.

    Source:
        RFC 8785, JSON Canonicalization Scheme.

    Examples:
        >>> canonical_json({"b": [1.0, 1e-7], "a": None})
        '{"a":null,"b":[1,1e-7]}'
    """
    if isinstance(content, Mapping):
        pairs = [(_quote(name), content[name]) for name in _sorted_names(content)]
        return "{" + ",".join(f"{name}:{canonical_json(value)}" for name, value in pairs) + "}"
    if isinstance(content, list | tuple):
        return "[" + ",".join(map(canonical_json, content)) + "]"
    if content is None or isinstance(content, bool):
        return json.dumps(content)
    if isinstance(content, str):
        return _quote(content)
    if isinstance(content, int | float):
        return _number(content)
    raise InvalidInput(
        f"canonical JSON holds text, numbers, true, false, null, lists and objects; got "
        f"{type(content).__name__} {content!r}; write it as text"
    )


def content_hash(content: Any) -> str:
    """SHA-256 of the canonical JSON of a content, 64 hexadecimal digits.

    Args:
        content: As for `canonical_json`.

    Raises:
        InvalidInput: Something in it has no canonical form.

    Source:
        FIPS 180-4; RFC 8785.

    Examples:
        >>> content_hash({"a": 1}) == content_hash({"a": 1.0})
        True
    """
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()


def _sorted_names(content: Mapping[Any, Any]) -> list[str]:
    for name in content:
        if not isinstance(name, str):
            raise InvalidInput(f"names in JSON are text; got {name!r}")
        _quote(name)
    return sorted(content, key=lambda name: name.encode("utf-16-be"))


def _quote(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput(f"text is not Unicode: {text!r}") from error
    return json.dumps(text, ensure_ascii=False)


def _number(value: float) -> str:
    """The form of ECMAScript, which RFC 8785 asks for."""
    if isinstance(value, int):
        return _whole(value)
    if not math.isfinite(value):
        raise InvalidInput(f"numbers in JSON are finite; got {value}")
    if value == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    text, point = "".join(map(str, digits)), len(digits) + int(exponent)
    if len(text) <= point <= DECIMAL_MAX:
        text += "0" * (point - len(text))
    elif 0 < point <= DECIMAL_MAX:
        text = f"{text[:point]}.{text[point:]}"
    elif DECIMAL_MIN < point <= 0:
        text = f"0.{'0' * -point}{text}"
    else:
        head = text if len(text) == 1 else f"{text[0]}.{text[1:]}"
        text = f"{head}e{point - 1:+d}"
    return f"-{text}" if sign else text


def _whole(value: int) -> str:
    """The digits, if a float64 keeps them; a large fraction reads back as such a number."""
    kept = abs(value) <= EXACT_MAX
    if not kept and abs(value) < 10**DECIMAL_MAX:
        kept = _number(float(value)) == str(value)
    if not kept:
        raise InvalidInput(f"{value} has more digits than a float64 keeps; write it as text")
    return str(value)
