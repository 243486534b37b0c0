"""Words of reason codes, and results set beside their rows."""

from collections.abc import Mapping
from typing import Any

import polars as pl


def explain(found: pl.DataFrame, topic: str, words: Mapping[str, Any]) -> pl.DataFrame:
    """Add the words of each reason code: `<topic>_reason` and `<topic>_reason_zh`."""
    code = pl.col(f"{topic}_reason_code")
    return found.with_columns(
        code.replace_strict(
            {name: word[language] for name, word in words.items()}, return_dtype=pl.String
        ).alias(f"{topic}_reason{ending}")
        for language, ending in (("en", ""), ("zh", "_zh"))
    )


def beside(rows: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """The rows, with the columns found in place of older ones of the same name."""
    kept = rows.drop(name for name in found.columns if name in rows.columns)
    return pl.concat([kept, found], how="horizontal")
