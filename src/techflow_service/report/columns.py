"""Frames as compact columns that JSON can carry, and the labels that go with them."""

from typing import Any

import polars as pl

from techflow.schema import DERIVED, TABLES, Column, Table, profile

FIGURES = 6
"""Significant digits kept on the page; the Parquet files keep all."""

SOURCES = {
    "invoice": profile.TRADE + profile.PARTNERS,
    "statement": profile.STATEMENTS,
    "patent": profile.PATENTS,
    "staff": profile.STAFF,
    "credential": profile.CREDENTIALS,
    "funding_round": profile.FUNDING,
    "loan": profile.LOANS,
}
"""Table -> the features that come from it."""

Columns = dict[str, list[Any]]


def to_columns(frame: pl.DataFrame) -> Columns:
    """Column name -> values: dates as ISO text, floats short, not-a-number as null."""
    short = [_shorten(frame.schema[name], name) for name in frame.columns]
    return frame.select(short).to_dict(as_series=False)


def _shorten(dtype: pl.DataType, name: str) -> pl.Expr:
    column = pl.col(name)
    if dtype.is_float():
        finite = pl.when(column.is_finite()).then(column)
        return finite.round_sig_figs(FIGURES).alias(name)
    if dtype == pl.Date:
        return column.dt.to_string("iso").alias(name)
    if isinstance(dtype, pl.Datetime):
        return column.dt.to_string("%Y-%m-%dT%H:%M:%SZ").alias(name)
    return column


def complete(frame: pl.DataFrame, table: Table) -> pl.DataFrame:
    """The frame with every column of the table; what was absent is null."""
    return frame.with_columns(
        pl.lit(None, pl.String).alias(column.name)
        for column in table.columns
        if column.name not in frame.columns
    )


def dictionary() -> dict[str, Any]:
    """Labels of tables, columns and codes, and the tables that features come from."""
    tables = {**DERIVED, **TABLES}
    return {
        "features": [
            [table, [column.name for column in columns]] for table, columns in SOURCES.items()
        ],
        "tables": {name: [table.zh, table.en] for name, table in tables.items()},
        "columns": {
            name: {column.name: _label(column) for column in table.columns}
            for name, table in tables.items()
        },
    }


def _label(column: Column) -> dict[str, Any]:
    label = {"name": column.name, "zh": column.zh, "en": column.en, "unit": column.unit, "kind": column.kind}
    return label | ({"codes": dict(column.codes)} if column.codes else {})
