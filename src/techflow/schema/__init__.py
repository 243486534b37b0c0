"""The data dictionary: every table, column, unit and label, in one place."""

from types import ModuleType

from techflow.schema import (
    assessment,
    dealings,
    firms,
    institutions,
    offer,
    pledges,
    profile,
    qualification,
    records,
    technology,
)
from techflow.schema.model import DTYPES, EVIDENCE, PYTHON_TYPES, Column, Table


def _tables(*modules: ModuleType) -> dict[str, Table]:
    found = (item for module in modules for item in vars(module).values())
    return {item.name: item for item in found if isinstance(item, Table)}


TABLES: dict[str, Table] = _tables(firms, dealings, institutions, records)
"""Stored tables by name."""

DERIVED: dict[str, Table] = {
    name: table
    for name, table in _tables(
        assessment, offer, pledges, profile, qualification, technology
    ).items()
    if name not in TABLES
}
"""Computed tables by name: not stored, so without evidence columns."""

__all__ = ["DERIVED", "DTYPES", "EVIDENCE", "PYTHON_TYPES", "TABLES", "Column", "Table"]
