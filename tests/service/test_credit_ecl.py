"""`techflow credit ecl`: one row out per row in, figures by hand, clear errors."""

import json

import polars as pl
import pytest
from click.testing import CliRunner

from techflow.basics import InvalidInput
from techflow_service.cli import techflow
from techflow_service.ecl import measure_loans, read_matrix, read_scenarios, summarise_book
from techflow_service.scoring import read_rows

HEAD = "loan_id,book,debtor_id,days_overdue,in_default,pd,pd_at_origination,lgd,"
HEAD += "exposure_cny,rate_pa,maturity_years,repayment\n"
LOANS = """007,tech,a,0,no,0.02,0.02,0.45,1000000,0.05,1,bullet
008,tech,a,45,否,0.02,0.02,0.45,1000000,0.05,2,bullet
009,tech,b,0,是,0.5,0.02,0.45,1000000,0.05,2,bullet
010,other,b,0,no,0.02,0.02,0.45,3000000,0.05,2,bullet
011,other,c,soon,maybe,0.02,0.02,0.45,1000000,0.05,2,bullet
"""
MATRIX = "a,b,d\n0.9,0.09,0.01\n0.1,0.8,0.1\n0,0,1\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "loans.csv"
    path.write_text(HEAD + LOANS, "utf8")
    return path


def test_command_end_to_end(file, tmp_path):
    out = tmp_path / "out.parquet"
    arguments = ["credit", "ecl", str(file), "--out", str(out), "--debtor", "debtor_id"]
    run = CliRunner().invoke(techflow, [*arguments, "--by", "book", "--json"])
    assert run.exit_code == 0, run.output
    told, found = json.loads(run.stdout), pl.read_parquet(out)
    assert found["loan_id"].to_list() == ["007", "008", "009", "010", "011"]
    assert found["stage"].to_list() == [1, 2, 3, 1, None]
    year = 1e6 * 0.45 * 0.02 * 1.05**-0.5
    expected = [year, year * (1 + 0.98 / 1.05), 450_000, 3 * year, None]
    assert found["ecl_cny"].to_list() == [x and pytest.approx(x) for x in expected]
    # Debtor b: 1 of 4 million impaired, so the sound loan is non-performing too.
    assert found["class_zh"].to_list() == ["正常", "关注", "次级", "次级", None]
    assert found["class_reason"].to_list()[3:] == ["debtor_10", "days_overdue_unknown"]
    assert told["rows_n"] == 5 and told["measured_n"] == 4 and told["assumed"] == []
    assert told["unmeasured"] == {"stage_unknown": 1}
    assert sum(row["ecl_cny"] for row in told["book"]) == pytest.approx(told["ecl_cny"])
    plain = CliRunner().invoke(techflow, arguments)
    assert plain.exit_code == 0 and "5 loans, 4 measured" in plain.output


def test_migration_and_scenarios_from_files(file, tmp_path):
    matrix, states = tmp_path / "m.csv", tmp_path / "s.csv"
    matrix.write_text(MATRIX)
    states.write_text("name,weight,log_odds_shift,lgd_factor\nbase,0.75,0,1\nbad,0.25,0,2\n")
    rows = read_rows(file)
    found = measure_loans(rows, matrix=read_matrix(matrix), scenarios=read_scenarios(states))
    # PD 0.02 starts 8/9 in a, 1/9 in b; after two years 0.01 + 0.9 * 0.01 + 0.09 * 0.1 = 0.028
    # and 0.1 + 0.1 * 0.01 + 0.8 * 0.1 = 0.181; LGD is 0.75 * 0.45 + 0.25 * 0.9.
    second = 8 / 9 * 0.028 + 1 / 9 * 0.181 - 0.02
    lgd = 0.75 * 0.45 + 0.25 * 0.9
    expected = 1e6 * lgd * (0.02 * 1.05**-0.5 + second * 1.05**-1.5)
    assert found["ecl_cny"][1] == pytest.approx(expected)


def test_what_the_file_does_not_tell_is_said(file, tmp_path):
    bare = read_rows(file).drop("in_default", "pd_at_origination", "repayment")
    path, out = tmp_path / "bare.parquet", tmp_path / "out.csv"
    bare.write_parquet(path)
    run = CliRunner().invoke(techflow, ["credit", "ecl", str(path), "--out", str(out), "--json"])
    assert run.exit_code == 0 and len(json.loads(run.stdout)["assumed"]) == 3
    assert pl.read_csv(out)["stage_reason"].to_list()[0] == "overdue_only"


def test_no_loan_is_no_crash(file):
    found = measure_loans(read_rows(file).head(0))
    assert found.height == 0 and summarise_book(found).height == 0


def test_callers_mistakes_are_told(file, tmp_path):
    rows = read_rows(file)
    with pytest.raises(InvalidInput, match="needs the column lgd"):
        measure_loans(rows.drop("lgd"))
    with pytest.raises(InvalidInput, match="rename stage"):
        measure_loans(rows.with_columns(stage=pl.lit(1)))
    with pytest.raises(InvalidInput, match="no column region"):
        summarise_book(measure_loans(rows), by=["region"])
    path = tmp_path / "m.csv"
    path.write_text("a,d\n0.9,x\n0,1\n")
    with pytest.raises(InvalidInput, match="some without a number"):
        read_matrix(path)
    with pytest.raises(InvalidInput, match="needs the column name"):
        read_scenarios(path)


def test_undrawn_limits_and_prepayment(tmp_path):
    path, out = tmp_path / "limits.csv", tmp_path / "out.csv"
    loan = "0,no,0.02,0.02,0.45,1000000,0.05,1,bullet"
    limits = ["200000,0.5", "200000,", "0,", "many,0.5"]
    lines = [f"{n},tech,a,{loan},{limit}\n" for n, limit in enumerate(limits)]
    head = HEAD.strip() + ",undrawn_cny,conversion_factor\n"
    path.write_text(head + "".join(lines), "utf8")
    argv = ["credit", "ecl", str(path), "--out", str(out)]
    # One year, default in its middle: PD x LGD x EAD / 1.05^(1/2), EAD with the part drawn.
    one = 0.02 * 0.45 * 1e6 / 1.05**0.5
    assert CliRunner().invoke(techflow, argv).exit_code == 0
    found = pl.read_csv(out)
    assert found["ecl_cny"].to_list() == pytest.approx([1.1 * one, None, one, None])
    assert found["loss_reason"].to_list() == [
        None,
        "conversion_factor_unknown",
        None,
        "undrawn_cny_unknown",
    ]
    more = [*argv, "--conversion-factor", "1", "--prepayment-rate-pa", "0.19"]
    assert CliRunner().invoke(techflow, more).exit_code == 0
    found = pl.read_csv(out)["ecl_cny"].to_list()
    assert found == pytest.approx([0.9 * 1.1 * one, 0.9 * 1.2 * one, 0.9 * one, None])
