"""Writing the rows: CSV or XLSX, the same bytes for the same books, no text that runs."""

import csv
import io
import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import xlsxwriter

from techflow.basics import InvalidInput
from techflow.pool import STATES
from techflow_service.filing.columns import Form

RISKY = re.compile(r"\s*[=+\-@＝＋－＠\t\r\n]")
"""Text that begins so may be run as a formula."""
TOTAL = {"zh": "合计", "en": "Total"}
MADE_AT = datetime(2000, 1, 1)
"""In every workbook, so that the same rows are the same bytes."""
YUAN, SHARE, DAY = "#,##0.00", "0.00####%", "yyyy-mm-dd"


def write_list(form: Form, rows: list[dict[str, Any]], out: Path, lang: str, kind: str) -> None:
    """Write the file.

    Args:
        form: The columns.
        rows: Rows with the fields of the form.
        out: The file to write.
        lang: `zh` or `en`.
        kind: `csv` or `xlsx`.

    Raises:
        InvalidInput: It cannot be written.
    """
    table = table_of(form, rows, lang)
    title = form.zh if lang == "zh" else form.en
    content = csv_bytes(table) if kind == "csv" else xlsx_bytes(table, title)
    try:
        out.write_bytes(content)
    except OSError as error:
        raise InvalidInput(f"{out} cannot be written ({error}); name another with --out") from error


def told_sums(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Sums of all money of the rows, in fen.

    Args:
        rows: The rows.
    """
    names = [name for name in rows[0] if name.endswith("_fen")] if rows else []
    return {name: sum(row[name] for row in rows) for name in names}


def table_of(form: Form, rows: list[dict[str, Any]], lang: str) -> list[list[Any]]:
    """Header, rows and the row of totals; money as yuan with two decimals.

    Args:
        form: The columns.
        rows: Rows with the fields of the form.
        lang: `zh` or `en`.
    """
    table = [[getattr(each, lang) for each in form.columns]]
    table += [
        [_cell(each.field, row.get(each.field), lang) for each in form.columns] for row in rows
    ]
    total = [
        _yuan(sum(row[each.field] for row in rows)) if each.field.endswith("_fen") else None
        for each in form.columns
    ]
    if isinstance(total[0], Decimal):
        return [*table, total]
    return [*table, [TOTAL[lang], *total[1:]]]


def csv_bytes(table: Iterable[list[Any]]) -> bytes:
    """UTF-8 with the mark that spreadsheets look for; text that could run has a `'` before it.

    Args:
        table: Rows of cells.
    """
    content = io.StringIO()
    csv.writer(content, lineterminator="\r\n").writerows(map(_plain, table))
    return content.getvalue().encode("utf-8-sig")


def xlsx_bytes(table: list[list[Any]], title: str) -> bytes:
    """A workbook of one sheet; text is kept as text and never run.

    Args:
        table: Header, rows and totals.
        title: Title of the document.
    """
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"title": title, "created": MADE_AT})
    sheet = book.add_worksheet("list")
    yuan, share, day = (book.add_format({"num_format": text}) for text in (YUAN, SHARE, DAY))
    bold = book.add_format({"bold": True, "text_wrap": True})
    for place, row in enumerate(table):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(place, column, cell, None if place else bold)
            elif isinstance(cell, date):
                sheet.write_datetime(place, column, datetime(cell.year, cell.month, cell.day), day)
            elif isinstance(cell, Decimal | Fraction):
                kind = yuan if isinstance(cell, Decimal) else share
                sheet.write_number(place, column, float(cell), kind)
            elif cell is not None:
                sheet.write_number(place, column, cell)
    sheet.freeze_panes(1, 0)
    sheet.autofit()
    book.close()
    return content.getvalue()


def _cell(field: str, value: Any, lang: str) -> Any:
    if value is None:
        return None
    if field.endswith("_fen"):
        return _yuan(value)
    if field == "rate_share":
        return Fraction(value)
    if field == "state":
        return STATES[value][lang == "en"] if value in STATES else value
    return value


def _yuan(fen: int) -> Decimal:
    return Decimal(fen).scaleb(-2).quantize(Decimal("0.01"))


def _plain(row: list[Any]) -> list[Any]:
    return ["" if cell is None else _text(cell) for cell in row]


def _text(cell: Any) -> str:
    if isinstance(cell, Fraction):
        return f"{float(cell):.6%}".rstrip("%").rstrip("0").rstrip(".") + "%"
    if isinstance(cell, str) and RISKY.match(cell):
        return f"'{cell}"
    return str(cell)
