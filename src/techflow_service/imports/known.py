"""When the world could know a record: the one place where `known_at` gets its default.

A `known_at` given by the user always wins. Otherwise the table's natural date decides:

| table | known at |
|---|---|
| invoice | its date |
| invoice_month | first day of the next month |
| statement | period end plus a filing lag: 120 days, 90 for listed Korean firms |
| patent | grant date; if not granted, 18 months after filing |
| patent_event, adverse_event | event date |
| staff | date of the count |
| funding_round | closing date |
| credential, ownership, project, relationship, branch | start of validity |
| exchange_rate | quote date |
| override, bond_deal | its date |
| institution | period end plus 30 days |
| firm | founding date; else the first date among its other records in the same folder |
| loan, facility, collateral | the import: balance, days past due and value are as of now |

Whatever the rule says, nobody knows a record before it exists and we know it at the latest when
it is loaded: a natural date after the import becomes the moment of the import, and so does a
missing one.

Source:
    Lag of 120 days for unlisted Chinese firms: proposal (annual accounts are due to tax and
    registry offices by the middle of the year; banks ask for them earlier). Lag of 90 days in
    Korea: proposal, after the term for annual reports of listed firms in the Korean Capital
    Markets Act, Art. 159 (unverified). 18 months: publication of applications, Patent Law of
    the PRC, Art. 34 (unverified). Delays of registers are not modelled.
"""

from collections.abc import Mapping
from datetime import datetime

import polars as pl

FILING_LAG_DAYS = 120
KOREAN_FILING_LAG_DAYS = 90
PUBLICATION_MONTHS = 18
WEST_MOST_ZONE_HOURS = 14
"""Somewhere it is already tomorrow."""

_EVENT = pl.col("event_on")
_SINCE = pl.col("since")
NATURAL_DAYS: Mapping[str, pl.Expr] = {
    "firm": pl.col("founded_on"),
    "invoice": pl.col("issued_on"),
    "invoice_month": pl.col("month_on").dt.offset_by("1mo"),
    "statement": pl.col("period_end_on").dt.offset_by(f"{FILING_LAG_DAYS}d"),
    "patent": pl.coalesce(
        pl.col("granted_on"), pl.col("filed_on").dt.offset_by(f"{PUBLICATION_MONTHS}mo")
    ),
    "patent_event": _EVENT,
    "adverse_event": _EVENT,
    "staff": pl.col("counted_on"),
    "funding_round": pl.col("closed_on"),
    "credential": _SINCE,
    "ownership": _SINCE,
    "project": _SINCE,
    "relationship": _SINCE,
    "exchange_rate": pl.col("quoted_on"),
    "override": pl.col("overridden_on"),
    "bond_deal": pl.col("dealt_on"),
    "branch": _SINCE,
    "institution": pl.col("period_end_on").dt.offset_by("30d"),
}
"""Table -> the day its records become known; tables not listed are known at the import."""

BIRTHDAYS: Mapping[str, pl.Expr] = {
    "invoice": pl.col("issued_on"),
    "statement": pl.col("period_end_on"),
    "patent": pl.coalesce("granted_on", "filed_on"),
    "patent_event": _EVENT,
    "adverse_event": _EVENT,
    "staff": pl.col("counted_on"),
    "funding_round": pl.col("closed_on"),
    "exchange_rate": pl.col("quoted_on"),
    "override": pl.col("overridden_on"),
    "bond_deal": pl.col("dealt_on"),
    "institution": pl.col("period_end_on"),
}
"""Table -> the day before which nobody can know the record; a `known_at` before it is refused,
since a replay of that day would see the future."""


def is_known_too_early(table: str) -> pl.Expr:
    """Whether a given `known_at` lies before the record itself, in any time zone.

    Args:
        table: Name of the table.
    """
    birthday = BIRTHDAYS.get(table)
    if birthday is None:
        return pl.lit(value=False)
    day = pl.col("known_at").dt.offset_by(f"{WEST_MOST_ZONE_HOURS}h").dt.date()
    return (day < birthday).fill_null(value=False)


def natural_moment(table: str, *, moment: datetime) -> pl.Expr:
    """The moment a record of the table became known, never after the import.

    Args:
        table: Name of the table; its natural date columns must be in the frame.
        moment: When the import runs, UTC.
    """
    now = pl.lit(moment, dtype=pl.Datetime("us", "UTC"))
    day = NATURAL_DAYS.get(table)
    if day is None:
        return now
    return pl.min_horizontal(day.cast(pl.Datetime("us")).dt.replace_time_zone("UTC"), now)
