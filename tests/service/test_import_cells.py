"""Single cells as people write them."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from techflow.basics.problem import Problem
from techflow.schema import TABLES, Column
from techflow_service.imports import reasons
from techflow_service.imports.cells import (
    read_date,
    read_flag,
    read_number,
    read_stamp,
    read_whole,
    reader_of,
)
from techflow_service.imports.columns import check_days, check_range, read_column

JAN_5 = date(2020, 1, 5)


@pytest.mark.parametrize(
    "text",
    [
        *("2020-01-05", "2020/1/5", "20200105", "2020年1月5日", "2020.1.5", " ２０２０年1月5日 "),
        *("2020-01-05 00:00:00", "2020-01-05T13:45:10Z", "2020-01-05 08:00:00.000000 UTC"),
    ],
)
def test_days(text):
    assert read_date(text) == JAN_5


@pytest.mark.parametrize(
    "text", ["5/1/2020", "20-01-05", "2020-02-30", "2020年1月", "43835", "昨天", "2020-1"]
)
def test_what_is_no_day_is_refused_not_guessed(text):
    assert read_date(text) is reasons.NOT_A_DATE


def test_serial_numbers_only_in_workbooks():
    # Microsoft, DATEVALUE and date systems: "January 1, 2008 is serial number 39448"
    assert read_date("39448", serials=True) == date(2008, 1, 1)
    assert read_date("39448.5", serials=True) == date(2008, 1, 1)
    assert read_date("20080101", serials=True) == date(2008, 1, 1)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234,567.5", 1234567.5),
        ("１２，３４５", 12345.0),
        ("(1,234.50)", -1234.5),
        ("（8）", -8.0),
        ("-8", -8.0),
        ("−8", -8.0),  # the minus sign of typographers
        ("+.5", 0.5),
        ("1e3", 1000.0),
        (" 7 ", 7.0),
        ("0", 0.0),
    ],
)
def test_numbers(text, value):
    assert read_number(text) == value


@pytest.mark.parametrize("text", ["", " ", "-", "--", "—", "N/A", "nan", "null", "不适用"])
def test_empty_cells_are_null_never_zero(text):
    assert read_number(text) is read_date(text) is read_flag(text) is read_stamp(text) is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("12万元", reasons.UNIT_IN_CELL),
        ("1.2亿", reasons.UNIT_IN_CELL),
        ("12千元", reasons.UNIT_IN_CELL),
        ("5百万元", reasons.UNIT_IN_CELL),
        ("12元", reasons.UNIT_IN_CELL),
        ("12k", reasons.UNIT_IN_CELL),
        ("3 Mio", reasons.UNIT_IN_CELL),
        ("5%", reasons.PERCENT_SIGN),
        ("1,5", reasons.NOT_A_NUMBER),  # a decimal comma would be read 10 times too large
        ("1,2345", reasons.NOT_A_NUMBER),
        ("1.234.567", reasons.NOT_A_NUMBER),
        ("(-5)", reasons.NOT_A_NUMBER),
        ("()", reasons.NOT_A_NUMBER),
        ("1e999", reasons.NOT_A_NUMBER),
        ("inf", reasons.NOT_A_NUMBER),
        ("约100", reasons.NOT_A_NUMBER),
        ("٣", reasons.NOT_A_NUMBER),
    ],
)
def test_what_is_no_number_is_refused_not_guessed(text, problem):
    assert read_number(text) is problem


def test_percent_signs_belong_to_shares():
    share = reader_of(TABLES["ownership"].column("ownership_share"), serials=False)
    rate = reader_of(TABLES["loan"].column("rate_pa"), serials=False)
    assert (share("5%"), share("0.05"), rate("4.35％")) == (0.05, 0.05, 0.0435)


def test_whole_numbers():
    assert [read_whole(text) for text in ("12", "12.0", "1,200")] == [12, 12, 1200]
    assert read_whole("12.5") is read_whole("1e30") is reasons.NOT_WHOLE


def test_yes_and_no():
    assert [read_flag(text) for text in ("是", "Y", "TRUE", "1", "√")] == [True] * 5
    assert [read_flag(text) for text in ("否", "No", "false", "0", "无")] == [False] * 5
    assert read_flag("也许") is reasons.NOT_A_FLAG


def test_moments():
    assert read_stamp("2020-01-05") == datetime(2020, 1, 5, tzinfo=UTC)
    assert read_stamp("2020年1月5日") == datetime(2020, 1, 5, tzinfo=UTC)
    assert read_stamp("2020-01-05T08:00:00+08:00") == datetime(2020, 1, 5, tzinfo=UTC)
    assert read_stamp("soon") is reasons.NOT_A_TIME


def test_codes_and_their_labels():
    direction = reader_of(TABLES["invoice"].column("direction"), serials=False)
    assert [direction(text) for text in ("sale", "SALE", "销项", "Sale")] == ["sale"] * 4
    assert direction("sold").en == "not an allowed code: use sale, purchase"


@given(st.decimals(-(10**12), 10**12, places=2), st.booleans())
def test_a_number_formatted_for_people_reads_back(amount, accounting):
    """Python's own formatting is the second opinion."""
    text = f"({-amount:,.2f})" if accounting and amount < 0 else f"{amount:,.2f}"
    assert read_number(text) == float(amount)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_a_day_in_any_spelling_reads_back(day):
    chinese = f"{day.year}年{day.month}月{day.day}日"
    texts = [day.isoformat(), chinese, f"{day:%Y%m%d}", f"{day.year}/{day.month}/{day.day}"]
    assert {read_date(text) for text in texts} == {day}
    serial = (day - date(1899, 12, 30)).days
    if serial >= 10_000:
        assert read_date(str(serial), serials=True) == day


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NUMBERISH = st.text("0123456789.,()%-+eE 万亿元kmnaif１，（", max_size=8)


@given(st.lists(st.none() | ANY_TEXT | NUMBERISH, max_size=8))
def test_columns_read_fast_equal_cells_read_one_by_one(cells):
    """The vectorised path and the Python reader agree on every kind of column."""
    texts = pl.Series("text", cells, dtype=pl.String)
    for kind in ("int", "float", "bool", "date", "timestamp"):
        column = Column("x", kind, "x", "x")
        reader = reader_of(column, serials=False)
        one_by_one = [None if cell is None else reader(cell) for cell in cells]
        reading = read_column(texts, column)
        bad = [n for n, value in enumerate(one_by_one) if isinstance(value, Problem)]
        good = [None if n in bad else value for n, value in enumerate(one_by_one)]
        assert reading.values.to_list() == good
        assert sorted(reading.problems["place"]) == bad


def test_free_text_loses_only_the_space_around_it():
    texts = pl.Series([" 甲 乙\u3000", "", "\t", None, "-"])
    reading = read_column(texts, TABLES["firm"].column("name"))
    assert reading.values.to_list() == ["甲 乙", None, None, None, "-"]


def test_range_is_inclusive():
    column = Column("x", "float", "x", "x", low=0, high=1)
    values = pl.Series([-0.1, 0.0, 1.0, 1.1, None])
    problems = check_range(values, values.cast(pl.String), column)
    assert problems["place"].to_list() == [0, 3]
    assert problems["reason_en"][0] == "out of range: must be at least 0 and at most 1"


def test_today_anywhere_on_earth_is_not_the_future():
    moment = datetime(2026, 1, 31, 20, tzinfo=UTC)  # 10:00 on 1 February on Kiritimati
    days = [date(2026, 2, 1) + timedelta(days=n) for n in (-1, 0, 1)] + [date(1899, 12, 31)]
    values = pl.Series(days)
    texts = values.cast(pl.String)
    issued = TABLES["invoice"].column("issued_on")
    found = check_days(values, texts, issued, moment=moment)
    codes = dict(zip(found["place"], found["reason_code"], strict=True))
    assert codes == {2: "future_date", 3: "out_of_range"}
    due = TABLES["loan"].column("due_on")
    assert check_days(values, texts, due, moment=moment)["place"].to_list() == [3]
