"""Assumptions of a content file: dated, with source and mark, some of them in groups."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from techflow.pricing import Term, Terms


def terms_in_force(data: Mapping[str, Any], on: date, group: str = "") -> tuple[Term, ...]:
    """Every assumption in force on a day, in the order of the file.

    Args:
        data: Parsed file: name -> what `Terms.from_data` reads, or a group of such.
        on: The day.
        group: Names of the groups around them, each with a dot.

    Returns:
        Terms; one of a group is named `group.name`.

    Raises:
        NotInForce: One has no value on that day.
    """
    found: list[Term] = []
    for name, spec in data.items():
        if "values" in spec:
            found += Terms.from_data({group + name: spec}).in_force(on)
        else:
            found += terms_in_force(spec, on, f"{group}{name}.")
    return tuple(found)


def values_in_force(data: Mapping[str, Any], on: date) -> dict[str, Any]:
    """The values alone, groups as tables.

    Args:
        data: Parsed file, as in `terms_in_force`.
        on: The day.

    Raises:
        NotInForce: One has no value on that day.
    """
    found: dict[str, Any] = {}
    for term in terms_in_force(data, on):
        group, _, name = term.name.rpartition(".")
        (found.setdefault(group, {}) if group else found)[name] = term.value
    return found
