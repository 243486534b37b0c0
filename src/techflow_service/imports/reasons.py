"""Why a row goes to the quarantine: every reason, in both languages, in one place."""

from techflow.basics.problem import Problem
from techflow.schema import Column

MISSING = Problem("missing_value", "必填项为空", "a required value is missing")
NOT_A_DATE = Problem(
    "not_a_date",
    "不是日期：可写 2020-01-05、2020/1/5、20200105 或 2020年1月5日",
    "not a date: write 2020-01-05, 2020/1/5, 20200105 or 2020年1月5日",
)
NOT_A_TIME = Problem(
    "not_a_time",
    "不是时间：可写日期，或 2020-01-05T08:00:00+08:00",
    "not a time: write a date, or 2020-01-05T08:00:00+08:00",
)
NOT_A_NUMBER = Problem(
    "not_a_number",
    "不是数字：可写 1234.5、1,234.5 或 (1,234.5)（负数）",
    "not a number: write 1234.5, 1,234.5 or (1,234.5) for a negative",
)
NOT_WHOLE = Problem("not_whole", "应为整数", "must be a whole number")
UNIT_IN_CELL = Problem(
    "unit_in_cell",
    "数字后带单位（万元、亿元等）：系统不猜测单位，请换算成元后只写数字",
    "a unit follows the number (万元, 亿元, k, m ...): units are never guessed; "
    "write the full amount as a bare number",
)
PERCENT_SIGN = Problem(
    "percent_sign",
    "此列不是比例，不能带百分号",
    "this column is not a share; a percent sign has no meaning here",
)
NOT_A_FLAG = Problem("not_yes_or_no", "应为 是 或 否", "must be yes or no")
FUTURE_DATE = Problem(
    "future_date", "日期晚于导入当日", "the date lies after the day of the import"
)
TOO_EARLY = Problem("out_of_range", "日期早于 1900-01-01", "the date lies before 1900-01-01")
KNOWN_TOO_EARLY = Problem(
    "known_too_early",
    "可知时间早于记录本身的日期",
    "known_at lies before the date of the record itself",
)
EXACT_DUPLICATE = Problem(
    "exact_duplicate",
    "与本文件中前面的一行完全相同",
    "the same as an earlier row of this file in every column",
)
DUPLICATE_RECORD = Problem(
    "duplicate_record",
    "与本文件中前面的一行是同一条记录但内容不同；已保留前一行",
    "the same record as an earlier row of this file with other content; the earlier row is kept",
)
EXTRA_CELLS = Problem(
    "extra_cells", "单元格多于表头列数", "the row has more cells than there are headers"
)


def unknown_code(column: Column) -> Problem:
    """The value is not in the column's list of codes."""
    zh = "、".join(f"{code}（{labels[0]}）" for code, labels in column.codes.items())
    en = ", ".join(column.codes)
    return Problem("unknown_code", f"不在代码表中：可用 {zh}", f"not an allowed code: use {en}")


def out_of_range(column: Column) -> Problem:
    """The number lies outside the range the dictionary allows."""
    parts_zh = [f"不小于 {column.low:g}"] if column.low is not None else []
    parts_en = [f"at least {column.low:g}"] if column.low is not None else []
    if column.high is not None:
        parts_zh.append(f"不大于 {column.high:g}")
        parts_en.append(f"at most {column.high:g}")
    return Problem(
        "out_of_range",
        f"超出范围：应{'、'.join(parts_zh)}",
        f"out of range: must be {' and '.join(parts_en)}",
    )
