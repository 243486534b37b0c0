"""A user's own files, from tidy to hopeless: kept, quarantined, or one clear message."""

import csv
import io
import json
import os
import resource
import subprocess
import sys
from datetime import UTC, date, datetime

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from techflow.basics import InvalidInput
from techflow.schema import TABLES
from techflow_service.cli import main
from techflow_service.imports.files import decode, number_rows, read_csv_text
from techflow_service.imports.headers import importable_tables, match_columns
from techflow_service.imports.judge import readable_columns
from techflow_service.imports.load import load_batches, open_store, totals
from techflow_service.imports.own_files import read_own_files
from techflow_service.imports.template import write_templates
from techflow_service.store import Store, check_store

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
STAFF = "firm_id,counted_on,employees_n\nA1,2024-12-31,40\nA2,2024-12-31,7\n"


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "files"
    made.mkdir()
    return made


def load(folder, store_path, moment=NOW):
    store = open_store(store_path)
    return load_batches(store, list(read_own_files(folder, moment=moment)), moment=moment)


def rows_of(path, table, *columns):
    return Store.open(path).snapshot().scan(table).select(columns).collect().sort(columns).rows()


def run(monkeypatch, capsys, *argv):
    """The command line as a user calls it: exit code, output, error output."""
    monkeypatch.setattr(sys, "argv", ["techflow", *map(str, argv)])
    try:
        main()
        code = 0
    except SystemExit as end:
        code = end.code or 0
    return code, *capsys.readouterr()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("labels", ["zh", "en", "name"])
def test_encodings_and_headers(folder, tmp_path, encoding, labels):
    heads = [getattr(TABLES["firm"].column(n), labels) for n in ("firm_id", "name", "country")]
    text = ",".join(heads) + "\r\n91350100M000100Y43,福建甲公司,中国\r\n"
    (folder / "firm.csv").write_bytes(text.encode(encoding))
    load(folder, tmp_path / "s")
    found = rows_of(tmp_path / "s", "firm", "firm_id", "uscc", "name", "country")
    code = "91350100M000100Y43"
    assert found == [(f"cn.uscc:{code}", code, "福建甲公司", "CN")]


def test_workbook_and_parquet_equal_csv(folder, tmp_path):
    rows = [("A1", date(2024, 12, 31), 40), ("A2", date(2023, 12, 31), 7)]
    names = ["firm_id", "counted_on", "employees_n"]
    expected = [(f"own:{firm}", day, n) for firm, day, n in rows]
    book = xlsxwriter.Workbook(folder / "staff.xlsx")
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["企业编号", "统计日期", "职工总数"])
    for place, (firm, day, n) in enumerate(rows, 1):
        sheet.write_row(place, 0, [firm, None, n])
        sheet.write_datetime(place, 1, day, book.add_format({"num_format": "yyyy-mm-dd"}))
    sheet.write_number(2, 1, (rows[1][1] - date(1899, 12, 30)).days)  # a bare serial number
    book.close()
    load(folder, tmp_path / "xlsx")
    (folder / "staff.xlsx").unlink()
    pl.DataFrame(rows, schema=names, orient="row").write_parquet(folder / "staff.parquet")
    load(folder, tmp_path / "parquet")
    for store in ("xlsx", "parquet"):
        assert rows_of(tmp_path / store, "staff", *names) == expected
    assert Store.open(tmp_path / "xlsx").snapshot().scan("quarantine").collect().is_empty()


def test_rows_in_are_kept_or_quarantined_with_reason(folder, tmp_path):
    (folder / "invoice.csv").write_text(
        "firm_id,direction,invoice_number,issued_on,partner_id,currency,net_lcy,status\n"
        'A1,销项,001,2020年1月5日,B1,RMB,"1,234.50",有效\n'
        "A1,sale,002,2020-01-06,B1,CNY,(10),valid\n"
        "A1,sale,003,2999-01-01,B1,CNY,5,valid\n"
        "A1,sale,004,2020-01-06,B1,CNY,五十,valid\n"
        "A1,sale,005,2020-01-06,B1,CNY,12万元,valid\n"
        "\n"
        "91350100M000100Y4A,sale,006,2020-01-06,B1,CNY,5,valid\n"
        "A1,sale,007,2020-01-06,B1,CNY,5,valid,cell too many\n"
    )
    (summary,) = load(folder, tmp_path / "s")
    assert (summary.rows_n, summary.kept_n, summary.quarantined_n) == (7, 2, 5)
    columns = ("source_row_n", "source_name", "column_name", "value_text", "reason_code")
    assert rows_of(tmp_path / "s", "quarantine", *columns) == [
        (3, "invoice.csv", "issued_on", "2999-01-01", "future_date"),
        (4, "invoice.csv", "net_lcy", "五十", "not_a_number"),
        (5, "invoice.csv", "net_lcy", "12万元", "unit_in_cell"),
        (7, "invoice.csv", "firm_id", "91350100M000100Y4A", "bad_uscc"),
        (8, "invoice.csv", "(extra cells)", "cell too many", "extra_cells"),
    ]
    kept = rows_of(tmp_path / "s", "invoice", "invoice_number", "issued_on", "currency", "net_lcy")
    assert kept == [
        ("001", date(2020, 1, 5), "CNY", 1234.5),
        ("002", date(2020, 1, 6), "CNY", -10.0),
    ]
    assert [found for found in check_store(tmp_path / "s") if not found.note] == []


def test_the_same_file_twice_changes_nothing_under_any_name(folder, tmp_path):
    (folder / "staff.csv").write_text(STAFF)
    load(folder, tmp_path / "s")
    before = Store.open(tmp_path / "s").snapshot()
    (again,) = load(folder, tmp_path / "s")
    assert again.repeated and (again.kept_n, again.known_n) == (2, 2)
    (folder / "staff.csv").rename(folder / "人员.csv")
    load(folder, tmp_path / "s")
    assert Store.open(tmp_path / "s").snapshot() == before


def test_a_longer_file_adds_only_its_new_rows(folder, tmp_path):
    (folder / "staff.csv").write_text(STAFF)
    load(folder, tmp_path / "s")
    (folder / "staff.csv").write_text(STAFF + "A3,2024-12-31,1\nA1,2024-12-31,41\n")
    (summary,) = load(folder, tmp_path / "s")
    # row 4 repeats the record of row 1 with other content: a mistake within one file
    assert (summary.rows_n, summary.kept_n, summary.known_n) == (4, 3, 2)
    assert summary.quarantined == {"duplicate_record": 1}
    (folder / "staff.csv").write_text("firm_id,counted_on,employees_n\nA1,2024-12-31,41\n")
    (summary,) = load(folder, tmp_path / "s")
    assert summary.known_n == 0  # in a later file it is a correction
    found = rows_of(tmp_path / "s", "staff", "firm_id", "employees_n")
    assert found == [("own:A1", 40), ("own:A1", 41), ("own:A2", 7), ("own:A3", 1)]


def test_taking_a_correction_back_is_news(folder, tmp_path):
    """A, then B, then A again: the last A must be stored, or B would win for ever."""
    for blank_lines, employees_n in enumerate((40, 41, 40)):
        line, blanks = f"A1,2024-12-31,{employees_n}", "\n" * blank_lines
        (folder / "staff.csv").write_text(f"firm_id,counted_on,employees_n\n{line}{blanks}")
        load(folder, tmp_path / "s")
    stored = Store.open(tmp_path / "s").snapshot().scan("staff").sort("loaded_at").collect()
    assert stored["employees_n"].to_list() == [40, 41, 40]


def test_firms_are_known_from_their_first_record(folder, tmp_path):
    (folder / "firm.csv").write_text(
        "firm_id,country,founded_on\nA1,CN,\nA2,CN,2001-02-03\nA9,CN,\n"
    )
    (folder / "staff.csv").write_text(STAFF)
    load(folder, tmp_path / "s")
    known = {firm: at.date() for firm, at in rows_of(tmp_path / "s", "firm", "firm_id", "known_at")}
    assert known == {
        "own:A1": date(2024, 12, 31),
        "own:A2": date(2001, 2, 3),
        "own:A9": NOW.date(),
    }


def test_templates_take_what_the_dictionary_has(tmp_path):
    for labels in ("name", "zh", "en"):
        files = write_templates(tmp_path / labels, labels)
        for name, table in importable_tables().items():
            head = (tmp_path / labels / f"{name}.csv").read_text("utf-8-sig").strip()
            found = match_columns(next(csv.reader([head])), table, name)
            assert tuple(found.values()) == tuple(c.name for c in readable_columns(table))
        readme = (tmp_path / labels / "README.txt").read_text("utf-8-sig")
        assert all(f" {c.name}  {c.zh} / {c.en}" in readme for c in TABLES["loan"].columns[:-4])
        assert len(files) == len(importable_tables()) + 2
    with pytest.raises(InvalidInput, match="is there already"):
        write_templates(tmp_path / "zh")


def test_untouched_templates_hold_no_rows(tmp_path):
    write_templates(tmp_path / "t")
    with pytest.raises(InvalidInput, match="headers but no rows"):
        list(read_own_files(tmp_path / "t", moment=NOW))


WRONG = {
    "empty file": ({"staff.csv": b""}, "staff.csv is empty"),
    "only blanks": ({"staff.csv": b"\n \n"}, "staff.csv is empty"),
    "no known name": (
        {"staf.csv": b"a"},
        r"did you mean staff\.csv\?.*expected one or more of firm",
    ),
    "old Excel": ({"staff.xls": b"a"}, "staff.xls was not read: save it as staff.csv"),
    "wrong encoding": (
        {"staff.csv": "firm_id,counted_on\ncafé,2020-01-01\n".encode("latin-1")},
        "line 2 is neither UTF-8 nor GB18030",
    ),
    "renamed column": (
        {"staff.csv": b"firm_id,counted_date,employees_n\nA1,2024-12-31,1\n"},
        "'counted_date' is not in the dictionary; the nearest expected name is counted_on",
    ),
    "renamed column, Chinese": (
        {"staff.csv": "企业编号,统计日,职工总数\n".encode("gb18030")},
        "'统计日' is not in the dictionary; the nearest expected name is counted_on",
    ),
    "missing column": ({"staff.csv": b"firm_id\nA1\n"}, r"required column counted_on \(统计日期\)"),
    "column twice": ({"staff.csv": b"firm_id,firm_id\nA1,A1\n"}, "firm_id occurs twice"),
    "two names, one column": (
        {"staff.csv": "firm_id,企业编号,counted_on\n".encode()},
        "two columns mean firm_id",
    ),
    "semicolons": (
        {"staff.csv": b"firm_id;counted_on\nA1;2024-12-31\n"},
        "parted by ';', not by commas",
    ),
    "two files of a table": (
        {"staff.csv": STAFF.encode(), "人员.csv": STAFF.encode()},
        "staff.csv and 人员.csv are both table staff",
    ),
    "nameless column": ({"staff.csv": b"firm_id,,x\nA1,,\n"}, "column 2 has no name"),
    "no workbook": ({"staff.xlsx": b"hello"}, "not a readable XLSX workbook"),
    "no parquet": ({"staff.parquet": b"hello"}, "not a readable Parquet file"),
    "quote never closed": ({"staff.csv": b'firm_id,counted_on\n"A1,2020'}, None),
}


@pytest.mark.parametrize("case", WRONG, ids=str)
def test_wrong_files_get_one_clear_message(folder, tmp_path, monkeypatch, capsys, case):
    files, message = WRONG[case]
    for name, content in files.items():
        (folder / name).write_bytes(content)
    code, out, err = run(monkeypatch, capsys, "import", "csv", folder, "--store", tmp_path / "s")
    if message is None:  # not wrong enough to stop: the row goes to the quarantine
        assert code == 0 and "missing_value 1" in out
        return
    assert (code, out) == (2, "")
    assert err.count("\n") == 1 and err.startswith("error: ")
    assert pl.Series([err]).str.contains(message).item(), err
    assert not (tmp_path / "s").exists()


def test_missing_folder(tmp_path, monkeypatch, capsys):
    for what in ("csv", "china-sme", "korea"):
        argv = ("import", what, tmp_path / "nowhere", "--store", tmp_path / "s")
        code, _, err = run(monkeypatch, capsys, *argv)
        assert code == 2 and "nowhere does not exist; check the path" in err
    assert not (tmp_path / "s").exists()


def test_one_wrong_file_keeps_all_out(folder, tmp_path):
    (folder / "staff.csv").write_text(STAFF)
    (folder / "firm.csv").write_text("firm_id,land\nA1,CN\n")
    load_one = tmp_path / "s"
    with pytest.raises(InvalidInput, match="'land' is not in the dictionary"):
        load(folder, load_one)
    assert Store.open(load_one).snapshot().version == 0


def test_several_filled_sheets(folder):
    book = xlsxwriter.Workbook(folder / "staff.xlsx")
    for _ in range(2):
        book.add_worksheet().write_row(0, 0, ["firm_id", "counted_on"])
    book.close()
    with pytest.raises(InvalidInput, match="several filled sheets"):
        list(read_own_files(folder, moment=NOW))


def test_summary_for_people_and_for_machines(folder, tmp_path, monkeypatch, capsys):
    (folder / "staff.csv").write_text(STAFF + "A3,never,1\n")
    (folder / "letter.txt").write_text("hello")
    argv = ("import", "csv", folder, "--store", tmp_path / "s")
    code, out, err = run(monkeypatch, capsys, *argv)
    assert (code, err) == (0, "")
    assert "quarantined: not_a_date 1" in out and "note: letter.txt was not read" in out
    assert out.splitlines()[-1].startswith(f"store {tmp_path / 's'}: version 1; ")
    code, out, _ = run(monkeypatch, capsys, *argv, "--json")
    found = json.loads(out)
    assert (found["rows_n"], found["kept_n"], found["known_n"], found["quarantined_n"]) == (
        3,
        2,
        2,
        1,
    )
    assert not found["changed"] and found["files"][0]["quarantined"] == {"not_a_date": 1}


def test_no_room_on_the_disk(folder, tmp_path):
    """The system refuses files over a size: one message, exit code 2, the store as before."""
    (folder / "staff.csv").write_text(STAFF)
    load(folder, tmp_path / "s")
    before = Store.open(tmp_path / "s").snapshot()
    lines = [f"firm {n:05d} {n * n},2024-12-31,{n}".replace(" ", "-") for n in range(20_000)]
    (folder / "staff.csv").write_text("firm_id,counted_on,employees_n\n" + "\n".join(lines))
    argv = [
        sys.executable,
        "-m",
        "techflow_service",
        "import",
        "csv",
        folder,
        "--store",
        tmp_path / "s",
    ]
    code = "import sys; from techflow_service.cli import main; main()"
    argv = [sys.executable, "-c", code, *map(str, argv[3:])]
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))  # noqa: E731
    ended = subprocess.run(argv, preexec_fn=limit, capture_output=True, text=True, check=False)
    assert ended.returncode == 2, ended.stderr
    assert ended.stderr.count("\n") == 1 and "the store is as it was before" in ended.stderr
    assert Store.open(tmp_path / "s").snapshot() == before
    assert [found for found in check_store(tmp_path / "s") if not found.note] == []
    assert sum(item.known_n for item in load(folder, tmp_path / "s")) == 0  # with room it works


PLAIN = st.text(st.characters(exclude_categories=["Cs"], exclude_characters='"\r\n,'), max_size=4)


@given(st.lists(st.lists(PLAIN, max_size=4), max_size=6), st.sampled_from(["\n", "\r\n"]))
def test_the_fast_reader_reads_what_the_careful_one_reads(lines, newline):
    """Python's csv module is the second opinion; a quoted header sends us down that path."""
    body = newline.join(",".join(cells) for cells in lines)
    fast = number_rows(read_csv_text(f"a,b,c{newline}{body}", "x"))
    careful = number_rows(read_csv_text(f'"a",b,c{newline}{body}', "x"))
    assert fast.equals(careful)


@settings(max_examples=25)
@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs"]), max_size=4), min_size=3, max_size=3
        ),
        max_size=5,
    )
)
def test_any_csv_reads_back(rows):
    text = io.StringIO()
    csv.writer(text).writerows([["a", "b", "c"], *rows])
    found = read_csv_text(decode(text.getvalue().encode(), "x"), "x")
    expected = [tuple(cell or None for cell in row) for row in rows]
    assert found.rows() == expected


def test_totals_add_up(folder, tmp_path):
    (folder / "staff.csv").write_text(STAFF)
    (folder / "firm.csv").write_text("firm_id,country\nA1,CN\nA1,CN\n")
    assert totals(load(folder, tmp_path / "s")) == {
        "rows_n": 4,
        "kept_n": 3,
        "known_n": 0,
        "quarantined_n": 1,
    }
    assert not os.listdir(tmp_path / "s" / "parts" / "staff")[1:]
