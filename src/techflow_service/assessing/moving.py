"""What moved between two assessments, firm by firm, and which features moved it."""

import polars as pl

WATCHED = ("verdict", "grade", "pd", "limit_lcy", "rate_pa")
"""Columns a lender would ask about; first those that say most."""
PART = "part_"
WHY_N = 3
STATUSES = {
    "moved": ("变动", "moved"),
    "added": ("新增", "added"),
    "removed": ("移除", "removed"),
}


def move_firms(before: pl.LazyFrame, after: pl.LazyFrame) -> pl.LazyFrame:
    """Firms whose verdict, grade, PD, limit or rate differs, or that only one side has.

    Args:
        before: Rows of the table `assessment`.
        after: The same of a later or other run.

    Returns:
        One row per such firm: `firm_id`, `status` (a key of `STATUSES`), `name`, and for each
        column of `WATCHED` its value under `<column>_before` and `<column>_after`; also
        `card_id`, `card_hash`, `evidence_on`.
    """
    kept = [*WATCHED, "name", "card_id", "card_hash", "evidence_on"]
    sides = (before.select("firm_id", *kept), after.select("firm_id", *kept))
    old, new = (
        side.rename({name: f"{name}_{word}" for name in kept}).with_columns(
            pl.lit(True).alias(word)
        )
        for side, word in zip(sides, ("before", "after"), strict=True)
    )
    both = old.join(new, on="firm_id", how="full", coalesce=True)
    differs = pl.any_horizontal(
        pl.col(f"{name}_before").ne_missing(pl.col(f"{name}_after")) for name in WATCHED
    )
    status = (
        pl.when(pl.col("before").is_null())
        .then(pl.lit("added"))
        .when(pl.col("after").is_null())
        .then(pl.lit("removed"))
        .otherwise(pl.lit("moved"))
    )
    return (
        both.filter(differs | pl.col("before").is_null() | pl.col("after").is_null())
        .with_columns(status=status, name=pl.coalesce("name_after", "name_before"))
        .drop("before", "after", "name_before", "name_after")
    )


def explain_moves(moved: pl.DataFrame, before: pl.LazyFrame, after: pl.LazyFrame) -> pl.DataFrame:
    """The features whose contributions changed most, for firms that one card graded twice.

    Args:
        moved: Result of `move_firms`, collected.
        before: Rows of `profile.parquet` of the first run.
        after: The same of the second.

    Returns:
        Long rows, largest change first within a firm, at most `WHY_N` each: `firm_id`,
        `feature`, `part_before`, `part_after`, `value_before`, `value_after`.
    """
    same_card = pl.col("card_id_before") == pl.col("card_id_after")
    ids = moved.lazy().filter(same_card).select("firm_id")
    old, new = (_long(side.join(ids, on="firm_id", how="semi")) for side in (before, after))
    both = old.join(new, on=["firm_id", "feature"], suffix="_after")
    both = both.rename({"part": "part_before", "value": "value_before"})
    change = (pl.col("part_after") - pl.col("part_before")).abs()
    ranked = both.filter(change > 0).sort([pl.col("firm_id"), -change, pl.col("feature")])
    return ranked.group_by("firm_id", maintain_order=True).head(WHY_N).collect()


def _long(profiles: pl.LazyFrame) -> pl.LazyFrame:
    """One row per firm and contribution, with the value of the feature."""
    names = profiles.collect_schema().names()
    features = [name.removeprefix(PART) for name in names if name.startswith(PART)]
    parts = profiles.unpivot(
        [f"{PART}{name}" for name in features],
        index="firm_id",
        variable_name="feature",
        value_name="part",
    )
    values = profiles.select("firm_id", pl.col(features).cast(pl.Float64)).unpivot(
        features, index="firm_id", variable_name="feature", value_name="value"
    )
    plain = parts.with_columns(pl.col("feature").str.strip_prefix(PART)).drop_nulls("part")
    return plain.join(values, on=["firm_id", "feature"])


def list_changes(moved: pl.DataFrame) -> pl.DataFrame:
    """The moves as one row per firm and column.

    Args:
        moved: Result of `move_firms`, collected.

    Returns:
        `firm_id`, `status`, `column`, `before`, `after` (text; null where there is none), by
        firm, in the order of `WATCHED`.
    """
    text = [
        moved.select(
            "firm_id",
            "status",
            pl.lit(rank).alias("rank"),
            pl.lit(name).alias("column"),
            pl.col(f"{name}_before").cast(pl.String).alias("before"),
            pl.col(f"{name}_after").cast(pl.String).alias("after"),
        )
        for rank, name in enumerate(WATCHED)
    ]
    rows = pl.concat(text).filter(pl.col("before").ne_missing(pl.col("after")))
    return rows.sort("firm_id", "rank").drop("rank")
