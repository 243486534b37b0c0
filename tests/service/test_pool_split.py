"""`techflow pool split`: a small book by hand, its tables, its quarantine, both splitters."""

import json
from datetime import date

import polars as pl
import pytest
from click.testing import CliRunner

from techflow.basics import InvalidInput, MissingColumn
from techflow.flow.pooling import split_book
from techflow.flow.schemes import settle_on
from techflow.pool import PROBLEMS, split_stream_plain
from techflow_service.cli import techflow
from techflow_service.policies import load_laws
from techflow_service.schemes import load_schemes
from techflow_service.splitting import running
from techflow_service.splitting.wording import PROBLEM_WORDS

HEAD = (
    "loan_id,bank_id,loan_cny,loan_security,on_key_support_list,monetary_tool_support,"
    "filed_on,loss_cny,claimed_on,recovered_cny,recovered_on\n"
)
# Bank A files 100 m in 2026 (a mortgage is outside), so its line is 3 m of losses in 2026.
BOOK = """\
A1,A,4000000,credit,yes,yes,2026-01-05,1000000,2026-06-01,300000.01,2026-12-01
A2,A,20000000,credit,no,no,2026-01-06,2000000,2026-07-01,,
A3,A,20000000,credit,no,no,2026-01-07,0.05,2026-08-01,,
A4,A,28000000,credit,no,no,2026-01-08,,,,
A5,A,28000000,credit,no,no,2026-01-09,,,,
A6,A,10000000,mortgage,no,no,2026-01-10,,,,
B1,B,4000000,mortgage,no,no,2026-02-01,100.01,2026-09-01,,
B2,B,4000000,ip_pledge,no,no,2026-02-01,33.33,2026-09-01,,
B3,B,4000000,ip_pledge,no,maybe,2026-02-01,33.33,2026-09-01,,
B4,B,4000000,ip_pledge,no,no,2026-02-01,4000000.01,2026-09-01,,
"""


def run(*args):
    return CliRunner().invoke(techflow, ["pool", "split", *map(str, args)])


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "loans.csv"
    path.write_text(HEAD + BOOK, "utf8")
    return path


def paid(out):
    rows = pl.read_parquet(out / "payments.parquet").iter_rows(named=True)
    return {(row["loan_id"], row["kind"], row["party"]): row["paid_fen"] for row in rows}


def test_a_book_by_hand(book, tmp_path):
    out = tmp_path / "out"
    found = run("guangzhou-bank", book, "--on", "2026-01-01", "--out", out)
    assert found.exit_code == 0, found.exception
    assert paid(out) == {
        ("A1", "claim", "pool"): 50_000_000,  # 40 + 15 + 5, at most 50 %
        ("A1", "claim", "bank"): 50_000_000,
        ("A1", "recovery", "pool"): 15_000_001,  # a fen too many for halves: to the earlier layer
        ("A1", "recovery", "bank"): 15_000_000,
        ("A2", "claim", "pool"): 40_000_000,  # 20 %; losses of 3 m are exactly at the line
        ("A2", "claim", "bank"): 160_000_000,
        ("A3", "claim", "pool"): 0,  # above it; its fifth would be a fen
        ("A3", "claim", "bank"): 5,
        ("B1", "claim", "bank"): 10_001,  # a mortgage is outside the scheme
        ("B2", "claim", "pool"): 1_667,  # 40 + 15, at most 50 %: 1,666.5 each
        ("B2", "claim", "bank"): 1_666,
    }
    summary = json.loads((out / "summary.json").read_text("utf8"))
    assert summary["aside"] == {"fact_unknown": 1, "loss_above_loan": 1}
    assert summary["unreadable"] == {"monetary_tool_support": 1}
    assert (summary["loans_n"], summary["in_scope_n"], summary["off_by_a_fen_n"]) == (8, 6, 0)
    assert summary["net_fen"]["pool"] == 50_000_000 - 15_000_001 + 40_000_000 + 1_667
    assert len(summary["scheme_hash"]) == 64 and summary["on"] == "2026-01-01"
    (bound,) = pl.read_csv(out / "bounds.csv").iter_rows(named=True)
    assert (bound["party"], bound["key"], bound["year"]) == ("pool", "A", 2026)
    assert (bound["line_fen"], bound["first_on"]) == (300_000_000, "2026-08-01")
    aside = pl.read_csv(out / "quarantine.csv")
    assert aside["loan_id"].sort().to_list() == ["B3", "B4"]
    assert set(aside["zh"]) == {PROBLEM_WORDS[code][0] for code in summary["aside"]}


def test_sums_of_the_tables_agree(book, tmp_path):
    out = tmp_path / "out"
    run("guangzhou-bank", book, "--on", "2026-01-01", "--out", out)
    payments = pl.read_parquet(out / "payments.parquet")
    summary = json.loads((out / "summary.json").read_text("utf8"))
    claims = payments.filter(pl.col("kind") == "claim")["paid_fen"].sum()
    assert claims == summary["loss_fen"] == 300_000_005 + 10_001 + 3_333
    by_party = pl.read_csv(out / "by_party.csv")
    assert by_party["paid_fen"].sum() == claims
    assert by_party["recovered_fen"].sum() == summary["recovered_fen"] == 30_000_001
    assert by_party.filter(pl.col("party") == "pool")["paid_cny"].to_list() == [900_016.67]


def test_words_in_both_languages(book, tmp_path):
    english = run("guangzhou-bank", book, "--on", "2026-01-01", "--out", tmp_path / "en").output
    assert "City compensation pool bears, net 750,016.66 cny" in english
    assert "circuit breaker (per bank) A 2026: 1 claims, from 2026-08-01" in english
    chinese = run(
        "guangzhou-bank", book, "--on", "2026-01-01", "--out", tmp_path / "zh", "--lang", "zh"
    ).output
    assert "市级风险补偿资金 净承担 750,016.66 cny" in chinese
    assert "熔断（单家银行） A 2026" in chinese and "损失大于贷款金额: 1" in chinese


def test_the_kernel_and_plain_python_split_a_book_alike(tmp_path):
    """Every scheme of our own design's words: caps by firm and bank, purse, two breakers."""
    n = 400
    loans = pl.DataFrame(
        {
            "loan_id": [f"{i:04d}" for i in range(n)],
            "firm_id": [f"f{i % 150}" for i in range(n)],
            "bank_id": [f"b{i % 3}" for i in range(n)],
            "loan_cny": [1e6 + 7_919.13 * (i % 97) for i in range(n)],
            "first_loan": [i % 4 == 0 for i in range(n)],
            "filed_on": [date(2025 + i % 2, 1 + i % 12, 1) for i in range(n)],
            "loss_cny": [
                round(3e5 + 1_234.57 * (i % 31), 2) if i % 9 == 0 else None for i in range(n)
            ],
            "claimed_on": [date(2027, 1 + i % 12, 1 + i % 28) for i in range(n)],
            "recovered_cny": [1e5 if i % 18 == 0 else None for i in range(n)],
            "recovered_on": [date(2028, 1 + i % 12, 1) for i in range(n)],
        }
    )
    scheme = settle_on(load_schemes()["designed-layers"], load_laws(), on=date(2026, 1, 1))
    path = tmp_path / "loans.parquet"
    loans.write_parquet(path)
    prepared = running.prepare_file(path, scheme)
    _, columns = running._columns(prepared.good, scheme)
    fast = split_book(columns, scheme, split=running.find_splitter())
    plain = split_book(columns, scheme, split=split_stream_plain)
    assert running.find_splitter() is not split_stream_plain
    for own, other in zip(fast.flows, plain.flows, strict=True):
        assert (own == other).all()
    assert fast.flows.cause.any() and fast.flows.paid_fen.any()


def test_wrong_input_is_told(book, tmp_path):
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "x").write_text("x")
    found = run("guangzhou-bank", book, "--on", "2026-01-01", "--out", taken)
    assert isinstance(found.exception, InvalidInput) and "new or empty" in str(found.exception)
    found = run("zhuhai", book, "--on", "2026-01-01", "--out", tmp_path / "o")
    assert isinstance(found.exception, MissingColumn)
    assert "lacks credit_part_cny (money), first_loan (flag)" in str(found.exception)
    assert not (tmp_path / "o").exists()
    odd = tmp_path / "odd.parquet"
    lists = pl.read_csv(book).with_columns(filed_on=pl.lit([1]).implode())
    lists.write_parquet(odd)
    found = run("guangzhou-bank", odd, "--on", "2026-01-01", "--out", tmp_path / "o")
    assert "column filed_on must hold a date; it holds List" in str(found.exception)
    found = run("zhuhai", tmp_path / "none.csv", "--on", "2026-01-01", "--out", tmp_path / "o")
    assert "give a .parquet or .csv file of loans that is there" in str(found.exception)


def test_a_book_without_claims(tmp_path):
    path, out = tmp_path / "loans.csv", tmp_path / "out"
    path.write_text(HEAD + "A4,A,28000000,credit,no,no,2026-01-08,,,,\n", "utf8")
    found = run("guangzhou-bank", path, "--on", "2026-01-01", "--out", out, "--json")
    assert json.loads(found.output)["claims_n"] == 0
    assert pl.read_parquet(out / "payments.parquet").height == 0


def test_every_problem_has_words():
    assert set(PROBLEM_WORDS) == set(PROBLEMS)
