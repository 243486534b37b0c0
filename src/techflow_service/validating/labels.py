"""Outcomes in a file of rows: where they stand, and whether they are there."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from techflow.basics import InvalidInput
from techflow.credit import Card, TreeCard
from techflow_service.rawsets import find_set, read_layout

EVENT = "event"


def read_labels(
    rows: pl.DataFrame, card: Card | TreeCard
) -> tuple[pl.Series, pl.Series, list[str]]:
    """Outcome, period and firm of each row.

    Raises:
        InvalidInput: There is no label.
    """
    if isinstance(card, TreeCard) and EVENT not in rows.columns:
        layout = find_set(card.sample)
        try:
            found = rows.select(event=layout.outcome, period=layout.period)
        except pl.exceptions.ColumnNotFoundError as error:
            raise InvalidInput(f"the file has no label column of {layout.id} ({error})") from error
        return found["event"], found["period"], read_layout(rows, layout)["firm_id"].to_list()
    if EVENT not in rows.columns:
        raise InvalidInput(f"the file has no column {EVENT} (1 event, 0 none); validation needs it")
    none = pl.Series([None], dtype=pl.Int64).new_from_index(0, rows.height)
    own = rows["firm_id"] if "firm_id" in rows.columns else pl.Series(range(rows.height))
    return rows[EVENT].cast(pl.Float64, strict=False), none, own.cast(pl.String).to_list()


def has_labels(rows: pl.DataFrame, card: Card | TreeCard) -> bool:
    """Whether `read_labels` would find outcomes."""
    if EVENT in rows.columns or not isinstance(card, TreeCard):
        return EVENT in rows.columns
    layout = find_set(card.sample)
    wanted = {*layout.outcome.meta.root_names(), *layout.period.meta.root_names()}
    return wanted <= set(rows.columns)


def label_columns(card: Card | TreeCard) -> set[str]:
    """Columns of the outcome, which are no inputs."""
    if not isinstance(card, TreeCard):
        return {EVENT}
    roots: Mapping[str, Any] = dict.fromkeys(find_set(card.sample).outcome.meta.root_names(), 0)
    return {EVENT, *roots} - {"company_name", "year"}
