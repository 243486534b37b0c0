"""Reading risk-sharing schemes from their content folders, and telling what they say."""

from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from techflow.basics import InvalidInput, NotInForce
from techflow.flow.schemes import settle_on
from techflow.policy import Law
from techflow.pool import Scheme, read_scheme
from techflow_service.policies import load_laws, read_toml

SCHEMES = Path(str(files("techflow_content.schemes")))
FILE = "scheme.toml"


def load_schemes(folder: Path = SCHEMES) -> dict[str, Scheme]:
    """Every scheme of a folder, by id.

    Args:
        folder: Folder of scheme folders.

    Raises:
        InvalidInput: The folder holds none, or a file is wrong; names it.
    """
    found = sorted(folder.glob(f"*/{FILE}"))
    if not found:
        raise InvalidInput(f"{folder} holds no scheme: a scheme is a folder with {FILE}")
    return {scheme.id: scheme for scheme in map(load_scheme, found)}


def load_scheme(path: Path) -> Scheme:
    """One scheme.

    Args:
        path: Its file.

    Raises:
        InvalidInput: It is missing, wrong, or its id is not the name of its folder.
    """
    try:
        scheme = read_scheme(read_toml(path))
    except InvalidInput as error:
        raise InvalidInput(str(error) if str(path) in str(error) else f"{path}: {error}") from None
    if scheme.id != path.parent.name.replace("_", "-"):
        raise InvalidInput(f"{path}: id is {scheme.id}; it must be the name of the folder")
    return scheme


def find_scheme(schemes: Mapping[str, Scheme], scheme_id: str) -> Scheme:
    """One scheme by its id.

    Args:
        schemes: Scheme id -> scheme.
        scheme_id: The id.

    Raises:
        InvalidInput: There is none; names those there are.
    """
    if scheme_id not in schemes:
        raise InvalidInput(f"no scheme {scheme_id}; there are {', '.join(schemes)}")
    return schemes[scheme_id]


def settled_scheme(folder: Path, scheme_id: str, on: date) -> Scheme:
    """A scheme of a folder with the numbers of law of a day.

    Args:
        folder: Folder of scheme folders.
        scheme_id: Its id.
        on: Legal date.

    Raises:
        InvalidInput: There is no such scheme, or a file is wrong.
        NotInForce: A number has no value on that day.
    """
    return settle_on(find_scheme(load_schemes(folder), scheme_id), load_laws(), on=on)


def describe_schemes(
    schemes: Mapping[str, Scheme], laws: Mapping[str, Law], on: date
) -> list[dict[str, Any]]:
    """Each scheme on a line: name, parties, whether it is in force on a day.

    Args:
        schemes: Scheme id -> scheme.
        laws: Policy id -> law.
        on: Legal date.
    """
    return [
        {
            **{name: getattr(scheme, name) for name in ("id", "zh", "en", "issuer", "mark")},
            "since": str(scheme.since),
            "until": str(scheme.until) if scheme.until else None,
            "in_force": _in_force(scheme, laws, on),
            "parties": [{n: getattr(p, n) for n in ("id", "zh", "en")} for p in scheme.parties],
        }
        for scheme in schemes.values()
    ]


def _in_force(scheme: Scheme, laws: Mapping[str, Law], on: date) -> bool:
    try:
        settle_on(scheme, laws, on=on)
    except NotInForce:
        return False
    return True
