"""Records of one patent brought to one row: what agrees is kept, what contradicts is left open."""

from collections.abc import Sequence

import narwhals.stable.v2 as nw

from techflow.basics import Frame, require_columns

KEY = ("merged_into", "owner_id")


def settle_owners(frame: Frame) -> Frame:
    """Add `owner_id`: the firm of each record, also where the record does not say.

    Args:
        frame: Records with `merged_into` and `firm_id`, both text.

    Returns:
        The rows with `owner_id`: `firm_id`, or the only firm that other records of the patent
        name, else empty; and `owner_filled`, true where it came from other records.

    Raises:
        MissingColumn: A column is absent.

    Source:
        Own rule: a patent may have several owners, so that records of different firms stay apart.

    Examples:
        >>> import polars as pl
        >>> rows = pl.LazyFrame({"merged_into": ["a", "a"], "firm_id": ["own:1", None]})
        >>> settle_owners(nw.from_native(rows)).collect()["owner_id"].to_list()
        ['own:1', 'own:1']
    """
    require_columns(frame, ("merged_into", "firm_id"), needed_by="settle_owners")
    firm = nw.col("firm_id")
    first, last = firm.min().over("merged_into"), firm.max().over("merged_into")
    known = frame.with_columns(first_firm=first, last_firm=last)
    only = nw.when(nw.col("first_firm") == nw.col("last_firm")).then(nw.col("first_firm"))
    filled = firm.is_null() & ~nw.col("only_firm").is_null()
    return (
        known.with_columns(only_firm=only)
        .with_columns(
            owner_id=nw.coalesce(firm, nw.col("only_firm"), nw.lit("")), owner_filled=filled
        )
        .drop("first_firm", "last_firm", "only_firm")
    )


def merge_records(frame: Frame, columns: Sequence[str]) -> Frame:
    """Roll records up to one row for each patent and owner.

    Args:
        frame: Records with `merged_into`, `owner_id` and the columns.
        columns: What the records tell; none of `merged_into`, `owner_id`.

    Returns:
        One row for each `merged_into`, `owner_id`: each column where all records that know it
        agree, null where they contradict each other or none knows it; `records_n`; and
        `conflict_columns`, the names of those that contradict, parted by semicolons, null if none.

    Raises:
        MissingColumn: A column is absent.

    Source:
        Own rule: to choose between two records would be a guess.

    Examples:
        >>> import polars as pl
        >>> rows = pl.LazyFrame({"merged_into": ["a", "a"], "owner_id": ["", ""],
        ...                      "title": ["x", "y"], "ipc": [None, "H01L"]})
        >>> found = merge_records(nw.from_native(rows), ["title", "ipc"]).collect()
        >>> found["ipc"][0], found["title"][0], found["conflict_columns"][0]
        ('H01L', None, 'title')
    """
    require_columns(frame, (*KEY, *columns), needed_by="merge_records")
    ends = {f"{end}_{i}": name for i, name in enumerate(columns) for end in ("low", "high")}
    grouped = frame.group_by(*KEY).agg(
        nw.len().alias("records_n"),
        *(
            (nw.col(name).min() if end.startswith("low") else nw.col(name).max()).alias(end)
            for end, name in ends.items()
        ),
    )
    agree = [nw.col(f"low_{i}") == nw.col(f"high_{i}") for i in range(len(columns))]
    names = [nw.when(~same).then(nw.lit(name)) for same, name in zip(agree, columns, strict=True)]
    listed = nw.concat_str(*names, separator="; ", ignore_nulls=True) if names else nw.lit("")
    return grouped.with_columns(conflict_columns=listed).select(
        *KEY,
        *(
            nw.when(same).then(nw.col(f"low_{i}")).alias(name)
            for i, (same, name) in enumerate(zip(agree, columns, strict=True))
        ),
        "records_n",
        conflict_columns=nw.when(nw.col("conflict_columns") != "").then(nw.col("conflict_columns")),
    )
