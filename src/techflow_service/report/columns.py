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

FEW_SHARE = 0.25
"""Text with fewer distinct values than this share of rows is sent as places in a list."""

Columns = dict[str, Any]
"""Column name -> values, or `{"of": distinct values, "at": place of each row}`."""


def to_columns(frame: pl.DataFrame) -> Columns:
    """Values by column: dates as ISO text, floats short, not-a-number as null."""
    short = [_shorten(frame.schema[name], name) for name in frame.columns]
    return {column.name: _list_values(column) for column in frame.select(short)}


def _list_values(column: pl.Series) -> Any:
    if column.dtype != pl.String or column.n_unique() > FEW_SHARE * len(column):
        return column.to_list()
    words = column.drop_nulls().unique().sort()
    places = pl.DataFrame(
        {"word": words, "at": range(len(words))}, schema_overrides={"at": pl.Int64}
    )
    at = pl.DataFrame({"word": column}).join(places, on="word", how="left", maintain_order="left")
    return {"of": words.to_list(), "at": at["at"].to_list()}


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


def complete(frame: pl.LazyFrame, table: Table) -> pl.LazyFrame:
    """The frame with every column of the table; what was absent is null."""
    present = frame.collect_schema()
    return frame.with_columns(
        pl.lit(None, pl.String).alias(column.name)
        for column in table.columns
        if column.name not in present
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
    label = {
        "name": column.name,
        "zh": column.zh,
        "en": column.en,
        "unit": column.unit,
        "kind": column.kind,
    }
    return label | ({"codes": dict(column.codes)} if column.codes else {})
