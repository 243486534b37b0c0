"""Lists for an authority: totals of the books, the same bytes again, nothing in them runs."""

import csv
import io
import json
from datetime import date
from types import SimpleNamespace

import fastexcel
import pytest
from click.testing import CliRunner
from tests.ledger.conftest import due

from techflow.basics import InvalidInput, TechflowError
from techflow_service.cli import techflow
from techflow_service.filing.collecting import collect_rows
from techflow_service.ledger import Refused
from techflow_service.ledger.replay import Replay
from techflow_service.ledger.verify import prove_pool

YEAR = ["--since", "2026-01-01", "--until", "2026-12-31"]
LOANS = """loan_id,firm_id,bank_id,base_cny,drawn_on,due_on,name
l1,f1,b1,5000000,2026-02-01,2027-02-01,=1+1
l2,f2,b1,1234567.89,2026-03-15,2028-03-15,安徽甲公司
l3,f3,b2,abc,2026-03-15,2028-03-15,x
l4,f4,b2,0.005,2026-03-15,2028-03-15,x
l5,f5,,300,2026-03-15,2028-03-15,x
l6,f6,b2,1,2026-03-15,2028-03-15,x
l6,f6,b2,1,2026-03-15,2028-03-15,x
"""


def run(till, *argv):
    place = ["--database-url", till.url] if argv[1] != "due" else []
    tenant = ["--tenant", till.tenant] if argv[1] != "due" else []
    done = CliRunner(env={"DATABASE_URL": None}).invoke(
        techflow, list(map(str, [*argv, *tenant, *place]))
    )
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def claims(till):
    till.open(fund=100_000, caps={}, notice_days=0)
    for name in ("a", "b", "=c"):
        till.file(name, loan=f"l{len(name)}", until=3)
        till.post("reserve", claim_id=name, state="reviewed", amounts={"fund": 1_001})
    till.post("move", claim_id="a", state="publicised")
    till.post("pay", claim_id="a", state="paid", amounts={"fund": 1_000})
    till.post("recover", claim_id="a", state="recovered", amounts={"fund": 7}, on=date(2027, 1, 5))


def table(path):
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))


def test_claims_of_a_period(till, tmp_path):
    claims(till)
    out = tmp_path / "claims.csv"
    ask = ["pool", "file", "claims", "--pool", till.pool_id, "--format", "csv", "--out", out]
    assert "账簿一致" in run(till, *ask, *YEAR, "--lang", "zh")
    head, *rows, total = table(out)
    paid, held = head.index("拨付金额（元）"), head.index("核定金额（元）")
    assert [row[0] for row in rows] == ["'=c", "a", "b"]
    assert [row[paid] for row in rows] == ["0.00", "10.00", "0.00"]
    assert (total[0], total[held], total[paid]) == ("合计", "30.03", "10.00")
    assert rows[1][head.index("状态")] == "已补偿"
    first = out.read_bytes()
    run(till, *ask, *YEAR, "--lang", "zh")
    assert out.read_bytes() == first
    # The year after has the recovery only.
    run(till, *ask, "--since", "2027-01-01", "--until", "2027-12-31")
    head, row, total = table(out)
    assert (row[0], total[head.index("Recovered (yuan)")]) == ("a", "0.07")


def test_a_list_that_does_not_add_to_the_books_is_not_written(till):
    claims(till)
    with till.books.connection.transaction(force_rollback=True):
        till.sql("ALTER TABLE entry DISABLE TRIGGER entry_is_kept")
        # A payment without its claim: in the books' sums, in no row of the list.
        where = "pool_id = %s AND route = 'pay'"
        till.sql(f"UPDATE entry SET claim_id = NULL WHERE {where}", till.pool_id)
        inside = SimpleNamespace(connection=Calm(till.books.connection), tenant=till.tenant)
        with pytest.raises(TechflowError, match="paid_fen of the list is 0 fen and the books have"):
            collect_rows(inside, "claims", till.pool_id, date(2026, 1, 1), date(2026, 12, 31))


class Calm:
    """The connection of a test that is inside a transaction already."""

    def __init__(self, connection):
        self.inner = connection

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def execute(self, text, values=None):
        return None if "ISOLATION" in str(text) else self.inner.execute(text, values)


def test_from_loans_to_the_books_to_the_lists(till, tmp_path):
    till.open(caps={})
    loans, asked, out = tmp_path / "loans.csv", tmp_path / "asked.jsonl", tmp_path / "list.xlsx"
    loans.write_text(LOANS, "utf8")
    base = [
        loans,
        "--pool",
        till.pool_id,
        *YEAR,
        "--on",
        "2026-06-30",
        "--actor",
        "Li",
        "--out",
        asked,
    ]
    for kind, more, fen in (
        ("fee", ["--scheme", "designed-layers"], 1_372_603 + 296_296),
        ("discount", [], 6_863_014 + 1_481_481),
        ("relending", ["--rate", "60%"], 300_000_000 + 74_074_073),
    ):
        told = json.loads(run(till, "pool", "due", kind, *base, *more, "--json"))
        assert (told["total_fen"], told["requests_n"], told["aside_n"]) == (fen, 2, 5)
        assert told["mark"] == {"fee": "proposal", "discount": "text"}.get(kind, "operator")
        assert run(till, "pool", "post", asked) == run(till, "pool", "post", asked)
    aside = table(asked.with_suffix(".aside.csv"))
    assert [row[1] for row in aside[1:]] == ["l3", "l4", "l5", "l6", "l6"]
    assert till.fen("relending", "b1") == -374_074_073
    columns = tmp_path / "columns.toml"
    columns.write_text('zh="表"\nen="List"\ncolumn=[{from="loan:name",zh="名称",en="Name"},'
                       '{from="amount_fen",zh="金额",en="Amount"}]', "utf8")  # fmt: skip
    ask = ["pool", "file", "discount", "--pool", till.pool_id, *YEAR, "--out", out]
    run(till, *ask, "--columns", columns, "--loans", loans)
    sheet = fastexcel.read_excel(out).load_sheet(0).to_polars()
    assert sheet.rows() == [("=1+1", 68630.14), ("安徽甲公司", 14814.81), ("Total", 83444.95)]
    first = out.read_bytes()
    with pytest.raises(InvalidInput, match="give --loans"):
        run(till, *ask, "--columns", columns)
    run(till, *ask, "--columns", columns, "--loans", loans)
    assert out.read_bytes() == first
    assert till.proof().faults == []


def test_no_day_of_a_loan_is_charged_twice(till):
    till.open(caps={})
    till.post("fee", amounts={"fund": 5}, detail=due(5, "l"))
    with pytest.raises(Refused, match="posted already for days from 2026-12-31") as refused:
        till.post("fee", amounts={"fund": 5}, detail=due(5, "l", "2026-12-31", "2027-12-31"))
    assert refused.value.code == "day"
    till.post("fee", amounts={"fund": 5}, detail=due(5, "l", "2027-01-01", "2027-12-31"))
    till.post("receive", amounts={"fund": 10})
    till.post("withdraw", amounts={"fund": 10})
    assert [till.fen(kind) for kind in ("fees", "due", "available", "capital")] == [-10, 0, 0, 10]
    assert till.proof().faults == []


def test_an_amount_that_does_not_follow_is_no_request(till):
    with pytest.raises(InvalidInput, match="is 5 fen to one party; got"):
        till.request("fee", amounts={"fund": 6}, detail=due(5, "l"))
    with pytest.raises(InvalidInput, match="cannot be read"):
        till.request("fee", amounts={"fund": 5}, detail=due(5, "l", until="soon"))
    with pytest.raises(InvalidInput, match="in order"):
        till.request("fee", amounts={"fund": 5}, detail=due(5, "l", until="2026-01-01"))


def test_a_charge_that_is_forgotten_is_found(till):
    till.open(caps={})
    till.post("fee", amounts={"fund": 5}, detail=due(5, "l"))
    with till.books.connection.transaction(force_rollback=True):
        till.sql("DELETE FROM charged WHERE pool_id = %s", till.pool_id)
        assert [
            fault.code for fault in prove_pool(till.books.connection, Replay(till.pool_id)).faults
        ] == ["balance_differs"]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (["--until", "2025-01-01"], "must not end before"),
        (["--pool", "none"], "there is no pool none"),
        (["--columns", "absent.toml"], "is no file of columns"),
        (["--since", "May"], "--since must be a day"),
    ],
)
def test_wrong_words(till, tmp_path, change, text):
    till.open(caps={})
    ask = ["pool", "file", "claims", "--pool", till.pool_id, *YEAR, "--out", tmp_path / "x"]
    with pytest.raises(InvalidInput, match=text):
        run(till, *ask, *change)


def test_a_column_that_is_not_there_is_named(till, tmp_path):
    till.open(caps={})
    columns = tmp_path / "columns.toml"
    columns.write_text('zh="表"\nen="List"\ncolumn=[{from="profit",zh="利润",en="Profit"}]', "utf8")
    ask = ["pool", "file", "claims", "--pool", till.pool_id, *YEAR, "--out", tmp_path / "x"]
    with pytest.raises(InvalidInput, match="got profit"):
        run(till, *ask, "--columns", columns)
    loans = tmp_path / "loans.csv"
    loans.write_text(LOANS.replace("base_cny", "sum"), "utf8")
    ask = ["pool", "due", "discount", loans, "--pool", "p", *YEAR, "--on", "2026-06-30"]
    with pytest.raises(InvalidInput, match="lacks base_cny"):
        run(till, *ask, "--actor", "Li", "--out", tmp_path / "y")
