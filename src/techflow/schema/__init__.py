"""The data dictionary: every table, column, unit and label, in one place."""

from techflow.schema import dealings, firms, records
from techflow.schema.model import DTYPES, EVIDENCE, PYTHON_TYPES, Column, Table

TABLES: dict[str, Table] = {
    item.name: item
    for module in (firms, dealings, records)
    for item in vars(module).values()
    if isinstance(item, Table)
}
"""Stored tables by name."""

__all__ = ["DTYPES", "EVIDENCE", "PYTHON_TYPES", "TABLES", "Column", "Table"]
