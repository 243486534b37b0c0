"""The layout of a raw set, and reading rows by it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from techflow.basics import Frame, InvalidInput

ROW = "file_row_n"


@dataclass(frozen=True, slots=True)
class RawSet:
    """A published set of rows.

    Attributes:
        id: Named by `sample` in a recipe.
        numbers: Raw column -> number column of the library.
        texts: Raw column -> text column of the library.
        firm: Raw column that names the firm; rows without a name are firms of their own.
        constants: Columns that are the same in every row.
        features: Adds the features; one row out per row in.
        outcome: From the raw rows, 1.0 event, 0.0 none, null unlabelled.
        period: From the raw rows, an integer that rises in time (such as the year); null if
            the set has no time.
    """

    id: str
    numbers: Mapping[str, str]
    texts: Mapping[str, str]
    firm: str | None
    constants: Mapping[str, str]
    features: Callable[[Frame], Frame]
    outcome: pl.Expr
    period: pl.Expr


def read_layout(raw: pl.DataFrame, layout: RawSet) -> pl.DataFrame:
    """Raw rows as typed columns: one row out per row in, same order.

    A cell that cannot be read becomes null. Labels are not looked at.

    Args:
        raw: Columns as in the source, text or numbers; extra columns are ignored.
        layout: The layout.

    Returns:
        `file_row_n`, `firm_id`, and the columns the layout names.

    Raises:
        InvalidInput: A raw column is missing.
    """
    wanted = [*layout.numbers, *layout.texts, *([layout.firm] if layout.firm else [])]
    absent = [name for name in wanted if name not in raw.columns]
    if absent:
        raise InvalidInput(
            f"the file lacks {', '.join(absent)}; raw rows of {layout.id} have "
            f"{', '.join(wanted)}; got {', '.join(raw.columns)}"
        )
    numbered = raw.with_row_index(ROW)
    own = pl.format("row {}", pl.col(ROW))
    name = _text(layout.firm) if layout.firm else pl.lit(None, pl.String)
    return numbered.select(
        pl.col(ROW).cast(pl.Int64),
        firm_id=pl.coalesce(name, own),
        **{column: _number(source) for source, column in layout.numbers.items()},
        **{column: _text(source) for source, column in layout.texts.items()},
        **{column: pl.lit(value) for column, value in layout.constants.items()},
    )


def _text(name: str) -> pl.Expr:
    text = pl.col(name).cast(pl.String).str.strip_chars()
    return pl.when(~text.is_in(["", "?", "NA", "nan"])).then(text)


def _number(name: str) -> pl.Expr:
    number = pl.col(name).cast(pl.String).str.replace_all(r"[$,\s]", "")
    return number.cast(pl.Float64, strict=False)
