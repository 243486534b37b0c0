"""Tables about the records themselves: sources and rows that were refused."""

from techflow.schema.model import Column, Table, count, stamp, text

SOURCE = Table(
    "source",
    "来源",
    "Source",
    ("source_id",),
    (
        text("source_id", "来源编号", "Source id", required=True),
        text("source_name", "来源名称", "Name", required=True),
        text("importer", "导入程序", "Importer", required=True),
        text("sha256", "文件指纹", "File fingerprint", required=True),
        count("rows_n", "行数", "Rows", required=True),
        count("kept_n", "保留行数", "Rows kept", required=True),
        count("quarantined_n", "隔离行数", "Rows quarantined", required=True),
        stamp("loaded_at", "载入时间", "Loaded at", required=True),
    ),
)

QUARANTINE = Table(
    "quarantine",
    "隔离区",
    "Quarantine",
    ("source_id", "source_row_n", "column_name"),
    (
        text("source_id", "来源编号", "Source id", required=True),
        text("source_name", "来源名称", "Name", required=True),
        Column("source_row_n", "int", "来源行号", "Row in the source", unit="n", low=1),
        text("table_name", "目标表", "Table"),
        text("column_name", "列", "Column"),
        text("value_text", "原值", "Value as found"),
        text("reason_code", "原因代码", "Reason code", required=True),
        text("reason_zh", "原因", "Reason (Chinese)", required=True),
        text("reason_en", "原因（英文）", "Reason", required=True),
        text("row_json", "原始行", "Row as found"),
        stamp("loaded_at", "载入时间", "Loaded at", required=True),
    ),
)
