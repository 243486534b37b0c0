"""An Excel workbook as a table of text."""

import fastexcel
import polars as pl

from techflow.basics import InvalidInput
from techflow_service.imports.headers import check_headers
from techflow_service.imports.judge import EXTRA_CELLS


def read_workbook(content: bytes, name: str) -> pl.DataFrame:
    """The one filled sheet, all cells as text; cells formatted as dates come as ISO text.

    Args:
        content: Bytes of the file.
        name: File name, for messages.

    Raises:
        InvalidInput: Not a workbook, several filled sheets, or a wrong header row.
    """
    try:
        book = fastexcel.read_excel(content)
        sheet, *others = [
            book.load_sheet(place, header_row=None, dtypes="string").to_polars()
            for place in range(len(book.sheet_names))
        ]
    except fastexcel.FastExcelError as error:
        cause = str(error).splitlines()[0]
        raise InvalidInput(f"{name} is not a readable XLSX workbook: {cause}") from error
    if any(other.height for other in others):
        raise InvalidInput(f"{name} has several filled sheets; keep only the one with the table")
    headers = [cell or "" for cell in sheet.row(0)] if sheet.height else []
    while headers and not headers[-1].strip():
        headers.pop()
    check_headers(headers, name)
    names = dict(zip(sheet.columns, headers, strict=False))
    rows = sheet[1:].select(list(names)).rename(names)
    return rows.with_columns(_join_extra(sheet[1:].drop(list(names))))


def _join_extra(extra: pl.DataFrame) -> list[pl.Series]:
    """Cells to the right of the last header, joined; nothing if there are none."""
    if not extra.width:
        return []
    joined = extra.select(pl.concat_str(pl.all(), separator=",", ignore_nulls=True)).to_series()
    joined = joined.set(joined == "", None)
    return [joined.alias(EXTRA_CELLS)] if joined.count() else []
