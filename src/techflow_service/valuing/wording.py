"""Content files of the models, words of reason codes, and results set beside their rows."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import polars as pl


def read_content(name: str) -> dict[str, Any]:
    """A content file of the models."""
    return tomllib.loads((files("techflow_content.models") / name).read_text("utf8"))


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
