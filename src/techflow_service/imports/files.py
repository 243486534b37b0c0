"""Files of others as tables of text: CSV (UTF-8, UTF-16, GB18030), XLSX, Parquet."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import fastexcel
import polars as pl
from polars.exceptions import PolarsError

from techflow.basics import InvalidInput
from techflow_service.imports.batch import fingerprint
from techflow_service.imports.judge import EXTRA_CELLS

ENDINGS = (".csv", ".xlsx", ".parquet")
GZIP_MAGIC = b"\x1f\x8b"
_CELL_LIMIT = 2**31 - 1


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file read as text.

    Attributes:
        name: File name.
        sha256: Fingerprint of its bytes.
        rows: Text columns named by the headers as found, plus `source_row_n`. Rows without
            any content are not rows, but they are counted in the numbering.
        serials: True if bare numbers may be dates, as in a workbook.
    """

    name: str
    sha256: str
    rows: pl.DataFrame
    serials: bool = False


def read_bytes(path: Path) -> bytes:
    """The content of a file that must not be empty.

    Raises:
        InvalidInput: The file is missing, is a folder or holds nothing.
    """
    if not path.is_file():
        raise InvalidInput(f"the file {path} does not exist; check the path")
    content = path.read_bytes()
    if not content.strip():
        raise InvalidInput(f"{path.name} is empty; delete it, or fill it below a header row")
    return content


def read_file(path: Path) -> TextFile:
    """Read a CSV, XLSX or Parquet file as text.

    Args:
        path: The file; its ending decides.

    Raises:
        InvalidInput: Missing, empty, unreadable, of another kind, or with a wrong header.
    """
    content = read_bytes(path)
    ending = path.suffix.lower()
    if ending == ".csv":
        rows = read_csv_text(decode(content, path.name), path.name)
    elif ending == ".xlsx":
        rows = _read_workbook(content, path.name)
    elif ending == ".parquet":
        rows = _read_parquet(content, path.name)
    else:
        raise InvalidInput(f"{path.name}: expected a file ending in {', '.join(ENDINGS)}")
    return TextFile(path.name, fingerprint(content), number_rows(rows), ending == ".xlsx")


def read_csv_fast(path: Path, columns: tuple[str, ...]) -> TextFile:
    """Read a CSV of known layout, plain or gzipped, in UTF-8.

    Args:
        path: The file.
        columns: Headers it must have; others are kept too.

    Raises:
        InvalidInput: Missing, empty, not readable as CSV, or without one of the columns.
    """
    content = read_bytes(path)
    try:
        rows = pl.read_csv(content, infer_schema=False)
    except PolarsError as error:
        cause = str(error).splitlines()[0]
        raise InvalidInput(f"{path.name} is not a CSV file in UTF-8: {cause}") from error
    absent = [name for name in columns if name not in rows.columns]
    if absent:
        raise InvalidInput(
            f"{path.name}: the column {', '.join(absent)} is missing; "
            f"found {', '.join(rows.columns)}; bring the original header back"
        )
    return TextFile(path.name, fingerprint(content), number_rows(rows))


def number_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Add `source_row_n` from 1, then leave out rows without content.

    Args:
        rows: Text columns only.
    """
    numbered = rows.with_row_index("source_row_n", 1)
    texts = [pl.col(name).str.strip_chars() != "" for name in rows.columns]
    return numbered.filter(pl.any_horizontal(texts)) if texts else numbered.clear()


def decode(content: bytes, name: str) -> str:
    """Text of a file in UTF-8 (with or without mark), UTF-16 with mark, or GB18030.

    Args:
        content: Bytes of the file.
        name: File name, for the message.

    Raises:
        InvalidInput: None of these encodings.

    Examples:
        >>> decode("企业".encode("gb18030"), "firm.csv")
        '企业'
    """
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
    raise InvalidInput(
        f"{name}: line {line} is neither UTF-8 nor GB18030 text; "
        "save the file as 'CSV UTF-8' and import it again"
    )


def read_csv_text(text: str, name: str) -> pl.DataFrame:
    """Rows of a CSV text; cells beyond the last header go to the column `EXTRA_CELLS`.

    Args:
        text: The whole file.
        name: File name, for messages.

    Raises:
        InvalidInput: The header row repeats a name or leaves one out.
    """
    csv.field_size_limit(_CELL_LIMIT)
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        headers = next(reader, [])
        _check_headers(headers, name)
        width = len(headers)
        body = [_fit(cells, width) for cells in reader]
    except csv.Error as error:
        raise InvalidInput(f"{name}: line {reader.line_num} is not CSV: {error}") from error
    columns = [*headers, EXTRA_CELLS]
    cells = zip(*body, strict=True) if body else ((),) * len(columns)
    rows = pl.DataFrame([pl.Series(c, v, pl.String) for c, v in zip(columns, cells, strict=True)])
    return rows if rows[EXTRA_CELLS].count() else rows.drop(EXTRA_CELLS)


def _fit(cells: list[str], width: int) -> list[str | None]:
    extra = [cell for cell in cells[width:] if cell.strip()]
    padding = [None] * (width - len(cells))
    return [*cells[:width], *padding, ",".join(extra) if extra else None]


def _check_headers(headers: list[str], name: str) -> None:
    names = [header.strip() for header in headers]
    if not any(names):
        raise InvalidInput(f"{name}: the first row is empty; it must hold the column names")
    if "" in names:
        place = names.index("") + 1
        raise InvalidInput(f"{name}: column {place} has no name in the first row; name it")
    twice = sorted({item for item in names if names.count(item) > 1})
    if twice:
        raise InvalidInput(f"{name}: the column {', '.join(twice)} occurs twice; keep one")


def _read_workbook(content: bytes, name: str) -> pl.DataFrame:
    """The first sheet, all cells as text; dates come as ISO text."""
    try:
        book = fastexcel.read_excel(content)
        sheet = book.load_sheet(0, header_row=None, dtypes="string").to_polars()
    except fastexcel.FastExcelError as error:
        cause = str(error).splitlines()[0]
        raise InvalidInput(f"{name} is not a readable XLSX workbook: {cause}") from error
    headers = [cell or "" for cell in sheet.row(0)] if sheet.height else []
    while headers and not headers[-1].strip():
        headers.pop()
    _check_headers(headers, name)
    body = sheet[1:]
    extra = body.select(body.columns[len(headers) :])
    rows = body.select(body.columns[: len(headers)]).rename(dict(zip(body.columns, headers)))  # noqa: B905
    joined = extra.select(pl.concat_str(pl.all(), separator=",", ignore_nulls=True))
    if extra.width and (joined.to_series() != "").any():
        rows = rows.with_columns(joined.to_series().replace("", None).alias(EXTRA_CELLS))
    return rows


def _read_parquet(content: bytes, name: str) -> pl.DataFrame:
    try:
        rows = pl.read_parquet(content)
        nested = [column for column, kind in rows.schema.items() if kind.is_nested()]
        if nested:
            raise InvalidInput(f"{name}: the column {nested[0]} holds lists or records; flatten it")
        return rows.select(pl.all().cast(pl.String))
    except PolarsError as error:
        cause = str(error).splitlines()[0]
        raise InvalidInput(f"{name} is not a readable Parquet file: {cause}") from error
