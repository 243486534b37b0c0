"""A plain spreadsheet, written by columns.

A general writer visits each cell: four million of them take it minutes, and this seconds.

Source: ECMA-376 Office Open XML, part 1, SpreadsheetML: inline strings, shared styles.
"""

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import polars as pl

from techflow.schema import Column

CELL_CHARACTERS_MAX = 32_767
ROWS_AT_ONCE = 10_000
UNFIT = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x{FFFE}\x{FFFF}]"
"""Characters that XML 1.0 does not allow."""
EPOCH_DAYS = 25_569
"""Spreadsheet day number of 1970-01-01."""

PLAIN, HEAD, DAY, SHARE, MONEY, RATIO = range(6)
"""Places in the list of cell formats below."""
STYLES = (
    '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="6"><xf/>'
    '<xf fontId="1" applyFont="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>'
    '<xf numFmtId="164" applyNumberFormat="1"/><xf numFmtId="10" applyNumberFormat="1"/>'
    '<xf numFmtId="3" applyNumberFormat="1"/><xf numFmtId="2" applyNumberFormat="1"/></cellXfs>'
    "</styleSheet>"
)
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
RELATIONSHIPS = "application/vnd.openxmlformats-package.relationships+xml"
FIXED = {
    "[Content_Types].xml": (
        f'<Types xmlns="{PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="{RELATIONSHIPS}"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{TYPE}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{TYPE}.styles+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{RELATED}/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>"
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{RELATED}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{RELATED}/styles" Target="styles.xml"/></Relationships>'
    ),
    "xl/styles.xml": STYLES,
}


def write_spreadsheet(
    frame: pl.DataFrame, columns: Sequence[Column], target: Path, *, sheet: str
) -> None:
    """Write a frame as one sheet: labels in both languages, first row and column kept in view.

    Text is written as text, so a value that begins with `=` is never run.

    Args:
        frame: The rows; text, integers, floats and dates.
        columns: Dictionary columns of the frame, for labels and number formats.
        target: The file to write.
        sheet: Name of the sheet.
    """
    book = (
        f'<workbook xmlns="{MAIN}" xmlns:r="{RELATED}"><sheets>'
        f'<sheet name="{escape(sheet)}" sheetId="1" r:id="r1"/></sheets></workbook>'
    )
    with ZipFile(target, "w", ZIP_DEFLATED, compresslevel=1) as archive:
        for name, text in {**FIXED, "xl/workbook.xml": book}.items():
            archive.writestr(name, text)
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as stream:
            for text in _sheet(frame, columns):
                stream.write(text.encode())


def _sheet(frame: pl.DataFrame, columns: Sequence[Column]) -> Iterator[str]:
    last = f"{_letters(len(columns))}{frame.height + 1}"
    widths = "".join(f'<col min="{i}" max="{i}" width="18"/>' for i in range(1, len(columns) + 1))
    yield (
        f'<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0"><pane xSplit="1" '
        'ySplit="1" topLeftCell="B2" activePane="bottomRight" state="frozen"/></sheetView>'
        f"</sheetViews><cols>{widths}</cols><sheetData><row>"
    )
    for column in columns:
        label = escape(f"{column.zh}\n{column.en}\n{column.name}")
        yield f'<c s="{HEAD}" t="inlineStr"><is><t xml:space="preserve">{label}</t></is></c>'
    yield "</row>"
    row = pl.concat_str(pl.lit("<row>"), *(_cell(column) for column in columns), pl.lit("</row>"))
    for some in frame.iter_slices(ROWS_AT_ONCE):
        yield some.select(row.str.join("")).item() or ""
    yield f'</sheetData><autoFilter ref="A1:{last}"/></worksheet>'


def _letters(number: int) -> str:
    """The letters of a column, counted from 1.

    Examples:
        >>> _letters(1), _letters(26), _letters(27), _letters(44)
        ('A', 'Z', 'AA', 'AR')
    """
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text


def _cell(column: Column) -> pl.Expr:
    """A column as cells; null and not-a-number become empty cells."""
    value = pl.col(column.name)
    if column.kind == "text":
        text = value.str.slice(0, CELL_CHARACTERS_MAX).str.replace_all(UNFIT, "")
        text = text.str.replace_many(["&", "<", ">"], ["&amp;", "&lt;", "&gt;"])
        head, tail = '<c t="inlineStr"><is><t xml:space="preserve">', "</t></is></c>"
    elif column.kind == "date":
        text = (value.cast(pl.Int32) + EPOCH_DAYS).cast(pl.String)
        head, tail = f'<c s="{DAY}"><v>', "</v></c>"
    else:
        number = value.cast(pl.Float64)
        text = pl.when(number.is_finite()).then(value).cast(pl.String)
        head, tail = f'<c s="{_style(column)}"><v>', "</v></c>"
    return pl.concat_str(pl.lit(head), text, pl.lit(tail)).fill_null("<c/>")


def _style(column: Column) -> int:
    return {"share": SHARE, "rate_pa": SHARE, "lcy": MONEY, "points": RATIO, "ratio": RATIO}.get(
        column.unit, PLAIN
    )
