"""Rows of a dictionary table, with its types, on each engine."""

import polars as pl
import pytest

from techflow.schema import TABLES

TYPES = {
    "text": pl.String,
    "int": pl.Int64,
    "float": pl.Float64,
    "bool": pl.Boolean,
    "date": pl.Date,
    "timestamp": pl.Datetime("us", "UTC"),
}


def typed(table, rows):
    """A Polars frame with all columns of the table; what a row leaves out is null."""
    schema = {column.name: TYPES[column.kind] for column in TABLES[table].columns}
    return pl.DataFrame(rows, schema=schema)


@pytest.fixture
def table(make):
    """Builds a lazy frame of a dictionary table from rows, on each engine in turn."""
    return lambda name, rows: make(typed(name, rows))


@pytest.fixture
def by_firm(rows):
    """Collects a roll-up into `{firm_id: row}`."""
    return lambda frame: {row["firm_id"]: row for row in rows(frame)}
