"""Files of the pledge register: events, patents and loans in; three tables out."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import polars as pl

from techflow.basics import InvalidInput, MissingColumn
from techflow.patents.pledge_cover import active_pledges, loan_cover
from techflow.patents.pledge_register import judge_pledge_events, patent_values
from techflow.schema.pledges import LOAN_PLEDGE, PLEDGE, PLEDGE_EVENT, REASONS
from techflow_service.scoring import write_rows

TEXT, NUMBER, DAY, WHOLE, YES_NO = pl.String, pl.Float64, pl.Date, pl.Int64, pl.Boolean
IDS = dict.fromkeys(PLEDGE.key, TEXT)
EVENTS = {**IDS, "pledge_event": TEXT, "event_on": DAY, "rank_n": WHOLE, "secured_cny": NUMBER}
PATENTS = {
    "patent_id": TEXT,
    "value_cny": NUMBER,
    "valued_on": DAY,
    "term_ends_on": DAY,
    "in_force": YES_NO,
}
LOANS = {"loan_id": TEXT, "outstanding_cny": NUMBER, "due_on": DAY}
OPTIONAL = ("rank_n", "secured_cny")
MEDIAN = "value_median_cny"


class Register(NamedTuple):
    """State of the register on a day."""

    events: pl.DataFrame
    """Every event as given, `event_reason_code` and its words where it is set aside."""
    pledges: pl.DataFrame
    """Pledges that stand, by patent and place."""
    loans: pl.DataFrame
    """Cover and shortfall of each loan."""


def read_register(
    events: pl.DataFrame, patents: pl.DataFrame, loans: pl.DataFrame, *, as_of: date
) -> Register:
    """Work out the register on a day.

    Args:
        events: Columns of the table `pledge_event`; rank_n and secured_cny where stated.
        patents: `patent_id`, `value_cny` (or `value_median_cny`), `term_ends_on`, `in_force`;
            `valued_on` where valued more than once.
        loans: `loan_id`, `outstanding_cny`, `due_on`.
        as_of: The day.

    Raises:
        MissingColumn: A column is not there.
        InvalidInput: A cell is not of its type, or a loan stands twice.
    """
    happened = _typed(events, EVENTS, "events", OPTIONAL)
    worth = _typed(_name_value(patents, as_of), PATENTS, "patents")
    lent = _typed(loans, LOANS, "loans")
    twice = lent.filter(pl.col("loan_id").is_duplicated())["loan_id"].to_list()
    if twice:
        raise InvalidInput(f"loans: loan_id {twice[0]} stands twice; give each loan one row")
    framed = [nw.from_native(rows.lazy()) for rows in (happened, worth, lent)]
    judged = judge_pledge_events(framed[0], framed[1], as_of=as_of)
    pledges = active_pledges(judged, patent_values(framed[1], as_of=as_of), framed[2])
    cover = loan_cover(pledges, framed[2])
    return Register(
        _explain(_collect(judged).select(PLEDGE_EVENT.names)),
        _collect(pledges).select(PLEDGE.names).sort("patent_id", "place_n", *PLEDGE.key),
        _collect(cover).select(LOAN_PLEDGE.names).sort("loan_id"),
    )


def write_register(found: Register, out: Path) -> None:
    """Write `events`, `pledges` and `loans` as Parquet to a folder."""
    for name, rows in found._asdict().items():
        write_rows(rows, out / f"{name}.parquet")


def _collect(frame: Any) -> pl.DataFrame:
    found: pl.DataFrame = frame.to_native().collect()
    return found


def _explain(judged: pl.DataFrame) -> pl.DataFrame:
    code = pl.col("event_reason_code")
    return judged.with_columns(
        code.replace_strict({k: v[i] for k, v in REASONS.items()}, return_dtype=pl.String).alias(n)
        for i, n in ((1, "event_reason"), (0, "event_reason_zh"))
    )


def _name_value(patents: pl.DataFrame, as_of: date) -> pl.DataFrame:
    if "value_cny" not in patents.columns and MEDIAN in patents.columns:
        patents = patents.rename({MEDIAN: "value_cny"})
    if "valued_on" not in patents.columns:
        patents = patents.with_columns(valued_on=pl.lit(as_of))
    return patents


def _typed(
    rows: pl.DataFrame, kinds: dict[str, Any], what: str, optional: Sequence[str] = ()
) -> pl.DataFrame:
    """The columns of a file in their types; an empty cell is null, an unreadable one an error."""
    missing = [name for name in kinds if name not in (*rows.columns, *optional)]
    if missing:
        raise MissingColumn(
            f"patents register: {what} lacks {', '.join(missing)}; it has "
            f"{', '.join(rows.columns)}; add the columns"
        )
    typed = rows.select(
        _read(rows, name, kind) if name in rows.columns else pl.lit(None, kind).alias(name)
        for name, kind in kinds.items()
    )
    for name in kinds:
        if name in rows.columns:
            given = _stripped(rows, name)
            lost = given.filter(given.is_not_null() & typed[name].is_null())
            if not lost.is_empty():
                raise InvalidInput(
                    f"{what}: {name} must be {_says(kinds[name])} or empty; got {lost[0]}"
                )
    return typed


def _stripped(rows: pl.DataFrame, name: str) -> pl.Series:
    column = rows[name].cast(pl.String).str.strip_chars()
    return rows.select(pl.when(column != "").then(column))[:, 0]


def _read(rows: pl.DataFrame, name: str, kind: Any) -> pl.Series:
    if rows[name].dtype == kind:
        return rows[name]
    cells = _stripped(rows, name)
    if kind == YES_NO:
        words = {"true": True, "false": False}
        return (
            cells.str.to_lowercase()
            .replace_strict(words, default=None, return_dtype=kind)
            .alias(name)
        )
    if kind == DAY:
        return cells.str.to_date("%Y-%m-%d", strict=False).alias(name)
    if kind == WHOLE:
        number = cells.cast(NUMBER, strict=False)
        return (
            pl.select(pl.when(number == number.floor()).then(number.cast(kind)))
            .to_series()
            .alias(name)
        )
    return cells.cast(kind, strict=False).alias(name)


def _says(kind: Any) -> str:
    words = {DAY: "a day like 2026-06-30", YES_NO: "true or false", WHOLE: "a whole number"}
    return words.get(kind, "a number")
