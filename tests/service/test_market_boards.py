"""`techflow market boards` on a small file with documents, and on wrong input."""

import json

import polars as pl
import pytest
from click.testing import CliRunner

from techflow.basics import InvalidInput, MissingColumn, NotInForce
from techflow_service.cli import techflow

FIRMS = """firm_id,net_profit_y0_cny,net_profit_y1_cny,employees_n,rnd_staff_n,import_substitution
甲,60000000,40000000,100,10,是
乙,59999999.99,40000000.01,many,,
"""
EVIDENCE = """firm_id,fact,value,source,known_on
甲,rnd_staff_n,,roster,2026-01-01
甲,employees_n,90,social insurance,2026-01-01
甲,leading_core_technology,是,letter,2026-07-01
甲,no_such_fact,1,letter,2026-01-01
丙,employees_n,1,letter,2026-01-01
乙,employees_n,1,,2026-01-01
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "firms.csv").write_text(FIRMS, "utf8")
    (tmp_path / "evidence.csv").write_text(EVIDENCE, "utf8")
    return tmp_path


def run(folder, *more):
    arguments = ["market", "boards", str(folder / "firms.csv"), "--out", str(folder / "out")]
    return CliRunner().invoke(techflow, [*arguments, *more], catch_exceptions=False)


def test_boards_and_evidence_of_a_file(folder):
    done = run(folder, "--on", "2026-06-30", "--evidence", str(folder / "evidence.csv"), "--json")
    told = json.loads(done.output)
    rows = pl.read_csv(folder / "out" / "boards.csv")
    chinext = dict(rows.filter(board="chinext").select("firm_id", "answer").iter_rows())
    # 60m and 100m meet the first ChiNext standard; a fen less in the last year leaves it to the
    # market value, which nobody states.
    assert chinext == {"甲": "yes", "乙": "unknown"}
    assert "expected_market_value_cny" in rows.filter(board="chinext", firm_id="乙")["missing"][0]
    assert told["unreadable"] == {"employees_n": 1}
    refused = pl.read_csv(folder / "out" / "refused.csv")["reason_en"].to_list()
    assert refused == [
        "not yet known on that day",
        "there is no such fact",
        "firm_id is not among FIRMS",
        "source is empty",
    ]
    known = pl.read_csv(folder / "out" / "technology.csv").filter(firm_id="甲")
    staff = known.row(by_predicate=pl.col("indicator") == "rnd_staff_share", named=True)
    assert (staff["value"], staff["in_conflict"]) == (None, "employees_n"), "100 against 90"
    swap = known.row(by_predicate=pl.col("indicator") == "import_substitution", named=True)
    assert (swap["value"], swap["without_document"]) == (1.0, "import_substitution")
    page = (folder / "out" / "boards.html").read_text("utf8")
    assert "不同来源不一致" in page
    assert "What this page cannot know" in page
    assert "未核实 0.9" in page


def test_wrong_input_is_said(folder):
    with pytest.raises(NotInForce, match="no policy of any board is in force on 1999-01-01"):
        run(folder, "--on", "1999-01-01")
    with pytest.raises(InvalidInput, match="--on must be a day"):
        run(folder, "--on", "soon")
    (folder / "rights.csv").write_text("firm_id,right\n甲,owned\n", "utf8")
    with pytest.raises(MissingColumn, match="patent_id, is_core not there"):
        run(folder, "--on", "2026-06-30", "--rights", str(folder / "rights.csv"))
    (folder / "firms.csv").write_text("firm_id,x\n1,2\n", "utf8")
    with pytest.raises(InvalidInput, match="holds none of the"):
        run(folder, "--on", "2026-06-30")
