"""The main job on five firms: verdicts, numbers worked by hand, files, replays, failures."""

import json
import resource
import subprocess
import sys
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from tests.service.small_book import (
    AS_OF,
    EXPERT,
    KOREAN,
    LENT,
    LOADED,
    TRADER,
    UNKNOWN,
    at,
    firm,
    job_on,
    loan,
    make_book,
    months,
    read_firms,
    rows,
    statement,
)

from techflow.basics import InvalidInput, NotInForce
from techflow.schema import DERIVED, TABLES
from techflow_service.assessing import assess_store
from techflow_service.assessing.running import open_judge
from techflow_service.assessing.staging import staged_folder
from techflow_service.report.folder import Folder
from techflow_service.report.writing import gather_firms, list_firms
from techflow_service.store import Store


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    folder = tmp_path_factory.mktemp("book")
    store = make_book(folder / "store")
    record = assess_store(job_on(store, folder / "out"))
    return store, folder / "out", record


@pytest.fixture(scope="module")
def firms(book):
    return read_firms(book[1])


def test_every_firm_gets_the_verdict_its_evidence_allows(firms):
    assert {
        name: (row["verdict"], row["pd_basis"], row["card_id"]) for name, row in firms.items()
    } == {
        KOREAN: ("graded", "prediction", "korea-distress"),
        TRADER: ("graded", "classification", "cn-sme-default"),
        LENT: ("graded", "classification", "cn-sme-default"),
        EXPERT: ("expert", "low_default", "techflow-expert"),
        UNKNOWN: ("insufficient", None, None),
    }


def test_need_by_turnover_worked_by_hand(firms):
    """7.2m x (1 - 0.1) x 1 / 4 = 1.62m (days: 90 + 60 - 60; growth: invoices of a year, flat)."""
    row = firms[LENT]
    assert (row["need_basis"], row["currency"]) == ("turnover", "CNY")
    assert row["need_lcy"] == pytest.approx(1.62e6, rel=1e-9)
    assert row["debt_outstanding_lcy"] == 0.0
    share = {True: 1.0, row["pd"] > 0.02: 0.8, row["pd"] > 0.05: 0.5, row["pd"] > 0.1: 0.25}[True]
    room = (1.62e6 - 1e6) * (0.0 if row["pd"] > 0.2 else share)
    assert 0 <= room - row["limit_lcy"] < 1e4
    assert row["limit_lcy"] % 1e4 == 0


def test_need_by_share_of_sales_worked_by_hand(firms):
    """10 % of twelve months at 1m, less the loan of 200,000 still out."""
    row = firms[TRADER]
    assert (row["need_basis"], row["need_lcy"]) == ("sales_share", pytest.approx(1.2e6))
    assert row["debt_outstanding_lcy"] == 2e5


def test_expert_pd_is_the_closed_form_without_defaults(firms, book):
    """One loan of such a firm watched a year, not defaulted: 1 - (1 - 0.75)^(1/1) = 0.75."""
    low = book[2]["low_default"]
    assert (low["loans_n"], low["defaults_n"]) == (1, 0)
    assert firms[EXPERT]["pd"] == pytest.approx(0.75, abs=1e-12)
    assert firms[EXPERT]["grade"].startswith("X")
    assert firms[EXPERT]["limit_reason_code"] == "sales_unknown"
    assert "专家评分" in firms[EXPERT]["reason_1_zh"]


def test_insufficient_says_what_to_ask_for_and_borrows_no_number(firms):
    row = firms[UNKNOWN]
    numbers = [column.name for column in DERIVED["assessment"].columns if column.kind == "float"]
    assert [name for name in numbers if row[name] is not None] == []
    assert row["missing"].split(";")[:2] == ["invoices", "statements"]
    assert "发票" in row["missing_zh"] and "invoices" in row["missing_en"]


def test_rates_are_the_sum_of_their_parts_and_match_the_formula(firms):
    """Terms in force in 2020: lgd 0.45, f 0.025, c 0.012, hurdle 0.13, capital 0.105."""
    weights = {KOREAN: 1.0, TRADER: 0.75, LENT: 0.75, EXPERT: 1.0}
    for firm_id, weight in weights.items():
        row = firms[firm_id]
        carried = 0.025 + 0.012 + weight * 0.105 * (0.13 - 0.025)
        expected = (row["pd"] * 0.45 + carried) / (1 - row["pd"])
        parts = [row[f"{name}_rate_pa"] for name in ("el", "funding", "cost", "capital")]
        assert row["risk_weight_ratio"] == weight
        assert row["rate_pa"] == pytest.approx(expected, rel=1e-12)
        assert abs(sum(parts) - row["rate_pa"]) < 1e-12


def test_parts_and_features_are_kept_for_every_firm(book):
    profile = pl.read_parquet(book[1] / "profile.parquet")
    assert profile["firm_id"].to_list() == sorted([KOREAN, TRADER, LENT, EXPERT, UNKNOWN])
    korean = profile.row(by_predicate=pl.col("firm_id") == KOREAN, named=True)
    assert korean["part_leverage_ratio"] is not None
    assert korean["part_sales_12m_lcy"] is None
    assert set(DERIVED["profile"].names) <= set(profile.columns)


def test_all_files_are_there_and_the_record_fits_them(book):
    _, out, record = book
    names = {path.name for path in out.iterdir()}
    assert names == {
        "assessment.parquet",
        "assessment.csv",
        "assessment.xlsx",
        "profile.parquet",
        "series.parquet",
        "statements.parquet",
        "patents.parquet",
        "facts.parquet",
        "qualification.parquet",
        "gaps.parquet",
        "plan.parquet",
        "technology.parquet",
        "patent_value.parquet",
        "evidence.json",
        "run.json",
        "report.html",
    }
    stored = json.loads((out / "run.json").read_text("utf8"))
    assert stored == json.loads(json.dumps(record, default=str))
    assert stored["counts"]["verdicts"] == {"expert": 1, "graded": 3, "insufficient": 1}
    assert stored["loaded_by"] == str(LOADED)
    marks = {term["status"] for term in stored["terms"]}
    assert marks == {"text", "unverified", "proposal"}
    assert set(stored["content"]) >= {"models/korea_distress", "products/working_capital"}
    freshness = {item["table"]: item["rows_n"] for item in stored["tables"]}
    assert freshness["invoice_month"] == 48


def test_spreadsheets_never_run_a_name_as_a_formula(book):
    text = (book[1] / "assessment.csv").read_text("utf-8-sig")
    assert "'=HYPERLINK(1)" in text
    cells = pl.read_excel(book[1] / "assessment.xlsx", infer_schema_length=None)
    by_id = {row[0]: row for row in cells.iter_rows()}
    assert by_id[KOREAN][1] == "=HYPERLINK(1)"  # text, not a formula: it comes back as written
    assert by_id[TRADER][1] == "贸易"


def test_spreadsheet_holds_the_numbers_of_the_table(book):
    table = pl.read_parquet(book[1] / "assessment.parquet")
    cells = pl.read_excel(book[1] / "assessment.xlsx", infer_schema_length=None)
    assert cells.shape == table.shape
    for name in ("pd", "limit_lcy", "rate_pa"):
        heading = next(head for head in cells.columns if head.endswith(f"\n{name}"))
        assert cells[heading].cast(pl.Float64).to_list() == table[name].to_list()
    heading = next(head for head in cells.columns if head.endswith("\nevidence_on"))
    assert cells[heading].to_list() == table["evidence_on"].to_list()


def test_later_knowledge_and_later_loading_change_no_earlier_assessment(tmp_path):
    store = make_book(tmp_path / "store")
    assess_store(job_on(store, tmp_path / "before"))
    later = {"known_at": at(2020, 7, 1)}
    with store.transaction(LOADED + timedelta(days=1)) as transaction:
        transaction.add("firm", rows("firm", firm("cumcm:E9", **later)))
        transaction.add("statement", rows("statement", statement(LENT, revenue_lcy=1.0, **later)))
        transaction.add("loan", rows("loan", loan("L1", TRADER, defaulted_on=AS_OF, **later)))
    assess_store(job_on(store, tmp_path / "after"))
    with store.transaction(LOADED + timedelta(days=2)) as transaction:
        corrected = [row | {"sales_lcy": 9e6} for row in months(TRADER, 24, 1e6)]
        transaction.add("invoice_month", rows("invoice_month", *corrected, source="s2"))
    assess_store(job_on(store, tmp_path / "moved"))
    assess_store(job_on(store, tmp_path / "replayed", loaded_by=LOADED))
    first, after, moved, replayed = (
        (tmp_path / name / "assessment.parquet").read_bytes()
        for name in ("before", "after", "moved", "replayed")
    )
    assert first == after == replayed
    assert first != moved


def test_a_firms_numbers_do_not_depend_on_its_neighbours(tmp_path):
    """Sums of many terms of mixed size: their last digits show any change of order."""
    chance, firms_n, n = np.random.default_rng(7), 40, 40_000
    numbers = chance.integers(1, firms_n + 1, n)
    drawn = pl.DataFrame({"firm": numbers, "partner": chance.integers(0, 30, n)})
    invoices = drawn.select(
        firm_id=pl.lit("cumcm:E") + pl.col("firm").cast(pl.String),
        direction=pl.Series(chance.choice(["sale", "purchase"], n)),
        invoice_number=pl.int_range(n).cast(pl.String),
        line_n=pl.lit(1),
        issued_on=pl.lit(date(2018, 1, 1))
        + pl.duration(days=pl.Series(chance.integers(0, 900, n))),
        partner_id=pl.col("partner").cast(pl.String),
        currency=pl.lit("CNY"),
        net_lcy=pl.Series(chance.lognormal(8, 3, n).round(2)),
        status=pl.lit("valid"),
        source_id=pl.lit("s"),
        source_row_n=pl.int_range(n) + 1,
        known_at=pl.lit(at(2020, 1, 1)),
    )
    empty = [
        name for name in TABLES["invoice"].names if name not in (*invoices.columns, "loaded_at")
    ]
    store = Store.open(tmp_path / "store", create=True)
    with store.transaction(LOADED) as transaction:
        names = [f"cumcm:E{i}" for i in range(1, firms_n + 1)]
        transaction.add("firm", rows("firm", *(firm(name) for name in names)))
        transaction.add(
            "invoice", invoices.with_columns(pl.lit(None).alias(name) for name in empty)
        )
    (tmp_path / "staged").mkdir()
    judge = open_judge(job_on(store, tmp_path / "out"), tmp_path / "staged")
    ids = judge.reading.firm_ids()
    whole = judge.judge(ids, whole_range=True, drawn=False)
    for some in (ids, ids.gather_every(3), ids.slice(5, 1)):
        alone = judge.judge(some, whole_range=False, drawn=False)
        for name, frame in alone.items():
            assert frame.equals(whole[name].filter(pl.col("firm_id").is_in(some.implode()))), name


def test_a_loan_that_changed_hands_counts_once(tmp_path):
    store = make_book(tmp_path / "store")
    with store.transaction(LOADED + timedelta(days=1)) as transaction:
        moved = loan("L3", LENT, outstanding_lcy=2e5, drawn_on=date(2020, 1, 1))
        transaction.add("loan", rows("loan", moved, source="s2"))
    assess_store(job_on(store, tmp_path / "out"))
    firms = read_firms(tmp_path / "out")
    assert firms[TRADER]["debt_outstanding_lcy"] is None
    assert firms[LENT]["debt_outstanding_lcy"] == 2e5


def test_ranges_of_one_firm_give_the_same_table(tmp_path, book, monkeypatch):
    monkeypatch.setattr("techflow_service.assessing.reading.FIRMS_MAX", 1)
    assess_store(job_on(book[0], tmp_path / "out"))
    for name in ("assessment", "profile", "series", "statements", "patents", "gaps"):
        whole, split = (
            pl.read_parquet(path / f"{name}.parquet") for path in (book[1], tmp_path / "out")
        )
        assert whole.equals(split), name


def test_before_any_evidence_or_any_parameter_the_error_says_so(tmp_path, book):
    with pytest.raises(InvalidInput, match="first became known on 2018-01-01"):
        assess_store(job_on(book[0], tmp_path / "out", as_of=date(2017, 12, 31)))
    with pytest.raises(NotInForce, match="2012-01-01"):
        assess_store(job_on(book[0], tmp_path / "out", as_of=date(2012, 1, 1)))
    with pytest.raises(InvalidInput, match="techflow import"):
        empty = Store.open(tmp_path / "empty", create=True)
        assess_store(job_on(empty, tmp_path / "out"))


def test_a_failure_leaves_the_old_outputs(tmp_path):
    (tmp_path / "run.json").write_text("old", "utf8")
    with pytest.raises(RuntimeError), staged_folder(tmp_path) as staged:
        (staged / "run.json").write_text("new", "utf8")
        raise RuntimeError
    assert {path.name: path.read_text("utf8") for path in tmp_path.iterdir()} == {"run.json": "old"}


def run_cli(*arguments, limit=None):
    def set_limit():
        if limit:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.run(
        [
            sys.executable,
            "-c",
            "from techflow_service.cli import main; main()",
            *map(str, arguments),
        ],
        capture_output=True,
        text=True,
        preexec_fn=set_limit,
    )


def test_a_full_disk_is_one_line_and_keeps_the_old_outputs(tmp_path, book):
    out = tmp_path / "out"
    out.mkdir()
    (out / "run.json").write_text("old", "utf8")
    store = book[0].path
    done = run_cli("assess", "--store", store, "--as-of", AS_OF, "--out", out, limit=4096)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1
    assert "ulimit" in done.stderr and "as they were" in done.stderr
    assert {path.name: path.read_text("utf8") for path in out.iterdir()} == {"run.json": "old"}


def test_the_summary_can_be_pasted(tmp_path, book):
    done = run_cli("assess", "--store", book[0].path, "--as-of", AS_OF, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "5 firms assessed as of 2020-06-30"
    assert str(tmp_path / "out" / "report.html") in done.stdout


def test_wrong_input_gets_one_clear_line(tmp_path, book, monkeypatch, capsys):
    from techflow_service.cli import main

    store, a_file = book[0].path, tmp_path / "file"
    a_file.write_text("x", "utf8")
    for arguments, words in (
        (("--as-of", "31.12.2020", "--out", tmp_path / "o"), "such as 2024-06-30"),
        (("--as-of", "2999-01-01", "--out", tmp_path / "o"), "lies ahead"),
        (("--as-of", "2020-06-30", "--out", a_file), "is a file"),
        (("--as-of", "2020-06-30", "--out", tmp_path / "o", "--loaded-by", "soon"), "moment"),
    ):
        monkeypatch.setattr(
            sys, "argv", ["techflow", "assess", "--store", str(store), *map(str, arguments)]
        )
        with pytest.raises(SystemExit) as stopped:
            main()
        told = capsys.readouterr().err
        assert stopped.value.code == 2
        assert words in told and told.count("\n") == 1, told


def test_the_page_carries_the_answers_of_its_firms(book):
    folder = Folder.open(book[1])
    details = gather_firms(folder, list_firms(folder))["qualification"]
    stored = pl.read_parquet(book[1] / "qualification.parquet").sort("firm_id", "policy_id")
    shown = pl.DataFrame({name: spread(column) for name, column in details.items()})
    assert shown.sort("firm_id", "policy_id").equals(stored.select(shown.columns))


def spread(column):
    """A column of the page as plain values."""
    if isinstance(column, list):
        return column
    return [None if at is None else column["of"][at] for at in column["at"]]
