"""Results of dated rows as they stood on a day: what was known later is blank and says so."""

from datetime import date

import polars as pl

from techflow.basics import MissingColumn

REASONS = {
    "known_later": ("not known yet on that day", "该日尚不可知"),
    "no_known_date": ("no date on which it was known", "没有可知日期"),
}


def as_known(
    rows: pl.DataFrame, found: pl.DataFrame, *, as_of: date, key: str, known_in: str, prefix: str
) -> pl.DataFrame:
    """Blank the results of rows that were not known on a day, and mark the last one known.

    Args:
        rows: Rows of the file: one for each thing and day on which something became known.
        found: Results beside them, in the same order.
        as_of: The day.
        key: Column that names the thing, such as `firm_id`.
        known_in: Column with the day it became known, `YYYY-MM-DD`.
        prefix: Of the columns `<prefix>_reason_code`, `_reason`, `_reason_zh` and `_latest`.

    Returns:
        The results; `<prefix>_latest` marks the last row of each thing known by then, the later
        of the file if two share a day. Rows without a name are never marked.

    Raises:
        MissingColumn: `key` or `known_in` is not in the file.
    """
    absent = [name for name in (key, known_in) if name not in rows.columns]
    if absent:
        raise MissingColumn(f"--as-of needs {', '.join(absent)}; got {', '.join(rows.columns)}")
    day = rows[known_in].cast(pl.String).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    dated = found.with_columns(_key=rows[key], _on=day).with_row_index("_row_n")
    seen = (pl.col("_on") <= as_of).fill_null(value=False)
    named = dated.filter(seen, pl.col("_key").is_not_null()).sort("_on", "_row_n")
    last = named.group_by("_key").agg(pl.col("_row_n").last())["_row_n"].to_list()
    unseen = pl.when(pl.col("_on").is_null()).then(pl.lit("no_known_date"))
    code = unseen.otherwise(pl.lit("known_later"))
    why = {
        f"{prefix}_reason_code": code,
        f"{prefix}_reason": _words(code, 0),
        f"{prefix}_reason_zh": _words(code, 1),
    }
    return dated.select(
        *(
            pl.when(seen).then(pl.col(name)).otherwise(why.get(name, pl.lit(None))).alias(name)
            for name in found.columns
        ),
        pl.col("_row_n").is_in(last).alias(f"{prefix}_latest"),
    )


def _words(code: pl.Expr, place: int) -> pl.Expr:
    words = {name: both[place] for name, both in REASONS.items()}
    return code.replace_strict(words, return_dtype=pl.String)
