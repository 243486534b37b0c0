"""Annual accounts of listed Korean firms: raw rows as the table `statement`.

Amounts stay in the currency of the row. The financial year is taken to be the calendar year,
which holds for most but not all Korean firms; the raw rows do not say.
"""

import polars as pl

from techflow.schema import TABLES
from techflow_service.imports.columns import POLARS_TYPES

MONEY = (
    "capital_stock",
    "current_assets",
    "current_liabilities",
    "net_income",
    "noncurrent_assets",
    "noncurrent_liabilities",
    "operating_income",
    "pretax_income",
    "retained_earnings",
    "revenue",
    "total_assets",
    "total_equity",
    "total_liabilities",
)
"""Raw items; the table's columns have the same names with `_lcy`."""
NEEDED = ("stock_code", "year", "basis", "currency")
STOCK_CODE_LENGTH = 6


def korea_texts(raw: pl.DataFrame) -> pl.DataFrame:
    """Raw rows of accounts as text columns of `statement`; same rows, same order.

    Args:
        raw: Columns `NEEDED` and any of `MONEY`, text or numbers; others are not read. A stock
            code that lost its leading zeros gets them back.
    """
    code = _text("stock_code").str.zfill(STOCK_CODE_LENGTH)
    return raw.select(
        *(_text(name).alias(f"{name}_lcy") for name in MONEY if name in raw.columns),
        firm_id="kr.stock:" + code,
        period_end_on=_text("year").str.replace(r"\.0$", "") + "-12-31",
        basis=_text("basis"),
        months_n=pl.lit("12"),
        currency=_text("currency"),
    )


def korea_statements(raw: pl.DataFrame) -> pl.DataFrame:
    """Raw rows of accounts as typed rows of `statement`: one row out per row in, same order.

    A cell that cannot be read, or a column that is not there, becomes null; no row is dropped
    and nothing else is judged. For scoring files as they are; `import korea` is strict instead.

    Args:
        raw: Rows in the layout of `firm_year_2015_2019.csv.gz`: `stock_code` (text, or a number
            that lost its zeros), `year`, `basis`, `currency` and the items of `MONEY`, as text
            or numbers. Any column may be missing; extra columns, such as labels, are ignored.

    Returns:
        The columns of table `statement` without the evidence columns.

    Examples:
        >>> raw = pl.DataFrame({"stock_code": ["005930"], "year": [2019], "revenue": ["1e3"]})
        >>> korea_statements(raw).select("firm_id", "period_end_on", "revenue_lcy").row(0)
        ('kr.stock:005930', datetime.date(2019, 12, 31), 1000.0)
    """
    absent = [pl.lit(None, pl.String).alias(name) for name in NEEDED if name not in raw.columns]
    texts = korea_texts(raw.with_columns(absent))
    columns = TABLES["statement"].columns
    return texts.select(
        _value(column.name, column.kind)
        if column.name in texts.columns
        else pl.lit(None, POLARS_TYPES[column.kind]).alias(column.name)
        for column in columns
        if column.name not in ("source_id", "source_row_n", "known_at", "loaded_at")
    )


def _text(name: str) -> pl.Expr:
    stripped = pl.col(name).cast(pl.String).str.strip_chars()
    return pl.when(stripped != "").then(stripped)


def _value(name: str, kind: str) -> pl.Expr:
    if kind == "date":
        return pl.col(name).str.to_date("%Y-%m-%d", strict=False)
    value = pl.col(name).cast(POLARS_TYPES[kind], strict=False)
    return pl.when(value.is_finite()).then(value) if kind == "float" else value
