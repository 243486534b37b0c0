"""Empty files in the shape of the dictionary, with an explanation of every column."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import xlsxwriter

from techflow.basics import InvalidInput
from techflow.schema import Column, Table
from techflow_service.imports.headers import importable_tables
from techflow_service.imports.judge import readable_columns

README, COLUMNS = "README.txt", "columns.xlsx"
GUIDES = frozenset({README, COLUMNS})
"""Files of explanation beside the templates; the import passes them over."""
KINDS: Mapping[str, tuple[str, str]] = {
    "text": ("文本", "text"),
    "int": ("整数", "whole number"),
    "float": ("数字", "number"),
    "bool": ("是/否", "yes/no"),
    "date": ("日期", "date"),
    "timestamp": ("时间", "time"),
}
UNITS: Mapping[str, tuple[str, str]] = {
    "lcy": ("币种列所示货币的元，不用万元", "units of the row's currency, not thousands"),
    "cny": ("人民币元", "yuan"),
    "share": ("比例，0.05 或 5%", "fraction, 0.05 or 5%"),
    "rate_pa": ("年利率，0.05 或 5%", "rate per annum, 0.05 or 5%"),
}
FORMS: Mapping[str, tuple[str, str]] = {
    "firm_id": ("统一社会信用代码，或自有编号", "credit code, or an id of your own"),
    "uscc": ("18 位代码，校验位须正确", "18 characters with correct check characters"),
    "country": ("两位国家代码，如 CN", "two-letter code such as CN"),
    "division": ("6 位代码，如 440305", "6 digits such as 440305"),
    "industry": ("GB/T 4754 代码，如 C3911", "GB/T 4754 code such as C3911"),
    "patent_id": ("如 CN202010123456.2 或 US10692631", "such as CN202010123456.2 or US10692631"),
    "ipc": ("如 H01L21/02，多个用分号分隔", "such as H01L21/02, several parted by semicolons"),
    "currency": ("三位币种代码，如 CNY", "three-letter code such as CNY"),
}
HEADS = ("文件 file", "列 column", "中文", "English", "必填 required", "填写 how to fill")
LABELS: Mapping[str, Callable[[Column], str]] = {
    "name": lambda column: column.name,
    "zh": lambda column: column.zh,
    "en": lambda column: column.en,
}
GUIDE = """Techflow 导入模板 / import templates

中文
1. 每个 CSV 对应一张表。只填有的表，其余删除或留空均可。
   不要改文件名；列名可用英文名、中文名或英文标签。
2. 也可把表另存为同名的 .xlsx 或 .parquet。CSV 编码 UTF-8 或 GB18030 均可。
3. 企业编号 firm_id：统一社会信用代码（18 位）直接填写；自有编号直接填写，系统自动加前缀 own:。
4. 金额一律以元为单位写数字，可带千位逗号，负数可用括号；不接受“12万元”，系统不猜测单位。
5. 日期写 2020-01-05、2020/1/5、20200105 或 2020年1月5日。
6. 未知就留空，不要填 0。
7. known_at（可知时间）是外界能够得知该记录的日期，可不填；不填时按表的自然日期推定，
   如发票取开票日，年报取期末后 120 天。
8. 导入：techflow import csv 本文件夹 --store 存储文件夹
   不合规的行进入隔离区，注明文件、行、列、原值、原因；导入行数 = 保留 + 隔离。

English
1. One CSV per table. Fill what you have; delete the others or leave them empty. Keep the file
   names; headers may be the column name or its label in Chinese or English.
2. The same table may also be an .xlsx or .parquet file. CSV may be UTF-8 or GB18030.
3. firm_id: the 18-character unified social credit code as it is; or an id of your own, which
   gets the prefix own: by itself.
4. Amounts are bare numbers in full units of the currency; thousands separators and parentheses
   for negatives are read. "12万元" is refused: units are never guessed.
5. Dates: 2020-01-05, 2020/1/5, 20200105 or 2020年1月5日.
6. Leave a cell empty if you do not know; do not write 0.
7. known_at is when the world could know the record. Leave it out to get the table's natural
   date, such as the invoice date, or period end plus 120 days for annual accounts.
8. techflow import csv THIS_FOLDER --store STORE
   Rows that break a rule go to the quarantine with file, row, column, value and reason;
   rows in = kept + quarantined.

列 / columns (* 必填 required)
"""


def write_templates(folder: Path, labels: str = "name") -> list[Path]:
    """Write one CSV per table, `README.txt` and `columns.xlsx`; overwrite nothing.

    Args:
        folder: Made if it is not there.
        labels: Headers: `name` for column names, `zh` or `en` for labels.

    Returns:
        The files written.

    Raises:
        InvalidInput: A file of that name is there already.
    """
    tables = importable_tables()
    contents = {
        **{f"{name}.csv": _header(table, labels) for name, table in tables.items()},
        README: (GUIDE + "".join(_explain(table) for table in tables.values())).encode("utf-8-sig"),
        COLUMNS: _workbook(tables.values()),
    }
    if folder.exists() and not folder.is_dir():
        raise InvalidInput(f"{folder} is a file; name a folder for the templates")
    there = [name for name in contents if (folder / name).exists()]
    if there:
        raise InvalidInput(f"{folder / there[0]} is there already; name a new or empty folder")
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in contents]


def _header(table: Table, labels: str) -> bytes:
    """With a byte order mark, without which Excel shows Chinese as rubbish."""
    text = io.StringIO()
    csv.writer(text).writerow(LABELS[labels](column) for column in readable_columns(table))
    return text.getvalue().encode("utf-8-sig")


def describe_column(column: Column) -> tuple[str, str]:
    """How to fill a column, in Chinese and English.

    Args:
        column: A column of the dictionary.

    Examples:
        >>> from techflow.schema import TABLES
        >>> describe_column(TABLES["invoice"].column("status"))[1]
        'one of valid, void'
    """
    if column.codes:
        zh = "、".join(f"{labels[0]}（{code}）" for code, labels in column.codes.items())
        return f"代码之一：{zh}", f"one of {', '.join(column.codes)}"
    zh, en = FORMS.get(column.check, KINDS[column.kind])
    unit_zh, unit_en = UNITS.get(column.unit, ("", ""))
    parts = [(zh, en), (unit_zh, unit_en)]
    if column.low is not None:
        parts.append((f"不小于 {column.low:g}", f"at least {column.low:g}"))
    if column.high is not None:
        parts.append((f"不大于 {column.high:g}", f"at most {column.high:g}"))
    return "，".join(p[0] for p in parts if p[0]), ", ".join(p[1] for p in parts if p[1])


def _explain(table: Table) -> str:
    lines = [f"\n{table.name}.csv  {table.zh}  {table.en}\n"]
    for column in readable_columns(table):
        zh, en = describe_column(column)
        star = "*" if column.required and column.name != "known_at" else " "
        lines.append(f" {star} {column.name}  {column.zh} / {column.en}: {zh} / {en}\n")
    return "".join(lines)


def _workbook(tables: Iterable[Table]) -> bytes:
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    sheet = book.add_worksheet("columns")
    rows = [HEADS, *(row for table in tables for row in _sheet_rows(table))]
    for place, row in enumerate(rows):
        sheet.write_row(place, 0, row)
    sheet.set_row(0, None, book.add_format({"bold": True}))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(rows) - 1, len(HEADS) - 1)
    sheet.autofit()
    book.close()
    return content.getvalue()


def _sheet_rows(table: Table) -> Iterable[tuple[str, ...]]:
    for column in readable_columns(table):
        required = "是 yes" if column.required and column.name != "known_at" else ""
        fill = " / ".join(describe_column(column))
        yield (f"{table.name}.csv", column.name, column.zh, column.en, required, fill)
