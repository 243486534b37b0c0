"""Licences of every locked package, read from the packages that are installed."""

import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

LOCK = Path(__file__).parent.parent / "requirements.lock"
FREE = re.compile(
    r"\b(MIT|MIT-0|BSD|Apache|ISC|PSF|Python Software Foundation|0BSD|Zlib|Unlicense|OFL|CC0)\b",
    re.I,
)
OTHERWISE = {
    "psycopg": "LGPL, used as a library and not changed",
    "psycopg-binary": "LGPL, used as a library and not changed",
    "psycopg-pool": "LGPL, used as a library and not changed",
    "fido2": "BSD in its whole text",
    "certifi": "MPL, a list of certificates, not changed",
    "hypothesis": "MPL, only in tests",
    "pathspec": "MPL, only in checks",
}
"""Packages that may be here for a reason of their own."""


def told(name):
    """What a package says of its licence; None if it is not installed on this system."""
    try:
        words = metadata(name)
    except PackageNotFoundError:
        return None
    classes = [one for one in words.get_all("Classifier") or () if one.startswith("License ::")]
    own = (words.get("License-Expression") or "", (words.get("License") or "")[:200])
    return " ".join((*own, *classes))


def test_every_locked_package_has_a_free_licence():
    names = re.findall(r"^([a-z0-9._-]+)==", LOCK.read_text("utf8"), re.M)
    found = {name: told(name) for name in names}
    assert sum(one is not None for one in found.values()) > 60
    odd = {n: w for n, w in found.items() if w is not None and (not FREE.search(w) or "GPL" in w)}
    assert set(odd) <= set(OTHERWISE), {n: w for n, w in odd.items() if n not in OTHERWISE}


def test_what_is_installed_to_serve_is_what_is_tested():
    """The lock of the container and bundle holds nothing that the lock of the tests does not."""
    served = (LOCK.parent / "deploy" / LOCK.name).read_text("utf8").splitlines()
    pins = {line for line in served if "==" in line}
    assert len(pins) > 40
    assert pins <= set(LOCK.read_text("utf8").splitlines())
    assert not any(line.startswith(("pytest", "mypy", "playwright")) for line in pins)
