"""What was known on a past day: the visible version of each record."""

from datetime import UTC, date, datetime, time, timedelta

import narwhals.stable.v2 as nw

from techflow.basics import Frame, InvalidInput, require_columns

VERSION_ORDER = ("known_at", "loaded_at", "source_id", "source_row_n")
"""Versions of one record, oldest first; the last one wins. Nulls rank first."""


def as_of(
    records: Frame, *, key: tuple[str, ...], as_of: date, loaded_by: datetime | None = None
) -> Frame:
    """The records as they could be known at the end of a day, one row per key.

    A version is visible if the world could know it (`known_at` before the end of the day, UTC)
    and, in a replay, if it was loaded by then. Of the visible versions of a record the one with
    the greatest (known_at, loaded_at, source_id, source_row_n) wins. Records loaded after
    `loaded_by` therefore never change a replay.

    Args:
        records: Stored rows: the key and the evidence columns, any others.
        key: Columns that identify one record (`TABLES[name].key`); null is a value like others.
        as_of: The last day whose knowledge counts.
        loaded_by: For a replay: last moment of loading that counts, inclusive, with zone.
            None counts everything loaded.

    Returns:
        The winning rows, all columns unchanged. Row order means nothing.

    Raises:
        InvalidInput: `key` is empty or `loaded_by` has no zone.
        MissingColumn: A key or evidence column is absent.

    Examples:
        >>> at = lambda day: datetime(2024, 1, day, tzinfo=UTC)
        >>> rows = {"firm_id": ["a", "a"], "staff_n": [7, 8], "known_at": [at(1), at(5)]}
        >>> more = {"loaded_at": [at(9)] * 2, "source_id": ["s"] * 2, "source_row_n": [1, 2]}
        >>> records = nw.from_dict(rows | more, backend="polars").lazy()
        >>> as_of(records, key=("firm_id",), as_of=date(2024, 1, 4)).collect()["staff_n"].to_list()
        [7]
    """
    if not key:
        raise InvalidInput("key must name at least one column; got none")
    require_columns(records, (*key, *VERSION_ORDER), needed_by="as_of")
    return _latest(_visible(records, as_of, loaded_by), key)


def _visible(records: Frame, as_of: date, loaded_by: datetime | None) -> Frame:
    day_end = datetime.combine(as_of + timedelta(days=1), time(), tzinfo=UTC)
    known = records.filter(nw.col("known_at") < nw.lit(day_end))
    if loaded_by is None:
        return known
    if loaded_by.tzinfo is None:
        raise InvalidInput(f"loaded_by must carry a zone, such as +00:00; got {loaded_by}")
    return known.filter(nw.col("loaded_at") <= nw.lit(loaded_by.astimezone(UTC)))


def _latest(versions: Frame, key: tuple[str, ...]) -> Frame:
    # Few records have a second version, so only those are sorted: on 12 million months of
    # invoices a sort of all rows takes 12 to 23 s, this 3 to 5 s.
    counted = versions.with_columns(_versions_n=nw.len().over(*key))
    single = counted.filter(nw.col("_versions_n") == 1)
    several = counted.filter(nw.col("_versions_n") > 1)
    winners = several.unique(list(key), keep="last", order_by=list(VERSION_ORDER))
    return nw.concat([single, winners]).drop("_versions_n")
