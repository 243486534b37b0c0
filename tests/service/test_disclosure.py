"""The command on statements written by hand, on refused rows, and on real Korean accounts."""

import csv
import json
from datetime import UTC, date, datetime

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from techflow.basics import InvalidInput, MissingColumn
from techflow_service.cli import techflow
from techflow_service.disclosing.page import render_checked
from techflow_service.disclosing.running import check_book, read_book

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
HEAD = (
    "firm_id,period_end_on,basis,months_n,currency,total_assets_lcy,total_liabilities_lcy,"
    "total_equity_lcy,current_assets_lcy,noncurrent_assets_lcy,revenue_lcy,net_income_lcy,"
    "retained_earnings_lcy"
)
LINES = (
    "own:甲,2022-12-31,consolidated,12,CNY,100,60,40,30,70,80,5,10",
    "own:甲,2023-12-31,consolidated,12,CNY,120,60,50,40,80,125,6,30",
    "own:乙,2023-12-31,consolidated,12,CNY,10,4,6,5,5,9,1,2",
    "own:丙,someday,consolidated,12,CNY,10,4,6,5,5,9,1,2",
)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "statements.csv"
    path.write_text("\n".join((HEAD, *LINES)) + "\n", "utf8")
    return path


def run(*argv):
    return CliRunner().invoke(techflow, ["disclosure", "check", *map(str, argv)])


def test_tables_page_and_figures(file, tmp_path):
    out = tmp_path / "out"
    done = run(file, "--out", out, "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["statements_n"], told["refused_n"]) == (3, 1)
    assert told["checks"]["balance"] == {"known_n": 3, "off_n": 1}
    assert told["checks"]["retained_roll"] == {"known_n": 1, "off_n": 1}
    assert told["checks"]["cash_within"] == {"known_n": 0, "off_n": 0}
    with (out / "findings.csv").open(encoding="utf8") as lines:
        first = next(csv.DictReader(lines))
    assert first["signal"] == "balance"
    assert "2023: total assets are 120 CNY" in first["question_en"]
    assert "110, a difference of 10" in first["question_en"]
    assert (
        "statement own:甲 2023-12-31 consolidated (source statements.csv, row 3)"
        in (first["record"])
    )
    page = (out / "disclosure.html").read_text("utf8")
    assert "What this page cannot know" in page and "本页不能知道什么" in page
    assert page.count('data-l="zh"') == page.count('data-l="en"')
    rows = pl.read_csv(out / "firm_years.csv")
    assert rows.height == 3 and rows["balance_difference_lcy"][0] == 10.0


def test_what_was_known_later_is_not_seen(file):
    book = read_book(file, moment=MOMENT)
    assert check_book(book, as_of=date(2023, 6, 30)).rows.height == 1
    with pytest.raises(InvalidInput, match="no statement was known on 2020-01-01"):
        check_book(book, as_of=date(2020, 1, 1))


def test_a_corrected_record_is_a_restatement(file):
    book = read_book(file, moment=MOMENT)
    later = book.versions.filter(pl.col("total_assets_lcy") == 120).with_columns(
        total_assets_lcy=pl.lit(110.0), loaded_at=pl.col("loaded_at").dt.offset_by("1d")
    )
    both = pl.concat([book.versions, later])
    found = check_book(type(book)(both, book.firms, 0, None), as_of=date(2024, 12, 31)).rows.filter(
        pl.col("versions_n") == 2
    )
    assert found["restated_n"].to_list() == [1]
    assert found["restated_share_max"].item() == pytest.approx(10 / 120)
    assert found["ok_balance"].item() is True


def test_notices(file, tmp_path):
    notices = tmp_path / "notices.csv"
    notices.write_text(
        "firm_id,period_end_on,text\n"
        "own:甲,2022-12-31,营业收入80元\n"
        "own:甲,2023-12-31,营业收入为130元，净利润6元\n",
        "utf8",
    )
    out = tmp_path / "out"
    done = run(file, "--out", out, "--notices", notices)
    assert done.exit_code == 0, done.output
    rows = pl.read_csv(out / "notices.csv").sort("period_end_on", "item")
    assert rows["ok"].to_list() == [True, True, False]
    assert rows["difference_lcy"].to_list() == [0.0, 0.0, 5.0]
    assert pl.read_csv(out / "wording.csv")["wording_change_share"].to_list() == [None]
    assert "公告文字" in (out / "disclosure.html").read_text("utf8")


def test_accruals_without_cash_are_asked_about_once_the_year_after_is_known(tmp_path):
    rng, lines = np.random.default_rng(5), []
    for firm in range(30):
        for year, flow in zip((2021, 2022, 2023), rng.normal(0.0, 5.0, 3), strict=True):
            current = 150.0 if (firm, year) == (0, 2022) else 100.0 - 0.5 * flow
            row = (
                f"own:{firm}",
                f"{year}-12-31",
                "separate",
                12,
                "CNY",
                200,
                current,
                10,
                50,
                flow,
            )
            lines.append(",".join(map(str, row)))
    head = (
        "firm_id,period_end_on,basis,months_n,currency,total_assets_lcy,current_assets_lcy,"
        "cash_lcy,current_liabilities_lcy,operating_cash_flow_lcy"
    )
    path = tmp_path / "flows.csv"
    path.write_text("\n".join((head, *lines)) + "\n", "utf8")
    book = read_book(path, moment=MOMENT)
    found = check_book(book, as_of=date(2024, 12, 31))
    asked = found.findings.filter(pl.col("signal") == "accrual_residual")
    assert asked.select("firm_id", "period_end_on").rows() == [("own:0", date(2022, 12, 31))]
    assert found.rows["accrual_residual_ratio"].count() == 30
    early = check_book(book, as_of=date(2023, 6, 30)).rows
    assert early["accrual_residual_ratio"].count() == 0


def test_wrong_input_is_told(file, tmp_path):
    for argv, words in (
        (("--out", tmp_path), "either FILE or --store"),
        (("--store", tmp_path, "--out", tmp_path), "needs --as-of"),
    ):
        assert words in str(run(*argv).exception)
    bad = tmp_path / "bad.csv"
    bad.write_text("firm_id,revenue_lcy\na,1\n", "utf8")
    with pytest.raises(MissingColumn, match="period_end_on, basis, currency of the table"):
        read_book(bad, moment=MOMENT)


def test_text_of_a_file_is_escaped(file):
    text = file.read_text("utf8").replace("own:甲", "own:<b>甲</b>")
    file.write_text(text, "utf8")
    book = read_book(file, moment=MOMENT)
    assert "<b>甲</b>" not in render_checked(check_book(book, as_of=date(2024, 12, 31)))


def test_korean_accounts_mostly_balance(shared):
    book = read_book(shared / "korea_dart/firm_year_2015_2019.csv.gz", moment=MOMENT)
    found = check_book(book, as_of=date(2020, 12, 31)).rows
    assert found["ok_balance"].mean() > 0.999
    assert found["ok_debt_within"].null_count() == found.height
