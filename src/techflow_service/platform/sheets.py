"""Rows as a file for spreadsheets."""

import csv
import io
from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse

RUNS_A_SHEET = ("=", "+", "-", "@", "\t", "\r")


def csv_file(name: str, head: Iterable[str], rows: Iterable[Iterable[Any]]) -> HttpResponse:
    """Rows as CSV that spreadsheets open as UTF-8 and never run.

    Args:
        name: Name of the file.
        head: Names of the columns.
        rows: Values of each row.
    """
    text = io.StringIO()
    sheet = csv.writer(text)
    sheet.writerow(head)
    sheet.writerows([_cell(value) for value in row] for row in rows)
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _cell(value: Any) -> Any:
    """A spreadsheet must not run what a name says."""
    return f"'{value}" if isinstance(value, str) and value.startswith(RUNS_A_SHEET) else value
