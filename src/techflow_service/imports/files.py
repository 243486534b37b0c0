"""Files of others as tables of text: CSV (UTF-8, UTF-16, GB18030), XLSX, Parquet."""

import csv
import io
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import polars as pl
from polars.exceptions import PanicException, PolarsError

from techflow.basics import InvalidInput
from techflow_service.imports.batch import sha256_of
from techflow_service.imports.headers import check_headers
from techflow_service.imports.judge import EXTRA_CELLS
from techflow_service.imports.workbook import read_workbook

CHUNK_ROWS = 50_000
ENDINGS = (".csv", ".xlsx", ".parquet")
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
        rows = read_workbook(content, path.name)
    elif ending == ".parquet":
        rows = _read_parquet(content, path.name)
    else:
        raise InvalidInput(f"{path.name}: expected a file ending in {', '.join(ENDINGS)}")
    return TextFile(path.name, sha256_of(content), number_rows(rows), ending == ".xlsx")


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
    return TextFile(path.name, sha256_of(content), number_rows(rows))


def number_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Add `source_row_n` from 1, then leave out rows without content.

    Args:
        rows: Text columns only.
    """
    numbered = rows.drop("source_row_n", strict=False).with_row_index("source_row_n", 1)
    names = numbered.columns[1:]
    filled = [(pl.col(name).str.strip_chars() != "").fill_null(value=False) for name in names]
    # The first look spares a pass over all cells of a tidy file.
    tidy = not names or numbered.select(filled[0].all()).item()
    return numbered if tidy else numbered.filter(pl.any_horizontal(filled))


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
        InvalidInput: The header row repeats a name or leaves one out, or a cell is endless.
    """
    csv.field_size_limit(_CELL_LIMIT)
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        headers = next(reader, [])
        check_headers(headers, name)
        _refuse_other_separators(headers, name)
        if (rows := _split_plain(text, headers)) is not None:
            return rows
        columns = [*headers, EXTRA_CELLS]
        chunks = [_to_frame([], columns)]
        while body := [_fit(cells, len(headers)) for cells in islice(reader, CHUNK_ROWS)]:
            chunks.append(_to_frame(body, columns))
    except csv.Error as error:
        raise InvalidInput(f"{name}: line {reader.line_num} is not CSV: {error}") from error
    rows = pl.concat(chunks)
    return rows if rows[EXTRA_CELLS].count() else rows.drop(EXTRA_CELLS)


def _refuse_other_separators(headers: list[str], name: str) -> None:
    found = next((mark for mark in ";\t|" if len(headers) == 1 and mark in headers[0]), "")
    if found:
        raise InvalidInput(
            f"{name}: cells are parted by {found!r}, not by commas; "
            "save the file as CSV with commas, or as XLSX"
        )


def _split_plain(text: str, headers: list[str]) -> pl.DataFrame | None:
    """The same rows much faster, for a text without quotes whose rows all fit; else None."""
    if '"' in text or "\r" in text.replace("\r\n", "") or len(headers) < 2:
        return None
    try:
        rows = pl.read_csv(text.encode(), infer_schema=False, quote_char=None)
    except (PolarsError, UnicodeEncodeError):
        return None
    return rows.rename(dict(zip(rows.columns, headers, strict=True)))


def _to_frame(body: list[list[str | None]], columns: list[str]) -> pl.DataFrame:
    schema = dict.fromkeys(columns, pl.String)
    return pl.DataFrame(body, schema=schema, orient="row")


def _fit(cells: list[str], width: int) -> list[str | None]:
    extra = [cell for cell in cells[width:] if cell.strip()]
    padding = [None] * (width - len(cells))
    return [*(cell or None for cell in cells[:width]), *padding, ",".join(extra) or None]


def _read_parquet(content: bytes, name: str) -> pl.DataFrame:
    try:
        rows = pl.read_parquet(content)
        nested = [column for column, kind in rows.schema.items() if kind.is_nested()]
        if nested:
            raise InvalidInput(f"{name}: the column {nested[0]} holds lists or records; flatten it")
        return rows.select(pl.all().cast(pl.String))
    except (PolarsError, PanicException) as error:  # damaged pages can make the engine panic
        cause = str(error).splitlines()[0]
        raise InvalidInput(f"{name} is not a readable Parquet file: {cause}") from error
